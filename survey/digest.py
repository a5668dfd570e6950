"""A week's digest from what storage counted. Pure: the same material gives the same digest."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from models.counts import AccountRow, AnswerCount, IsoWeek, SurveyedCase
from models.digest import (
    Account,
    Against,
    CannotSay,
    Cell,
    Change,
    Digest,
    DigestPolicy,
    Dimension,
    Direction,
    Figures,
    GroupCell,
    GroupRow,
    GroupTable,
    Hidden,
    Highlight,
    HighlightKind,
    Note,
    QuestionFigures,
    Recovery,
    Target,
    TrendPoint,
    Why,
)
from models.follow_up import Recovered
from models.selection import NotAsked
from models.survey import Channel
from survey.comparison import Subject, against, changes
from survey.figures import GroupCells, ScopeCells, all_group_cells, scope_cells
from survey.lexicon import Lexicon
from survey.redaction import Markers
from survey.scope import within
from survey.tallies import NONE, Period, Tallies, tally
from survey.voices import Voices, voices

_T = TypeVar("_T")
_CHANGED = (Direction.BETTER, Direction.WORSE)
_URGENCY = tuple(HighlightKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What storage gives: counts of at least `recent_weeks + base_weeks` weeks, the last being the digest's own.

    `account` is of the closures decided in the week, `cases` are those that something was received from in it.
    """

    counts: Sequence[AnswerCount]
    account: Sequence[AccountRow] = ()
    cases: Sequence[SurveyedCase] = ()
    recovered: Recovered | None = None  #: of those asked again in the recent weeks, in the copy's units


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Whose copy: the units it is about (none: the whole), and whether its reader may see single cases."""

    markers: Markers
    units: tuple[str, ...] = ()
    identified: bool = False
    lexicons: tuple[Lexicon, ...] = ()  #: of the languages that comments are written in; none: nothing is praise


def compose(material: Material, copy: Copy, policy: DigestPolicy, week: IsoWeek, now: datetime) -> Digest:
    """The digest of `week`. A copy for one unit has no table of units; a week without answers has no tables."""
    tallies = tally(material.counts, policy, week, copy.units)
    scope = {question: scope_cells(tallies, policy, week, question) for question in policy.questions}
    nothing = all(tallies.week(question, week) == NONE for question in policy.questions)
    cells = {} if nothing else all_group_cells(tallies, policy, scope)
    found = changes(_windows(scope, cells), policy)
    questions = tuple(_question(question, scope[question], found, policy) for question in policy.questions)
    groups = tuple(table for each in cells if (table := _table(each, tallies, found, policy)))
    said = voices(material.cases, copy.units, copy.markers, copy.lexicons) if copy.identified else Voices()
    return Digest(
        organisation=policy.organisation,
        week=week,
        generated_at=now,
        units=copy.units,
        identified=copy.identified,
        recent_weeks=policy.recent_weeks,
        base_weeks=policy.base_weeks,
        questions=questions,
        account=account(material.account, copy.units),
        groups=groups,
        highlights=() if nothing else _highlights(questions, groups, policy),
        notes=_notes(questions, cells, nothing),
        follow_ups=said.follow_ups,
        praise=said.praise,
        comments=said.comments,
        recovered=recovery(material.recovered, policy),
    )


def account(rows: Iterable[AccountRow], units: Sequence[str]) -> Account:
    """Add up the rows of `units` (none: all)."""
    ours = within(units)
    rows = [row for row in rows if ours(row.unit)]
    asked = [row for row in rows if row.reason is None]
    reasons, channels = Counter[NotAsked](), Counter[Channel]()
    for row in rows:
        if row.reason:
            reasons[row.reason] += row.count
        if row.channel:
            channels[row.channel] += row.count
    return Account(
        closed=sum(row.count for row in rows),
        not_asked=_commonest_first(reasons),
        asked=sum(row.count for row in asked),
        reached=sum(row.count for row in asked if row.reached or row.channel),
        answered=sum(row.count for row in asked if row.channel),
        channels=_commonest_first(channels),
    )


def recovery(counted: Recovered | None, policy: DigestPolicy) -> Recovery | None:
    """None if nobody was asked again; how it went is told when enough have answered."""
    if counted is None or not counted.asked:
        return None
    return Recovery(
        asked=counted.asked,
        answered=counted.answered,
        recovered=counted.recovered if counted.answered >= policy.min_group else None,
        minimum=policy.min_group,
    )


def _commonest_first(counted: Counter[_T]) -> tuple[tuple[_T, int], ...]:
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], str(item[0]))))


def _windows(
    scope: Mapping[str, ScopeCells], cells: Mapping[Dimension, GroupCells]
) -> dict[Subject, tuple[Cell, Cell]]:
    found: dict[Subject, tuple[Cell, Cell]] = {
        (question, None, ""): (each.periods[Period.RECENT], each.periods[Period.BASE])
        for question, each in scope.items()
    }
    for dimension, table in cells.items():
        for question, name, period in table:
            if period is Period.RECENT:
                base = table[question, name, Period.BASE]
                found[question, dimension, name] = (table[question, name, period], base)
    return found


def _question(
    question: str, cells: ScopeCells, found: Mapping[Subject, Change], policy: DigestPolicy
) -> QuestionFigures:
    wanted = policy.targets.get(question)
    return QuestionFigures(
        question=question,
        week=cells.week,
        change=found[question, None, ""],
        target=None if wanted is None else Target(wanted, against(cells.week, wanted)),
        trend=tuple(TrendPoint(week, cell) for week, cell in cells.trend),
    )


def _table(
    dimension: Dimension, tallies: Tallies, found: Mapping[Subject, Change], policy: DigestPolicy
) -> GroupTable | None:
    """None when there is nothing to see: not one cell is shown."""
    rows = tuple(
        GroupRow(name, tuple(GroupCell(question, found[question, dimension, name]) for question in policy.questions))
        for name in tallies.names[dimension]
    )
    shown = any(isinstance(cell.recent, Figures) for row in rows for cell in row.cells)
    return GroupTable(dimension, rows) if shown else None


def _highlights(
    questions: Sequence[QuestionFigures], groups: Sequence[GroupTable], policy: DigestPolicy
) -> tuple[Highlight, ...]:
    """Changes of the whole and of groups large enough to be pointed out, and missed targets; the urgent first."""
    found = [
        Highlight(HighlightKind(each.change.direction), each.question)
        for each in questions
        if each.change.direction in _CHANGED
    ]
    found += [
        Highlight(HighlightKind.BELOW_TARGET, each.question)
        for each in questions
        if each.target and each.target.result is Against.BELOW
    ]
    for table in groups:
        for row in table.rows:
            for cell in row.cells:
                large = isinstance(cell.recent, Figures) and cell.recent.n >= policy.min_ranking
                if large and cell.change.direction in _CHANGED:
                    kind = HighlightKind(cell.change.direction)
                    found.append(Highlight(kind, cell.question, table.dimension, row.name))
    return tuple(sorted(found, key=lambda each: _URGENCY.index(each.kind)))


def _notes(
    questions: Sequence[QuestionFigures], cells: Mapping[Dimension, GroupCells], nothing: bool
) -> tuple[Note, ...]:
    if nothing:
        return (Note.NOTHING_ANSWERED,)
    notes = []
    if any(_is_protected(each.week) for each in questions):
        notes.append(Note.TOO_FEW)
    if any(
        _is_protected(cell)
        for table in cells.values()
        for (_, _, period), cell in table.items()
        if period is Period.RECENT
    ):
        notes.append(Note.GROUPS_PROTECTED)
    if all(each.change.reason is CannotSay.NO_HISTORY for each in questions):
        notes.append(Note.NO_HISTORY)
    return tuple(notes)


def _is_protected(cell: Cell) -> bool:
    return isinstance(cell, Hidden) and cell.why is Why.PROTECTED
