"""Results as what the page's template lays out: finished sentences, addresses and positions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.digest import Account, Cell, Dimension, Direction, Figures, Hidden, Why
from models.rating import Rating
from survey.periods import Kind, Span
from survey.results import Chosen, Compared, QuestionResult, Results, ResultTable
from survey.wording import percent
from web.report_chart import Chart, chart_of
from web.report_choices import address_of
from web.report_words import Words, kind_of

CASES = "/rapport/arenden"
_KINDS = (Dimension.CUSTOMER_TYPE, Dimension.INTAKE_CHANNEL)


@dataclass(frozen=True, slots=True)
class Bar:
    """One rating's part: where it starts and how wide it is, in per cent of the whole; `cases` is their address."""

    rating: str
    label: str
    share: str
    count: str
    start: float
    width: float
    cases: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    key: str
    name: str
    bars: tuple[Bar, ...]
    n: str
    cases: str  #: the address of the cases behind the figures; "" where there is none
    missing: str
    interval: str
    direction: Direction
    change_label: str
    change: str
    target: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class CellView:
    bars: tuple[Bar, ...]
    share: str
    n: str
    between: str
    missing: str
    direction: Direction
    mark: str


@dataclass(frozen=True, slots=True)
class RowView:
    """`address` is the page narrowed to this group; "" where that can't be."""

    name: str
    address: str
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    title: str
    caption: str
    questions: tuple[str, ...]
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    number: str
    share: str
    width: int


@dataclass(frozen=True, slots=True)
class AccountView:
    steps: tuple[Step, ...]
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    period: str
    when: str  #: its days and weeks
    narrowed: str  #: to which groups; "" for all
    lead: str
    too_narrow: bool  #: three groups at once: nothing is shown
    empty: tuple[str, ...]  #: nobody has answered: what to say instead of figures; () when somebody has
    questions: tuple[QuestionView, ...]
    tables: tuple[TableView, ...]
    instead: str  #: why the tables are of another period than the page; "" when they aren't
    hint: str  #: what to choose to see more groups; "" when all are there
    account: AccountView | None


def view_of(
    results: Results, tables: Results, account: Account | None, scope: Sequence[str], cases: bool, words: Words
) -> ReportView:
    """`tables` are the results that the group tables are of; `scope` the units that the reader's figures are of.

    `cases`: the reader may see cases.
    """
    questions = tuple(_question(each, results, cases, words) for each in results.questions)
    return ReportView(
        period=words.period(results.span),
        when=f"{words.digest.days(results.span.first, results.span.last)} ({words.weeks(results.span)})",
        narrowed=_narrowed(results.chosen, scope, words),
        lead=_lead(results, words),
        too_narrow=results.chosen.groups > 2,
        empty=_empty(results, questions, words),
        questions=questions,
        tables=tuple(_table(each, tables, words) for each in tables.tables),
        instead=words("tables.instead") if tables is not results else "",
        hint=words("tables.hint") if tables.hidden_groups and not _is_long(tables.recent, words) else "",
        account=_account(account, words) if account else None,
    )


def bars(cell: Cell, words: Words, cases: str = "") -> tuple[Bar, ...]:
    """Bra first; `cases` is the address of all of them, to which the rating is added."""
    if not isinstance(cell, Figures):
        return ()
    found, start = [], 0.0
    for rating in Rating:
        count = cell.count(rating)
        width = 100 * count / cell.n
        share = words.digest.percent(cell.percent(rating))
        where = f"{cases}&omdome={rating.value}" if cases and count else ""
        shown = round(start, 2), round(width, 2)
        found.append(Bar(rating.value, words.digest.rating(rating), share, words.digest.number(count), *shown, where))
        start += width
    return tuple(found)


def _question(question: QuestionResult, results: Results, cases: bool, words: Words) -> QuestionView:
    cell = question.cell
    shown = isinstance(cell, Figures)
    where = address_of(results.chosen, CASES, fraga=question.question) if cases and shown else ""
    weeks = frozenset[object](results.span.each_week())
    compared = isinstance(question.compared.change.recent, Figures)
    return QuestionView(
        key=question.question,
        name=words.digest.question(question.question),
        bars=bars(cell, words, where),
        n=words.digest.number(cell.n) if isinstance(cell, Figures) else "",
        cases=where,
        missing=words.hidden(cell),
        interval=words.interval(cell) if isinstance(cell, Figures) else "",
        direction=question.compared.change.direction,
        change_label=words.change_label(question.compared.change),
        change=words.change(question.compared, results) if compared else "",
        target=words.target(question.target),
        chart=chart_of(question.trend, weeks, question.target.share if question.target else None, words),
    )


