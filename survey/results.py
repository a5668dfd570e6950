"""The figures of any period and groups that a reader may choose, and nothing that gives away a small group.

What may be shown is decided in `survey.shown`, once for all that can be asked for; here it is added up and compared, by
the digest's own rules: for a week's digest with the same choice the figures and the words are the digest's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from models.counts import AnswerCount, IsoWeek
from models.digest import Cell, Change, DigestPolicy, Dimension, Figures, Hidden, Target, Why
from survey.comparison import Subject, against, changes
from survey.figures import figures, minimum
from survey.periods import Kind, Span, cover, span_of
from survey.scope import within
from survey.shown import Key, Years, key_of, total
from survey.tallies import NONE, alphabetical

_MONTHS = 13  #: in a trend by months
LONGEST_WEEKS = 261  #: that may be asked for at once: five years
_MOST_WEEKS = 53  #: in a trend by weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the reader wants to see. `channel` is how the case came in; None: all, "": those without one."""

    first: IsoWeek
    last: IsoWeek
    units: tuple[str, ...] = ()  #: () is all; big and small letters are the same
    customer_type: str | None = None
    channel: str | None = None

    @property
    def span(self) -> Span:
        return Span(self.first, self.last)

    @property
    def groups(self) -> int:
        """By how many dimensions it is narrowed; with more than two nothing is shown."""
        return bool(self.units) + (self.customer_type is not None) + (self.channel is not None)


@dataclass(frozen=True, slots=True)
class Compared:
    """A change, and the weeks that it compares with: fewer than wanted where a small group's edges may not be shown."""

    question: str
    change: Change
    base: Span


@dataclass(frozen=True, slots=True)
class TrendCell:
    span: Span
    cell: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionResult:
    question: str
    cell: Cell  #: of the chosen period
    compared: Compared
    target: Target | None
    trend: tuple[
        TrendCell, ...
    ]  #: weeks, or months where most weeks are too small; oldest first, up to the period's end


@dataclass(frozen=True, slots=True)
class ResultRow:
    name: str  #: as the case system has it; "" when it gave none
    cells: tuple[Compared, ...]  #: one per question; `change.recent` are the figures


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Figures of `Results.recent`, in alphabetical order, the nameless last."""

    dimension: Dimension
    rows: tuple[ResultRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    chosen: Chosen  #: as it was answered: no week that isn't over
    recent: (
        Span  #: what is compared, and what the tables show: the period, or the digest's recent weeks if it is shorter
    )
    questions: tuple[QuestionResult, ...]
    tables: tuple[ResultTable, ...]
    hidden_groups: bool  #: some figure of a group is not shown, to protect somebody

    @property
    def span(self) -> Span:
        return self.chosen.span


def weeks_needed(chosen: Chosen, policy: DigestPolicy, newest: IsoWeek) -> tuple[IsoWeek, IsoWeek]:
    """The weeks whose counts `results` needs: whole ISO years, since what is hidden depends on the weeks around it."""
    chosen = finished(chosen, newest)
    recent = _recent(chosen, policy)
    earliest = min(_base(recent, policy).first, chosen.last.shifted(-_MOST_WEEKS - 8))
    return span_of(Kind.YEAR, earliest).first, min(newest, span_of(Kind.YEAR, chosen.last).last)


def finished(chosen: Chosen, newest: IsoWeek) -> Chosen:
    """The same without weeks that aren't over: a figure that grows while one looks tells what the last one said."""
    last = min(chosen.last, newest)
    return Chosen(
        first=min(chosen.first, last),
        last=last,
        units=chosen.units,
        customer_type=chosen.customer_type,
        channel=chosen.channel,
    )


