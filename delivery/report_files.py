"""What stands on the managers' page as files to count on with. Only what the page shows is in them."""

from collections.abc import Sequence

from delivery import sentences
from delivery.spreadsheets import Table, Value, as_csv, as_xlsx
from models.digest import Account, Cell, Figures
from models.rating import Rating
from models.texts import Texts
from survey.periods import Span
from survey.results import Compared, Results
from survey.wording import Phrases, percent


def report_csv(results: Results, tables: Results, scope: Sequence[str], account: Account | None, texts: Texts) -> bytes:
    """Questions and groups in one table. `tables`: the results whose group tables are shown, if not of the same period.

    `scope`: the units that the reader's figures are of (none: all).
    """
    say = Phrases(texts)
    heading, *rows = _questions(results, scope, say)
    table: Table = [[say("file.dimension"), say("file.group"), *heading, _note_title(say)]]
    table += [["", "", *row, None] for row in rows]
    table += _groups(results, tables, scope, say)[1:]
    return as_csv(table)


def report_xlsx(
    results: Results, tables: Results, scope: Sequence[str], account: Account | None, texts: Texts, organisation: str
) -> bytes:
    """The same with a sheet each, and the trend and (where there is one) the response account."""
    say = Phrases(texts)
    sheets = [
        (say("file.sheet_questions"), _questions(results, scope, say)),
        (say("file.sheet_groups"), _groups(results, tables, scope, say)),
        (say("file.sheet_trend"), _trend(results, scope, say)),
    ]
    if account:
        sheets.append((say("file.sheet_account"), _account(results.span, account, scope, say)))
    return as_xlsx(sheets, texts("report.title"), organisation)


def _questions(results: Results, scope: Sequence[str], say: Phrases) -> Table:
    names = [say("file.question"), say.texts("report.files.file_period"), *_columns(say)]
    table: Table = [[*names, say("file.change"), say("file.target"), say("file.scope")]]
    for each in results.questions:
        target = percent(each.target.share) if each.target else None
        row = [say.question(each.question), _weeks(results.span), *_figures(each.cell, say)]
        table.append([*row, _change(each.compared, say), target, _scope(results, scope, say)])
    return table


def _groups(results: Results, tables: Results, scope: Sequence[str], say: Phrases) -> Table:
    note = say.texts("report.files.note") if tables is not results else None
    names = [say("file.dimension"), say("file.group"), say("file.question"), say.texts("report.files.file_period")]
    heading = [*names, *_columns(say), say("file.change"), say("file.target"), say("file.scope"), _note_title(say)]
    table: Table = [list[Value](heading)]
    for group in tables.tables:
        for row in group.rows:
            for cell in row.cells:
                of = [say(f"dimension.{group.dimension.value}"), say.group(row.name), say.question(cell.question)]
                figures = _figures(cell.change.recent, say)
                whose = [_change(cell, say), None, _scope(results, scope, say), note]
                table.append([*of, _weeks(tables.recent), *figures, *whose])
    return table


def _trend(results: Results, scope: Sequence[str], say: Phrases) -> Table:
    names = [say("file.question"), say.texts("report.files.file_period"), *_columns(say), say("file.scope")]
    table: Table = [list[Value](names)]
    for each in results.questions:
        for point in each.trend:
            figures = _figures(point.cell, say)
            table.append([say.question(each.question), _weeks(point.span), *figures, _scope(results, scope, say)])
    return table


def _account(span: Span, account: Account, scope: Sequence[str], say: Phrases) -> Table:
    table: Table = [[say("file.what"), say("file.number")]]
    table.append([say.texts("report.files.file_period"), _weeks(span)])
    table += [[say(f"account.{name}"), getattr(account, name)] for name in ("closed", "asked", "reached", "answered")]
    for channel, count in account.channels:
        table.append([f"{say('account.answered')} {say(f'channel.{channel.value}')}", count])
    table += [[say(f"not_asked.{reason.value}"), count] for reason, count in account.not_asked]
    return table


def _columns(say: Phrases) -> list[str]:
    return [say(f"file.{name}") for name in ("n", "bra_percent", "ok_percent", "daligt_percent", "low", "high")]


def _figures(cell: Cell, say: Phrases) -> list[Value]:
    """n, the three shares and the interval in whole per cent; a hidden cell says why in n's column."""
    if not isinstance(cell, Figures):
        return [sentences.hidden(cell, say), *[None] * 5]
    bounds = cell.bra_interval
    return [cell.n, *(cell.percent(rating) for rating in Rating), percent(bounds.low), percent(bounds.high)]


def _change(compared: Compared, say: Phrases) -> str:
    return sentences.change_label(compared.change, say)


def _note_title(say: Phrases) -> str:
    return say.texts("report.files.file_note")


def _scope(results: Results, scope: Sequence[str], say: Phrases) -> str:
    """Whose figures a row holds, wherever it may be pasted."""
    chosen = results.chosen
    groups = [", ".join(chosen.units or scope)]
    groups += [say.group(each) for each in (chosen.customer_type, chosen.channel) if each is not None]
    return " · ".join(filter(None, groups)) or say.texts("report.narrowed.all")


def _weeks(span: Span) -> str:
    return str(span.first) if span.first == span.last else f"{span.first}–{span.last}"
