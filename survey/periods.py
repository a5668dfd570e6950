"""Periods of whole ISO weeks that lie inside each other: weeks, months, quarters, half-years, years.

A week belongs to the month that its Thursday is in, as ISO 8601 has it for the year. So a month has 4 or 5 whole weeks,
a quarter three months, and nothing overlaps: two periods are apart, or one holds the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import cache

from models.counts import IsoWeek


class Kind(IntEnum):
    """Shortest first."""

    WEEK = 0
    MONTH = 1
    QUARTER = 2
    HALF = 3
    YEAR = 4


_MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Whole weeks, both ends included. `kind` None: no period of the calendar's, but some weeks in a row."""

    first: IsoWeek
    last: IsoWeek
    kind: Kind | None = None

    @property
    def weeks(self) -> int:
        return (self.last.monday - self.first.monday).days // 7 + 1

    def each_week(self) -> Iterator[IsoWeek]:
        return (self.first.shifted(forth) for forth in range(self.weeks))

    @property
    def month(self) -> int:
        """1..12, of its first week."""
        return _thursday(self.first).month

    def before(self, weeks: int) -> "Span":
        """So many weeks, just before it."""
        return Span(self.first.shifted(-weeks), self.first.shifted(-1))


@cache
def span_of(kind: Kind, week: IsoWeek) -> Span:
    """The period of that kind in which the week lies."""
    if kind is Kind.WEEK:
        return Span(week, week, kind)
    thursday, months = _thursday(week), _MONTHS[kind]
    start = (thursday.month - 1) // months * months + 1
    after = start + months
    first = _first_week(thursday.year, start)
    last = _first_week(thursday.year + (after > 12), after - 12 if after > 12 else after).shifted(-1)
    return Span(first, last, kind)


@cache
def parts(span: Span) -> tuple[Span, ...]:
    """The next shorter periods in it, oldest first: a year's half-years, a half-year's quarters, … none for a week."""
    if not span.kind:
        return ()
    found, week = [], span.first
    while week <= span.last:
        found.append(span_of(Kind(span.kind - 1), week))
        week = found[-1].last.shifted(1)
    return tuple(found)


def holder(span: Span) -> Span:
    """The next longer period: a month's quarter. Not for years."""
    assert span.kind is not None
    return span_of(Kind(span.kind + 1), span.first)


def cover(span: Span, finest: Kind = Kind.WEEK) -> list[Span]:
    """The fewest periods that together are the span: what is left over at the ends is shorter periods.

    With `finest` longer than a week the ends that don't fill one are left out.
    """
    found, week = [], span.first
    while week <= span.last:
        kinds = [kind for kind in reversed(Kind) if kind >= finest]
        fits = [each for kind in kinds if (each := span_of(kind, week)).first == week and each.last <= span.last]
        if fits:
            found.append(fits[0])
        week = fits[0].last.shifted(1) if fits else week.shifted(1)
    return found


def _first_week(year: int, month: int) -> IsoWeek:
    first = date(year, month, 1)
    return IsoWeek.of(first + timedelta(days=(3 - first.weekday()) % 7))


def _thursday(week: IsoWeek) -> date:
    return week.monday + timedelta(days=3)
