"""The digest's figures as files: XLSX and CSV for those who want to count on, and the HTML as it is mailed."""

from collections.abc import Iterator

from delivery import sentences
from delivery.spreadsheets import Table, Value, as_csv, as_xlsx
from models.digest import Cell, Change, Digest, Figures, Recovery
from models.rating import Rating
from models.texts import Texts
from survey.wording import Phrases, percent


def digest_xlsx(digest: Digest, texts: Texts) -> bytes:
    """A workbook with a sheet each for questions, groups, respondents and weeks. No formulas, no links."""
    say = Phrases(texts)
    return as_xlsx(_sheets(digest, say), sentences.subject(digest, say), digest.organisation)


def digest_csv(digest: Digest, texts: Texts) -> bytes:
    """Questions and groups in one table; groups have no target, and figures of the recent weeks together."""
    say = Phrases(texts)
    heading, *rows = _questions(digest, say)
    table: Table = [[say("file.dimension"), say("file.group"), *heading]]
    table += [["", "", *row] for row in rows]
    table += [[*row[:-1], None, row[-1]] for row in _groups(digest, say)[1:]]
    return as_csv(table)


def voices_csv(digest: Digest, texts: Texts) -> bytes:
    """Every single case of a named recipient's copy, in the same form; a heading alone in a general copy."""
    say = Phrases(texts)
    asked = [question.question for question in digest.questions]
    names = [say("file.list"), say("file.case"), say("file.subject"), say("dimension.unit"), *map(say.question, asked)]
    table: Table = [[*names, say("file.reason"), say("file.comment")]]
    lists = (("follow_ups", digest.follow_ups), ("praise", digest.praise), ("comments", digest.comments))
    for kind, voices in lists if digest.identified else ():
        for voice in voices:
            given = dict(voice.ratings)
            ratings = [say.rating(given[each]) if each in given else "" for each in asked]
            reasons = ", ".join(say.reason(code, words) for _, code, words in voice.reasons)
            about: list[Value] = [say(f"voices.{kind}"), voice.case_id, voice.subject, voice.unit]
            table.append([*about, *ratings, reasons, " ".join(voice.comments)])
    return as_csv(table)


def _sheets(digest: Digest, say: Phrases) -> Iterator[tuple[str, Table]]:
    yield say("file.sheet_questions"), _questions(digest, say)
    yield say("file.sheet_groups"), _groups(digest, say)
    yield say("file.sheet_account"), _account(digest, say)
    yield say("file.sheet_trend"), _trend(digest, say)


def _scope(digest: Digest, say: Phrases) -> str:
    """Whose figures a row holds, wherever it may be pasted: "Norrköpings kommun: Park Natur"."""
    whose = f"{digest.organisation}: {', '.join(digest.units)}" if digest.units else digest.organisation
    return f"{whose} ({say('preliminary_short')})" if digest.preliminary else whose


def _columns(say: Phrases) -> list[Value]:
    names = ("n", "bra_percent", "ok_percent", "daligt_percent", "low", "high")
    return [say(f"file.{name}") for name in names]


def _figures(cell: Cell, say: Phrases) -> list[Value]:
    """n, the three shares and the interval in whole per cent; a hidden cell says why in n's column."""
    if not isinstance(cell, Figures):
        return [sentences.hidden(cell, say), *[None] * 5]
    bounds = cell.bra_interval
    return [cell.n, *(cell.percent(rating) for rating in Rating), percent(bounds.low), percent(bounds.high)]


def _change(change: Change, digest: Digest, say: Phrases) -> str:
    return f"{sentences.change_label(change, say)}: {sentences.change(change, digest, say)}"


def _questions(digest: Digest, say: Phrases) -> Table:
    table: Table = [
        [
            *(say("file.question"), say("file.week"), *_columns(say), say("file.change"), say("file.target")),
            say("file.scope"),
        ],
    ]
    scope = _scope(digest, say)
    for question in digest.questions:
        target = percent(question.target.share) if question.target else None
        said = _change(question.change, digest, say)
        figures = _figures(question.week, say)
        table.append([say.question(question.question), str(digest.week), *figures, said, target, scope])
    return table


def _groups(digest: Digest, say: Phrases) -> Table:
    """Over the recent weeks together, as in the mail."""
    first = digest.week.shifted(1 - digest.recent_weeks)
    weeks = str(digest.week) if digest.recent_weeks == 1 else f"{first}–{digest.week}"
    names = [say(f"file.{name}") for name in ("dimension", "group", "question", "week")]
    table: Table = [[*names, *_columns(say), say("file.change"), say("file.scope")]]
    scope = _scope(digest, say)
    for group in digest.groups:
        for row in group.rows:
            for cell in row.cells:
                of = [say(f"dimension.{group.dimension.value}"), say.group(row.name), say.question(cell.question)]
                said = _change(cell.change, digest, say)
                table.append([*of, weeks, *_figures(cell.recent, say), said, scope])
    return table


def _account(digest: Digest, say: Phrases) -> Table:
    account = digest.account
    table: Table = [[say("file.what"), say("file.number")]]
    table.append([say("file.scope"), _scope(digest, say)])
    for name in ("closed", "asked", "reached", "answered"):
        table.append([say(f"account.{name}"), getattr(account, name)])
    for channel, count in account.channels:
        table.append([f"{say('account.answered')} {say(f'channel.{channel.value}')}", count])
    for reason, count in account.not_asked:
        table.append([say(f"not_asked.{reason.value}"), count])
    return [*table, *_recovered(digest.recovered, say)]


def _recovered(recovery: Recovery | None, say: Phrases) -> Table:
    if recovery is None:
        return []
    shown = recovery.recovered if recovery.recovered is not None else say("hidden.protected")
    return [
        [say("file.asked_again"), recovery.asked],
        [say("file.answered_again"), recovery.answered],
        [say("file.recovered"), shown],
    ]


def _trend(digest: Digest, say: Phrases) -> Table:
    table: Table = [[say("file.question"), say("file.week"), *_columns(say), say("file.scope")]]
    scope = _scope(digest, say)
    for question in digest.questions:
        for point in question.trend:
            table.append([say.question(question.question), str(point.week), *_figures(point.cell, say), scope])
    return table
