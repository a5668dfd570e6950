"""From tallies to cells that may be shown: what is hidden is decided here, before anything is compared or drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.case import CustomerType
from models.counts import IsoWeek
from models.digest import Cell, DigestPolicy, Dimension, Figures, Hidden, Why
from survey.statistics import wilson
from survey.suppression import Tally, hidden_groups
from survey.tallies import NONE, Period, Tallies, weeks_looked_at

GroupCells = Mapping[tuple[str, str, Period], Cell]  #: by question, group and period


@dataclass(frozen=True, slots=True)
class ScopeCells:
    """One question over the whole scope."""

    week: Cell
    periods: Mapping[Period, Cell]
    trend: Sequence[tuple[IsoWeek, Cell]]


def figures(counted: Tally) -> Figures:
    bra, ok, daligt = counted
    n = bra + ok + daligt
    return Figures(bra, ok, daligt, wilson(bra, n), wilson(daligt, n))


def scope_cells(tallies: Tallies, policy: DigestPolicy, week: IsoWeek, question: str) -> ScopeCells:
    """The week, both windows and the trend. A hidden week can't be had by taking the others from their window."""
    weeks = weeks_looked_at(policy, week)
    counted = [tallies.week(question, each) for each in weeks]
    base, base_hidden = _window(counted[: policy.base_weeks], policy, spare=None)
    recent, recent_hidden = _window(counted[policy.base_weeks :], policy, spare=policy.recent_weeks - 1)
    hidden = base_hidden | {at + policy.base_weeks for at in recent_hidden}
    cells = [_cell(counted[at], at in hidden, policy.min_group) for at in range(len(weeks))]
    return ScopeCells(
        week=cells[-1],
        periods={Period.RECENT: recent, Period.BASE: base},
        trend=list(zip(weeks, cells, strict=True))[-policy.trend_weeks :],
    )


def _window(counted: Sequence[Tally], policy: DigestPolicy, spare: int | None) -> tuple[Cell, set[int]]:
    """A window's total, and the positions of its hidden weeks. Rather than the digest's own week, the total goes."""
    total = _sum(counted)
    small = {at for at, each in enumerate(counted) if 0 < sum(each) < policy.min_group}
    hidden = hidden_groups(counted, [policy.min_group] * len(counted), spare=() if spare is None else (spare,))
    if hidden is None or 0 < sum(total) < policy.min_group:
        return Hidden(Why.PROTECTED, policy.min_group), small
    return _cell(total, False, policy.min_group), hidden


def group_cells(
    tallies: Tallies, policy: DigestPolicy, dimension: Dimension, totals: Mapping[str, ScopeCells]
) -> GroupCells:
    """Every cell of one dimension's table. Where the total is hidden, all its parts are."""
    names = tallies.names[dimension]
    minimums = [minimum(policy, dimension, name) for name in names]
    cells: dict[tuple[str, str, Period], Cell] = {}
    for question, total in totals.items():
        for period in Period:
            counted = [tallies.group(question, dimension, name, period) for name in names]
            hidden = hidden_groups(counted, minimums)
            if hidden is None or _protected(total.periods[period]):
                hidden = set(range(len(names)))
            for at, name in enumerate(names):
                cells[question, name, period] = _cell(counted[at], at in hidden, minimums[at])
    return cells


def minimum(policy: DigestPolicy, dimension: Dimension, name: str) -> int:
    """How many answers a group needs to be shown."""
    foretag = dimension is Dimension.CUSTOMER_TYPE and name == CustomerType.FORETAG
    return policy.min_foretag if foretag else policy.min_group


def _protected(cell: Cell) -> bool:
    return isinstance(cell, Hidden) and cell.why is Why.PROTECTED


def _cell(counted: Tally, hidden: bool, least: int) -> Cell:
    if hidden:
        return Hidden(Why.PROTECTED, least)
    return figures(counted) if counted != NONE else Hidden(Why.NOTHING, least)


def _sum(counted: Sequence[Tally]) -> Tally:
    bra, ok, daligt = (sum(column) for column in zip(*counted, strict=True))
    return bra, ok, daligt
