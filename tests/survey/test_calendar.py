"""Red days that Sweden knows, and the hours in which we write."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.calendar import (
    ContactHours,
    is_decent_time,
    is_holiday,
    is_red_day,
    is_working_day,
    next_decent_time,
    next_working_day,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOURS = ContactHours()


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ((2026, 1, 1), "nyårsdagen"),
        ((2026, 1, 6), "trettondedag jul"),
        ((2026, 4, 3), "långfredagen"),
        ((2026, 4, 6), "annandag påsk"),
        ((2026, 5, 1), "första maj"),
        ((2026, 5, 14), "Kristi himmelsfärdsdag"),
        ((2025, 6, 6), "nationaldagen"),
        ((2026, 6, 19), "midsommarafton"),
        ((2026, 6, 20), "midsommardagen"),
        ((2026, 10, 31), "alla helgons dag"),
        ((2026, 12, 24), "julafton"),
        ((2026, 12, 31), "nyårsafton"),
        ((2027, 1, 1), "nyårsdagen, in 2026-W53"),
    ],
)
def test_days_off(day: tuple[int, int, int], name: str) -> None:
    assert is_holiday(date(*day)), name
    assert is_red_day(date(*day)), name
    assert not is_working_day(date(*day)), name


def test_ordinary_days() -> None:
    assert is_working_day(date(2026, 11, 20))
    assert not is_working_day(date(2026, 11, 21))
    assert not is_red_day(date(2026, 11, 21)), "a Saturday is no red day"
    assert is_red_day(date(2026, 11, 22))
    assert not is_holiday(date(2026, 11, 22))
    assert is_working_day(date(2026, 4, 2)), "skärtorsdagen is a working day"


def test_the_working_day_after_the_holidays() -> None:
    assert next_working_day(date(2026, 12, 24)) == date(2026, 12, 28)
    assert next_working_day(date(2026, 12, 31)) == date(2027, 1, 4)
    assert next_working_day(date(2026, 6, 19)) == date(2026, 6, 22)
    assert next_working_day(date(2026, 11, 20)) == date(2026, 11, 20)


def decent(local: datetime, hours: ContactHours = HOURS) -> datetime:
    return (
        next_decent_time(local.replace(tzinfo=STOCKHOLM), STOCKHOLM, hours).astimezone(STOCKHOLM).replace(tzinfo=None)
    )


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        (datetime(2026, 11, 20, 14, 30), datetime(2026, 11, 20, 14, 30)),  # noqa: DTZ001 - local on purpose, all below
        (datetime(2026, 11, 20, 6, 0), datetime(2026, 11, 20, 9, 0)),  # noqa: DTZ001
        (datetime(2026, 11, 20, 20, 0), datetime(2026, 11, 23, 9, 0)),  # noqa: DTZ001
        (datetime(2026, 6, 18, 21, 0), datetime(2026, 6, 22, 9, 0)),  # noqa: DTZ001
        (datetime(2026, 12, 30, 22, 0), datetime(2027, 1, 4, 9, 0)),  # noqa: DTZ001
        (datetime(2026, 3, 27, 20, 0), datetime(2026, 3, 30, 9, 0)),  # noqa: DTZ001 - clocks go forward on the 29th
        (datetime(2026, 10, 23, 20, 0), datetime(2026, 10, 26, 9, 0)),  # noqa: DTZ001 - and back on the 25th
    ],
)
def test_never_at_night_nor_on_days_off(local: datetime, expected: datetime) -> None:
    assert decent(local) == expected


def test_nine_o_clock_is_local_on_both_sides_of_the_clock_change() -> None:
    friday = datetime(2026, 3, 27, 19, 0, tzinfo=UTC)
    assert next_decent_time(friday, STOCKHOLM, HOURS) == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)
    week_before = datetime(2026, 3, 20, 19, 0, tzinfo=UTC)
    assert next_decent_time(week_before, STOCKHOLM, HOURS) == datetime(2026, 3, 23, 8, 0, tzinfo=UTC)


def test_weekends_may_be_used_but_not_holidays() -> None:
    hours = ContactHours(start=time(10), until=time(18), weekends=True)
    assert decent(datetime(2026, 11, 20, 19, 0), hours) == datetime(2026, 11, 21, 10, 0)  # noqa: DTZ001
    assert decent(datetime(2026, 6, 19, 12, 0), hours) == datetime(2026, 6, 21, 10, 0)  # noqa: DTZ001


@given(st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)), st.booleans())  # noqa: DTZ001
def test_the_next_decent_time_is_decent_and_soon(now: datetime, weekends: bool) -> None:
    hours = ContactHours(weekends=weekends)
    found = next_decent_time(now, STOCKHOLM, hours)
    assert is_decent_time(found, STOCKHOLM, hours)
    assert now <= found < now + timedelta(days=6)
    assert next_decent_time(found, STOCKHOLM, hours) == found
