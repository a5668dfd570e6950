"""Swedish days and hours: red days, working days, and when it is decent to write to somebody."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

_SATURDAY, _SUNDAY = 5, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactHours:
    """When customers may be written to unasked, in local time: from `start` until just before `until`, on working days.

    With `weekends` on Saturdays and Sundays too; never on holidays.
    """

    start: time = time(9)
    until: time = time(20)
    weekends: bool = False


@cache
def _holidays(year: int) -> frozenset[date]:
    # de_facto: midsommarafton, julafton and nyårsafton, which the law doesn't name and all of Sweden keeps
    return frozenset(
        holidays.country_holidays("SE", years=year, include_sundays=False, categories=("public", "de_facto"))
    )


def is_holiday(day: date) -> bool:
    """A holiday, or one of the eves that Sweden keeps as such; an ordinary Sunday is none."""
    return day in _holidays(day.year)


def is_red_day(day: date) -> bool:
    """Red in the almanac: Sundays and holidays, and the eves."""
    return day.weekday() == _SUNDAY or is_holiday(day)


def is_working_day(day: date) -> bool:
    return day.weekday() < _SATURDAY and not is_holiday(day)


def next_working_day(day: date) -> date:
    """`day` itself, if it is one; else the first after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def is_decent_time(now: datetime, zone: ZoneInfo, hours: ContactHours) -> bool:
    """Whether `now` (aware) is within contact hours in `zone`."""
    local = now.astimezone(zone)
    return _is_contact_day(local.date(), hours) and hours.start <= local.time() < hours.until


def next_decent_time(now: datetime, zone: ZoneInfo, hours: ContactHours) -> datetime:
    """`now`, if it is within contact hours; else the next time that is, at their start. Aware, in UTC."""
    if is_decent_time(now, zone, hours):
        return now.astimezone(UTC)
    local = now.astimezone(zone)
    day = local.date() if local.time() < hours.start else local.date() + timedelta(days=1)
    while not _is_contact_day(day, hours):
        day += timedelta(days=1)
    return datetime.combine(day, hours.start, zone).astimezone(UTC)


def _is_contact_day(day: date, hours: ContactHours) -> bool:
    return not is_holiday(day) if hours.weekends else is_working_day(day)
