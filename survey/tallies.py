"""The rollup's cells, added up the way the digest looks at them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from models.counts import AnswerCount, IsoWeek
from models.digest import DigestPolicy, Dimension
from models.rating import Rating
from survey.scope import within
from survey.suppression import Tally

NONE: Tally = (0, 0, 0)
COLUMN = {Rating.BRA: 0, Rating.OK: 1, Rating.DALIGT: 2}


class Period(StrEnum):
    """The two windows that are compared."""

    RECENT = "recent"  #: the digest's own week and the few before it
    BASE = "base"  #: the many weeks before those


@dataclass(frozen=True, slots=True)
class Tallies:
    """Answers per question: week by week over the whole scope, and per period for every group."""

    weeks: Mapping[tuple[str, IsoWeek], Tally]
    groups: Mapping[tuple[str, Dimension, str, Period], Tally]
    names: Mapping[Dimension, Sequence[str]]  #: every group with an answer in any period, nameless last
    departments: Mapping[str, Set[str]]  #: of each unit; usually one

    def week(self, question: str, week: IsoWeek) -> Tally:
        return self.weeks.get((question, week), NONE)

    def group(self, question: str, dimension: Dimension, name: str, period: Period) -> Tally:
        return self.groups.get((question, dimension, name, period), NONE)


def weeks_looked_at(policy: DigestPolicy, week: IsoWeek) -> list[IsoWeek]:
    """The weeks of BASE and RECENT, oldest first; the last is `week`."""
    return [week.shifted(-back) for back in range(policy.recent_weeks + policy.base_weeks - 1, -1, -1)]


def tally(counts: Iterable[AnswerCount], policy: DigestPolicy, week: IsoWeek, units: Sequence[str]) -> Tallies:
    """Add up the cells of `units` (none: of the whole organisation); other weeks and questions are passed over."""
    every_week = weeks_looked_at(policy, week)
    periods = dict.fromkeys(every_week, Period.BASE)
    periods |= dict.fromkeys(every_week[policy.base_weeks :], Period.RECENT)
    ours = within(units)
    weeks: dict[tuple[str, IsoWeek], list[int]] = defaultdict(lambda: [0, 0, 0])
    groups: dict[tuple[str, Dimension, str, Period], list[int]] = defaultdict(lambda: [0, 0, 0])
    departments: dict[str, set[str]] = defaultdict(set)
    for cell in counts:
        if cell.week not in periods or cell.question not in policy.questions or not ours(cell.unit):
            continue
        column = COLUMN[cell.rating]
        departments[cell.unit].add(cell.department)
        weeks[cell.question, cell.week][column] += cell.count
        for dimension in Dimension:
            groups[cell.question, dimension, name_in(cell, dimension), periods[cell.week]][column] += cell.count
    names = {dimension: {key[2] for key in groups if key[1] is dimension} for dimension in Dimension}
    return Tallies(
        weeks={key: _frozen(value) for key, value in weeks.items()},
        groups={key: _frozen(value) for key, value in groups.items()},
        names={dimension: sorted(found, key=alphabetical) for dimension, found in names.items()},
        departments=departments,
    )


def name_in(cell: AnswerCount, dimension: Dimension) -> str:
    """The group that a cell of the rollup belongs to."""
    match dimension:
        case Dimension.DEPARTMENT:
            return cell.department
        case Dimension.UNIT:
            return cell.unit
        case Dimension.CUSTOMER_TYPE:
            return cell.customer_type
        case Dimension.INTAKE_CHANNEL:
            return cell.intake_channel


def alphabetical(name: str) -> tuple[bool, str, str]:
    """Å, ä and ö sort last and in that order, as in Swedish; å stands after ä in Unicode."""
    swedish = name.casefold().translate({ord("å"): "{", ord("ä"): "|", ord("ö"): "}"})
    return name == "", swedish, name


def _frozen(counted: Sequence[int]) -> Tally:
    bra, ok, daligt = counted
    return bra, ok, daligt
