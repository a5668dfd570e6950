"""When the weekly digest goes out: a weekday and hour of local time, or the next working day if that one is red."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.counts import IsoWeek
from survey.calendar import next_working_day

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSchedule:
    """A week's digest is due on `weekday`, at `at`, of the week after it, in `zone`.

    `catch_up`: after a long stop, at most so many missed weeks are made up.
    """

    zone: ZoneInfo
    weekday: str = "monday"
    at: time = time(7)
    catch_up: int = 4


def week_span(week: IsoWeek, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The week's first moment and the next week's, in UTC: local midnights, so 167 to 169 hours apart."""
    first, after = (datetime.combine(each.monday, time(0), zone).astimezone(UTC) for each in (week, week.shifted(1)))
    return first, after


def send_time(week: IsoWeek, schedule: DigestSchedule) -> datetime:
    """When the digest of `week` is due, in UTC: computed in local time, so that it doesn't slip at DST."""
    day = next_working_day(week.shifted(1).monday + timedelta(days=WEEKDAYS.index(schedule.weekday)))
    return datetime.combine(day, schedule.at, schedule.zone).astimezone(UTC)


def newest_due(now: datetime, schedule: DigestSchedule) -> IsoWeek:
    """The newest week whose digest is due at `now`."""
    week = IsoWeek.of(now.astimezone(schedule.zone).date()).shifted(-1)
    while send_time(week, schedule) > now:
        week = week.shifted(-1)
    return week


def due_weeks(last_sent: IsoWeek, now: datetime, schedule: DigestSchedule) -> list[IsoWeek]:
    """The weeks after `last_sent` that are due, oldest first: usually none or one, more after a stop."""
    newest = newest_due(now, schedule)
    missed = [newest.shifted(-back) for back in range(schedule.catch_up - 1, -1, -1)]
    return [week for week in missed if week > last_sent]
