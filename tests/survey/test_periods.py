"""Periods of whole weeks that lie inside each other."""

from hypothesis import given
from hypothesis import strategies as st

from models.counts import IsoWeek
from survey.periods import Kind, Span, cover, holder, parts, span_of

WEEKS = st.integers(0, 1500).map(IsoWeek(2010, 1).shifted)


def test_a_week_belongs_to_the_month_of_its_thursday() -> None:
    assert span_of(Kind.MONTH, IsoWeek(2026, 47)) == Span(IsoWeek(2026, 45), IsoWeek(2026, 48), Kind.MONTH)
    assert span_of(Kind.MONTH, IsoWeek(2026, 40)).first == IsoWeek(2026, 40), "Thursday 1 October"
    assert span_of(Kind.QUARTER, IsoWeek(2026, 47)) == Span(IsoWeek(2026, 40), IsoWeek(2026, 53), Kind.QUARTER)
    assert span_of(Kind.HALF, IsoWeek(2026, 47)).first == IsoWeek(2026, 27)
    assert span_of(Kind.YEAR, IsoWeek(2026, 53)).weeks == 53


@given(WEEKS, st.sampled_from(list(Kind)))
def test_a_period_is_exactly_its_parts(week: IsoWeek, kind: Kind) -> None:
    span = span_of(kind, week)
    assert week in list(span.each_week())
    inside = parts(span)
    assert [each for part in inside or [span] for each in part.each_week()] == list(span.each_week())
    assert all(holder(part) == span for part in inside)
    assert {week.year for week in span.each_week()} == {week.year}, "no period goes over the ISO new year"


@given(WEEKS, st.integers(1, 130))
def test_any_weeks_are_covered_once_by_the_fewest_periods(first: IsoWeek, weeks: int) -> None:
    span = Span(first, first.shifted(weeks - 1))
    found = cover(span)
    assert [week for each in found for week in each.each_week()] == list(span.each_week())
    for each in found:
        longer = holder(each) if each.kind is not Kind.YEAR else None
        assert longer is None or longer.first < span.first or longer.last > span.last
    within = cover(span, Kind.MONTH)
    assert within == [month for month in within if month.kind is not Kind.WEEK]
    assert all(span.first <= each.first and each.last <= span.last for each in within)
