"""From tallies to cells that may be shown: what is hidden is decided here, before anything is compared or drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.case import CustomerType
from models.counts import IsoWeek
from models.digest import Cell, DigestPolicy, Dimension, Figures, Hidden, Why
from survey.statistics import wilson
from survey.suppression import Tally, hidden_groups, unanimous
from survey.tallies import NONE, Period, Tallies, weeks_looked_at

GroupCells = Mapping[tuple[str, str, Period], Cell]  #: by question, group and period
Family = tuple[Cell, Sequence[str]]  #: a total, and the groups that add up to it


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


def all_group_cells(
    tallies: Tallies, policy: DigestPolicy, totals: Mapping[str, ScopeCells]
) -> dict[Dimension, GroupCells]:
    """Every cell of every table. A dimension with a single group is left out: that is the whole once more.

    Departments are left out, too, as long as one unit belongs to several: what is hidden in one of the two tables could
    be had from the other.
    """
    found: dict[Dimension, dict[tuple[str, str, Period], Cell]] = {}
    for dimension in Dimension:
        tangled = dimension is Dimension.DEPARTMENT and any(len(each) > 1 for each in tallies.departments.values())
        if len(tallies.names[dimension]) < 2 or tangled:
            continue
        found[dimension] = {}
        for question, total in totals.items():
            for period in Period:
                families: Sequence[Family] = [(total.periods[period], tallies.names[dimension])]
                if dimension is Dimension.UNIT and Dimension.DEPARTMENT in found:
                    families = _families(tallies, found[Dimension.DEPARTMENT], question, period)
                for family in families:
                    cells = _family_cells(tallies, policy, dimension, question, period, family)
                    found[dimension] |= {(question, name, period): cell for name, cell in cells.items()}
    return dict(found)


def _families(tallies: Tallies, departments: GroupCells, question: str, period: Period) -> list[Family]:
    """The units of each department: where departments are shown, units must hide each other within their own."""
    units = tallies.names[Dimension.UNIT]
    return [
        (departments[question, name, period], [unit for unit in units if name in tallies.departments[unit]])
        for name in tallies.names[Dimension.DEPARTMENT]
    ]


def _family_cells(
    tallies: Tallies, policy: DigestPolicy, dimension: Dimension, question: str, period: Period, family: Family
) -> dict[str, Cell]:
    """Groups and what they add up to: where that is hidden, all its parts are."""
    total, names = family
    counted = [tallies.group(question, dimension, name, period) for name in names]
    minimums = [minimum(policy, dimension, name) for name in names]
    needed = list(minimums)
    if dimension is Dimension.DEPARTMENT and not unanimous(_sum(counted)):
        for at, name in enumerate(names):
            if unanimous(counted[at]) and _has_small_unit(tallies, policy, question, name, period):
                needed[at] = sum(counted[at]) + 1  # shown, it would tell what those few said
    hidden = hidden_groups(counted, needed)
    if hidden is None or _protected(total):
        hidden = set(range(len(names)))
    return {name: _cell(counted[at], at in hidden, minimums[at]) for at, name in enumerate(names)}


def _has_small_unit(tallies: Tallies, policy: DigestPolicy, question: str, department: str, period: Period) -> bool:
    units = [unit for unit, within in tallies.departments.items() if department in within]
    sizes = [sum(tallies.group(question, Dimension.UNIT, unit, period)) for unit in units]
    return any(0 < size < policy.min_group for size in sizes)


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