def results(
    counts: Iterable[AnswerCount],
    chosen: Chosen,
    policy: DigestPolicy,
    newest: IsoWeek,
    group_by: Sequence[Dimension] = (),
) -> Results:
    """`counts` are those of `weeks_needed`, and only of units whose figures the reader may see.

    `newest` is the last week that is over. At most two of units, customer type, channel and a table's dimension can be
    combined; what is asked of more is hidden.
    """
    return results_from(Years(counts, policy, newest), chosen, group_by)


def results_from(years: Years, chosen: Chosen, group_by: Sequence[Dimension] = ()) -> Results:
    """The same of counts that have been looked at before."""
    policy, chosen = years.policy, finished(chosen, years.newest)
    looked = _Looked(years, chosen)
    tables = {dimension: looked.rows(dimension) for dimension in group_by}
    windows: dict[Subject, tuple[Cell, Cell]] = {}
    bases: dict[Subject, Span] = {}
    for question in policy.questions:
        for dimension, name in [(None, ""), *((each, name) for each, rows in tables.items() for name in rows)]:
            subject = question, dimension, name
            recent, base, bases[subject] = looked.windows(question, dimension, name)
            windows[subject] = recent, base
    found = {subject: Compared(subject[0], each, bases[subject]) for subject, each in changes(windows, policy).items()}
    hidden = any(_protected(recent) for (_, dimension, _), (recent, _) in windows.items() if dimension)
    return Results(
        chosen=chosen,
        recent=looked.recent,
        questions=tuple(looked.question(question, found[question, None, ""]) for question in policy.questions),
        tables=tuple(table for each, rows in tables.items() if (table := _table(each, rows, found, policy))),
        hidden_groups=hidden,
    )


