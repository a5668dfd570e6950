"""The figures' raw material: what storage counts, and the rules ask for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.rating import Rating
from models.selection import NotAsked
from models.survey import Channel


@dataclass(frozen=True, slots=True, order=True)
class IsoWeek:
    """An ISO 8601 week with its ISO year: 2027-01-01 is in 2026-W53."""

    year: int
    week: int

    @classmethod
    def of(cls, day: date) -> "IsoWeek":
        year, week, _ = day.isocalendar()
        return cls(year, week)

    @classmethod
    def parse(cls, text: str) -> "IsoWeek":
        """Reads "2026-W47"; raises ValueError saying what would be right."""
        year, separator, week = text.strip().upper().partition("-W")
        try:
            if not separator:
                raise ValueError
            found = cls(int(year), int(week))
            date.fromisocalendar(found.year, found.week, 1)
            if not 1970 <= found.year <= 2999:  # what no digest is about; the calendar's own end is near 9999
                raise ValueError
        except ValueError:
            raise ValueError(f"{text!r} is no ISO week; write it as 2026-W47") from None
        return found

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.week, 1)

    @property
    def sunday(self) -> date:
        return date.fromisocalendar(self.year, self.week, 7)

    def shifted(self, weeks: int) -> "IsoWeek":
        return IsoWeek.of(self.monday + timedelta(weeks=weeks))

    def __str__(self) -> str:
        return f"{self.year}-W{self.week:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCount:
    """How many answers of one kind one week: one cell of the rollup. Skips are not counted."""

    week: IsoWeek
    department: str
    unit: str
    customer_type: str  #: "medborgare", "företag" or ""
    intake_channel: str
    channel: Channel
    question: str
    rating: Rating
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """The response account of the closures decided in a period, for one unit.

    `channel` says where they answered (None: they did not). `reason` is set for those not asked.
    """

    unit: str
    reason: NotAsked | None
    reached: bool  #: the invitation was opened, or delivered to a chat
    channel: Channel | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedCase:
    """One answered case with all that its customer said: for follow-up, comments and alerts, never for statistics."""

    invitation_id: int
    case_id: str
    department: str
    unit: str
    subject: str
    handler: str
    handler_mail: str
    contractor: str
    customer_type: str
    intake_channel: str
    closed_at: datetime
    answered_at: datetime  #: of its first answer
    ratings: tuple[tuple[str, Rating | None], ...]  #: (question, rating), in the order answered
    reasons: tuple[tuple[str, str, str], ...] = ()  #: (question, code, own words)
    comments: tuple[str, ...] = ()
    recheck_of: int | None = None  #: asked again after the fix: the invitation that it follows up