def _table(table: ResultTable, results: Results, words: Words) -> TableView:
    names = tuple(words.digest.question(each.question) for each in results.questions)
    rows = tuple(
        RowView(
            (words.kind if table.dimension in _KINDS else words.digest.group)(row.name),
            _narrowed_address(table.dimension, row.name, results),
            tuple(_cell(cell, words) for cell in row.cells),
        )
        for row in table.rows
    )
    caption = words("tables.caption", period=words.choice(results.recent))
    return TableView(words.digest(f"dimension.{table.dimension.value}"), caption, names, rows)


def _narrowed_address(dimension: Dimension, name: str, results: Results) -> str:
    """The page of this group, over the weeks that the table shows."""
    chosen = replace(results.chosen, first=results.recent.first, last=results.recent.last)
    if chosen.groups > 1:
        return ""
    match dimension:
        case Dimension.UNIT:
            return address_of(replace(chosen, units=(name,)))
        case Dimension.CUSTOMER_TYPE:
            return address_of(replace(chosen, customer_type=name))
        case Dimension.INTAKE_CHANNEL:
            return address_of(replace(chosen, channel=name))
        case Dimension.DEPARTMENT:
            return ""


def _cell(compared: Compared, words: Words) -> CellView:
    cell, change = compared.change.recent, compared.change
    if not isinstance(cell, Figures):
        return CellView((), "", "", "", words.hidden(cell), change.direction, "")
    low, high = cell.bra_interval.low, cell.bra_interval.high
    return CellView(
        bars=bars(cell, words),
        share=words.digest.percent(cell.percent(Rating.BRA)),
        n=words.digest("groups.n", n=words.digest.number(cell.n)),
        between=words("chart.between", low=percent(low), high=percent(high)),
        missing="",
        direction=change.direction,
        mark=words.change_mark(change),
    )


def _narrowed(chosen: Chosen, scope: Sequence[str], words: Words) -> str:
    parts = [", ".join(words.digest.group(unit) for unit in chosen.units or scope)]
    if chosen.customer_type is not None:
        parts.append(words.kind(chosen.customer_type))
    if chosen.channel is not None:
        parts.append(words("narrowed.channel", channel=words.digest.group(chosen.channel)))
    return words("narrowed.to", groups=" · ".join(filter(None, parts))) if any(parts) else words("narrowed.all")


def _empty(results: Results, questions: Sequence[QuestionView], words: Words) -> tuple[str, ...]:
    unanswered = all(isinstance(each.cell, Hidden) and each.cell.why is Why.NOTHING for each in results.questions)
    if not unanswered or any(each.chart.dots for each in questions):
        return ()
    newest = results.span.last == words.newest and not results.chosen.groups
    more = words("empty.soon", week=words.newest.shifted(1).week) if newest else words("empty.other")
    return words("empty.text", weeks=words.weeks(results.span)), more


def _lead(results: Results, words: Words) -> str:
    counts = [each.cell.n for each in results.questions if isinstance(each.cell, Figures)]
    if not counts:
        return ""
    if min(counts) == max(counts):
        return words("lead", answers=words.digest.counted("answers", counts[0]))
    low, high = words.digest.number(min(counts)), words.digest.number(max(counts))
    return words("lead", answers=words.digest("answers.range", low=low, high=high))


def _account(account: Account, words: Words) -> AccountView:
    if not account.closed:
        return AccountView((), (words("account.none"),))

    def step(name: str, value: int, of: str, whole: int) -> Step:
        share = words.digest(f"account.{of}", percent=round(100 * value / whole)) if of and whole else ""
        return Step(
            words.digest(f"account.{name}"), words.digest.number(value), share, round(100 * value / account.closed)
        )

    def listed(items: Sequence[tuple[str, int]]) -> str:
        said = [words.digest("account.item", what=what, number=words.digest.number(number)) for what, number in items]
        return ", ".join(said)

    steps = (
        step("closed", account.closed, "", 0),
        step("asked", account.asked, "of_closed", account.closed),
        step("reached", account.reached, "of_asked", account.asked),
        step("answered", account.answered, "of_asked", account.asked),
    )
    details = []
    if account.channels:
        channels = listed([(words.digest(f"channel.{channel.value}"), count) for channel, count in account.channels])
        details.append(words.digest("account.channels", channels=channels))
    if account.not_asked:
        reasons = listed([(words.digest(f"not_asked.{reason.value}"), count) for reason, count in account.not_asked])
        number = words.digest.number(sum(count for _, count in account.not_asked))
        details.append(words.digest("account.not_asked", number=number, reasons=reasons))
    return AccountView(steps, (*details, words("account.note")))


def _is_long(span: Span, words: Words) -> bool:
    kind, complete = kind_of(span, words.newest)
    return complete and kind is Kind.YEAR
