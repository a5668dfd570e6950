"""When the weekly digest goes out: a weekday and hour of local time, or the next working day if that one is red."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.counts import IsoWeek
from survey.calendar import next_working_day

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def send_time(week: IsoWeek, weekday: str, at: time, zone: ZoneInfo) -> datetime:
    """When the digest of `week` is due, in UTC: in the week after it. Local time, so that it doesn't slip at DST."""
    day = next_working_day(week.shifted(1).monday + timedelta(days=WEEKDAYS.index(weekday)))
    return datetime.combine(day, at, zone).astimezone(UTC)


def newest_due(now: datetime, weekday: str, at: time, zone: ZoneInfo) -> IsoWeek:
    """The newest week whose digest is due at `now`."""
    week = IsoWeek.of(now.astimezone(zone).date()).shifted(-1)
    while send_time(week, weekday, at, zone) > now:
        week = week.shifted(-1)
    return week
