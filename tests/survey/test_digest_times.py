"""Monday at seven, whatever the clocks, the almanac and the year do."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.counts import IsoWeek
from survey.digest_times import DigestSchedule, due_weeks, newest_due, send_time, week_span

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SCHEDULE = DigestSchedule(zone=STOCKHOLM)


@pytest.mark.parametrize(
    ("week", "due"),
    [
        ("2026-W47", "2026-11-23 06:00"),  # an ordinary Monday, winter time
        ("2026-W30", "2026-07-27 05:00"),  # summer time
        ("2026-W12", "2026-03-23 06:00"),
        ("2026-W13", "2026-03-30 05:00"),  # the clocks went forward the day before
        ("2026-W43", "2026-10-26 06:00"),  # and back
        ("2026-W14", "2026-04-07 05:00"),  # annandag påsk: Tuesday
        ("2026-W52", "2026-12-28 06:00"),
        ("2026-W53", "2027-01-04 06:00"),
        ("2028-W51", "2028-12-27 06:00"),  # a Monday that is juldagen, then annandagen: Wednesday
    ],
)
def test_when_a_weeks_digest_is_due(week: str, due: str) -> None:
    assert send_time(IsoWeek.parse(week), SCHEDULE) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_another_weekday_and_hour() -> None:
    schedule = DigestSchedule(zone=STOCKHOLM, weekday="thursday", at=time(15, 30))
    assert send_time(IsoWeek(2026, 47), schedule) == datetime(2026, 11, 26, 14, 30, tzinfo=UTC)
    assert send_time(IsoWeek(2026, 52), schedule) == datetime(2026, 12, 31, 14, 30, tzinfo=UTC) + timedelta(days=4)


def test_a_week_is_as_long_as_its_local_days() -> None:
    def hours(week: str) -> float:
        since, before = week_span(IsoWeek.parse(week), STOCKHOLM)
        return (before - since) / timedelta(hours=1)

    assert [hours(week) for week in ("2026-W12", "2026-W13", "2026-W43")] == [168, 167, 169]
    assert week_span(IsoWeek(2026, 53), STOCKHOLM)[1] == datetime(2027, 1, 3, 23, 0, tzinfo=UTC)


@given(st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_newest_due_week_is_due_and_the_one_after_it_is_not(now: datetime) -> None:
    newest = newest_due(now, SCHEDULE)
    assert send_time(newest, SCHEDULE) <= now < send_time(newest.shifted(1), SCHEDULE)
    assert due_weeks(newest, now, SCHEDULE) == []
    assert due_weeks(newest.shifted(-1), now, SCHEDULE) == [newest]


def test_missed_weeks_are_made_up_but_not_for_ever() -> None:
    monday = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert [str(week) for week in due_weeks(IsoWeek(2026, 45), monday, SCHEDULE)] == ["2026-W46", "2026-W47"]
    assert [str(week) for week in due_weeks(IsoWeek(2026, 20), monday, SCHEDULE)] == [
        "2026-W44",
        "2026-W45",
        "2026-W46",
        "2026-W47",
    ]