class _Looked:
    """All that was counted, and one choice."""

    def __init__(self, years: Years, chosen: Chosen) -> None:
        self._years, self._policy, self._chosen = years, years.policy, chosen
        self.recent = _recent(chosen, self._policy)
        self._compared = Span(_base(self.recent, self._policy).first, chosen.last)
        ours = within(chosen.units)
        known = years.names(Dimension.UNIT, self._compared) if chosen.units else set()
        self._units = sorted(unit for unit in known if ours(unit)) or list(chosen.units)

    def question(self, question: str, compared: Compared) -> QuestionResult:
        cell = self.cell(question, None, "", self._chosen.span)
        wanted = self._policy.targets.get(question)
        return QuestionResult(
            question=question,
            cell=cell,
            compared=compared,
            target=None if wanted is None else Target(wanted, against(cell, wanted)),
            trend=self._trend(question),
        )

    def windows(self, question: str, dimension: Dimension | None, name: str) -> tuple[Cell, Cell, Span]:
        """The recent figures, those before, and the weeks of these."""
        span = _base(self.recent, self._policy)
        base = self.cell(question, dimension, name, span)
        months = cover(span, Kind.MONTH)
        if _protected(base) and months:
            inner = Span(months[0].first, months[-1].last)
            if not _protected(within_months := self.cell(question, dimension, name, inner)):
                base, span = within_months, inner
        return self.cell(question, dimension, name, self.recent), base, span

    def rows(self, dimension: Dimension) -> list[str]:
        """The groups of a table that have answers in what is compared; none where there is no table."""
        chosen = self._chosen
        taken = {Dimension.CUSTOMER_TYPE: chosen.customer_type, Dimension.INTAKE_CHANNEL: chosen.channel}
        if taken.get(dimension) is not None or (dimension is Dimension.DEPARTMENT and chosen.groups):
            return []
        names = [name for name in self._years.names(dimension, self._compared) if self._has_answers(dimension, name)]
        return sorted(names, key=alphabetical) if len(names) > 1 else []

    def _has_answers(self, dimension: Dimension, name: str) -> bool:
        if self._chosen.units and dimension is Dimension.UNIT and name not in self._units:
            return False
        keys, _ = self._keys(dimension, name)
        return any(
            any(self._years.year(question, part.first.year).tally(key, part))
            for key in keys or ()
            for question in self._policy.questions
            for part in cover(self._compared)
        )

    def cell(self, question: str, dimension: Dimension | None, name: str, span: Span) -> Cell:
        """The figures of what is chosen, or of one group in it, if every period in the span may be shown."""
        keys, least = self._keys(dimension, name)
        tally = NONE
        for each in cover(span):
            year = self._years.year(question, each.first.year)
            if keys is None or any(year.hides(key, each) for key in keys):
                return Hidden(Why.PROTECTED, least)
            tally = total([tally, *(year.tally(key, each) for key in keys)])
        return figures(tally) if tally != NONE else Hidden(Why.NOTHING, least)

    def _keys(self, dimension: Dimension | None, name: str) -> tuple[list[Key] | None, int]:
        """What adds up to the group (None: may not be shown), and how many answers such a group needs."""
        chosen = self._chosen
        axes: list[list[tuple[Dimension, str]]] = []
        if dimension is Dimension.UNIT:
            axes.append([(Dimension.UNIT, name)])
        elif dimension is not None:
            axes.append([(dimension, name)])
        if chosen.units and dimension is not Dimension.UNIT:
            axes.append([(Dimension.UNIT, unit) for unit in self._units])
        if chosen.customer_type is not None:
            axes.append([(Dimension.CUSTOMER_TYPE, chosen.customer_type)])
        if chosen.channel is not None:
            axes.append([(Dimension.INTAKE_CHANNEL, chosen.channel)])
        crossed = list(product(*axes))
        keys = [key for groups in crossed if (key := key_of(groups)) is not None]
        least = max((minimum(self._policy, *group) for groups in crossed for group in groups), default=0)
        return (keys if len(keys) == len(crossed) else None), least or self._policy.min_group

    def _trend(self, question: str) -> tuple[TrendCell, ...]:
        last = self._chosen.last
        weeks = min(_MOST_WEEKS, max(self._policy.trend_weeks, self._chosen.span.weeks))
        by_week = self._points(question, list(Span(last.shifted(1 - weeks), last).each_week()), Kind.WEEK)
        hidden = sum(_protected(point.cell) for point in by_week)
        if hidden * 2 <= sum(point.cell != Hidden(Why.NOTHING, self._least()) for point in by_week):
            return by_week
        month = span_of(Kind.MONTH, last)
        newest = month if month.last <= last else span_of(Kind.MONTH, month.first.shifted(-1))
        starts = [newest]
        while len(starts) < _MONTHS:
            starts.append(span_of(Kind.MONTH, starts[-1].first.shifted(-1)))
        return self._points(question, [each.first for each in reversed(starts)], Kind.MONTH)

    def _least(self) -> int:
        return self._keys(None, "")[1]

    def _points(self, question: str, weeks: Iterable[IsoWeek], kind: Kind) -> tuple[TrendCell, ...]:
        spans = [span_of(kind, week) for week in weeks]
        return tuple(TrendCell(span, self.cell(question, None, "", span)) for span in spans)


def _recent(chosen: Chosen, policy: DigestPolicy) -> Span:
    return Span(min(chosen.first, chosen.last.shifted(1 - policy.recent_weeks)), chosen.last)


def _base(recent: Span, policy: DigestPolicy) -> Span:
    """As many weeks before as the digest has, or as there are in a longer period."""
    return recent.before(max(policy.base_weeks, recent.weeks))


def _table(
    dimension: Dimension, names: Sequence[str], found: Mapping[Subject, Compared], policy: DigestPolicy
) -> ResultTable | None:
    """None when there is nothing to see, as in the digest."""
    rows = tuple(
        ResultRow(name, tuple(found[question, dimension, name] for question in policy.questions)) for name in names
    )
    shown = any(isinstance(cell.change.recent, Figures) for row in rows for cell in row.cells)
    return ResultTable(dimension, rows) if shown else None


def _protected(cell: Cell) -> bool:
    return isinstance(cell, Hidden) and cell.why is Why.PROTECTED
