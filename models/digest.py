"""A week's digest: every figure and decision that a renderer needs, and no prose.

Names that people read (questions, reasons, dimensions) are text keys or the case system's own words. Group names may
be "": the case system gave none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.case import AddressKind
from models.counts import IsoWeek
from models.rating import Rating
from models.selection import NotAsked
from models.survey import Channel


class Dimension(StrEnum):
    """What a table groups by."""

    DEPARTMENT = "department"
    UNIT = "unit"
    CUSTOMER_TYPE = "customer_type"
    INTAKE_CHANNEL = "intake_channel"


class Why(StrEnum):
    """Why a figure is not there."""

    NOTHING = "nothing"  #: no answers
    PROTECTED = "protected"  #: too few answers, or it would give away a group with too few. Which, is not told


class Direction(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    UNCHANGED = "unchanged"  #: any difference is smaller than `DigestPolicy.unchanged_within`
    CANNOT_SAY = "cannot_say"


class CannotSay(StrEnum):
    NO_HISTORY = "no_history"  #: nothing to compare with
    TOO_FEW = "too_few"  #: too few answers, now or before, to show or compare
    UNCERTAIN = "uncertain"  #: compared: no sure difference, but a relevant one can't be ruled out


class Against(StrEnum):
    """Where the interval of the share "bra" lies against the target."""

    ABOVE = "above"
    AROUND = "around"  #: the interval contains the target
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % confidence interval of a share; both ends are 0..1."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The answers to one question from one group in one period; `n` is above 0 and bra + ok + daligt."""

    bra: int
    ok: int
    daligt: int
    bra_interval: Interval
    daligt_interval: Interval

    @property
    def n(self) -> int:
        return self.bra + self.ok + self.daligt

    def count(self, rating: Rating) -> int:
        return {Rating.BRA: self.bra, Rating.OK: self.ok, Rating.DALIGT: self.daligt}[rating]

    def percent(self, rating: Rating) -> int:
        """The share in whole per cent, half rounded up, each on its own: the three may sum to 99 or 101."""
        return (200 * self.count(rating) + self.n) // (2 * self.n)


@dataclass(frozen=True, slots=True)
class Hidden:
    """No figures here. `minimum` is the number of answers that this kind of group needs to be shown."""

    why: Why
    minimum: int


Cell = Figures | Hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Did the share "bra" change? `recent` (4 weeks, this one included) against `base` (the 26 weeks before)."""

    direction: Direction
    reason: CannotSay | None  #: set exactly when the direction is CANNOT_SAY
    recent: Cell
    base: Cell
    p: float | None = None  #: mid-p, two-sided; None when not compared


@dataclass(frozen=True, slots=True)
class TrendPoint:
    week: IsoWeek
    cell: Cell


@dataclass(frozen=True, slots=True)
class Target:
    share: float  #: of "bra", 0..1
    result: Against | None  #: None when the week's figures are not there


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFigures:
    """One question over the digest's whole scope."""

    question: str
    week: Cell
    change: Change
    target: Target | None
    trend: tuple[TrendPoint, ...]  #: oldest first, one a week, the digest's own week last


@dataclass(frozen=True, slots=True)
class GroupCell:
    """One group's answers to one question over the recent weeks: one week's are too few to say anything."""

    question: str
    change: Change

    @property
    def recent(self) -> Cell:
        return self.change.recent


@dataclass(frozen=True, slots=True)
class GroupRow:
    name: str  #: as the case system has it; "" when it gave none
    cells: tuple[GroupCell, ...]  #: one per question, in the digest's order


@dataclass(frozen=True, slots=True)
class GroupTable:
    """Figures of the recent weeks. Rows are in alphabetical order, the nameless last: no league table."""

    dimension: Dimension
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of the closures that were decided in the week, so far."""

    closed: int
    not_asked: tuple[tuple[NotAsked, int], ...]  #: commonest first
    asked: int
    reached: int
    answered: int
    channels: tuple[tuple[Channel, int], ...]  #: where the answered ones answered, commonest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What came of asking again, after a fix, about what was rated dåligt; asked in the recent weeks."""

    asked: int
    answered: int  #: rated all that they were asked again, or something dåligt
    recovered: int | None  #: of those: nothing is dåligt any more. None: fewer than `minimum` answered
    minimum: int

    @property
    def percent(self) -> int | None:
        """`recovered` of `answered` in whole per cent, half rounded up."""
        if self.recovered is None or not self.answered:
            return None
        return (200 * self.recovered + self.answered) // (2 * self.answered)


class HighlightKind(StrEnum):
    """Most urgent first."""

    WORSE = "worse"
    BELOW_TARGET = "below_target"
    BETTER = "better"


@dataclass(frozen=True, slots=True)
class Highlight:
    """What the reader should see first. `dimension` None: the whole scope."""

    kind: HighlightKind
    question: str
    dimension: Dimension | None = None
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One case in its customer's own words, redacted. Only ever in a named recipient's copy."""

    case_id: str
    subject: str
    unit: str
    closed_at: datetime
    answered_at: datetime
    ratings: tuple[tuple[str, Rating | None], ...]  #: (question, rating); None: skipped
    reasons: tuple[tuple[str, str, str], ...]  #: (question, code, own words)
    comments: tuple[str, ...]
    invitation_id: int = 0  #: its survey, for addresses on the managers' page

    @property
    def poor(self) -> tuple[str, ...]:
        """The questions rated dåligt."""
        return tuple(question for question, rating in self.ratings if rating is Rating.DALIGT)


class Note(StrEnum):
    """What the reader must know about the figures: a text key each."""

    NOTHING_ANSWERED = "nothing_answered"  #: the whole digest is then three lines
    TOO_FEW = "too_few"  #: too few answers in the whole scope for (some of) the week's figures
    GROUPS_PROTECTED = "groups_protected"  #: some group is hidden
    NO_HISTORY = "no_history"  #: nothing older to compare with


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    organisation: str
    week: IsoWeek
    generated_at: datetime  #: UTC
    units: tuple[str, ...]  #: the scope; () is the whole organisation
    identified: bool  #: a named recipient's copy: the three lists of voices may be filled
    recent_weeks: int
    base_weeks: int
    questions: tuple[QuestionFigures, ...]
    account: Account
    groups: tuple[GroupTable, ...]
    highlights: tuple[Highlight, ...] = ()
    notes: tuple[Note, ...] = ()
    preliminary: bool = False  #: made before the week was over
    follow_ups: tuple[Voice, ...] = ()  #: at least one dåligt, oldest first
    praise: tuple[Voice, ...] = ()  #: nothing but bra, and a comment that reads as praise
    comments: tuple[Voice, ...] = ()  #: all other cases with a comment
    recovered: Recovery | None = None  #: None: nobody was asked again

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Every single case; none in a general copy."""
        return (*self.follow_ups, *self.praise, *self.comments) if self.identified else ()

    @property
    def nothing(self) -> bool:
        """Nobody answered this week."""
        return Note.NOTHING_ANSWERED in self.notes


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPolicy:
    """The rules of the digest. Shares are 0..1, minimums are answers to one question."""

    organisation: str
    questions: tuple[str, ...]
    targets: Mapping[str, float] = field(default_factory=dict)  #: question: wanted share of "bra"
    recent_weeks: int = 4
    base_weeks: int = 26
    trend_weeks: int = 26  #: how many of those 30 the trend shows
    min_group: int = 7  #: a unit, department or intake channel, and the digest's whole scope
    min_foretag: int = 10
    min_ranking: int = 20  #: to be pointed out among the highlights
    false_discovery_rate: float = 0.10  #: Benjamini–Hochberg, over all comparisons in one digest
    unchanged_within: float = 0.10


class ReportRole(StrEnum):
    """What a recipient may see on the managers' page. Single cases are for `identified` recipients only, always."""

    MANAGER = "manager"  #: the figures of their units
    ANALYST = "analyst"  #: all figures
    ADMIN = "admin"  #: likewise, and the state of the installation


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who gets a digest, and where. `name` is the subscription's name in config: it must stay the same over time.

    `via` CHAT is the chat that is registered for `mail` (`ChatStore.handler_chat`).
    """

    name: str
    mail: str
    via: tuple[AddressKind, ...] = (AddressKind.MAIL,)
    units: tuple[str, ...] = ()  #: () is the whole organisation; big and small letters are the same
    language: str = "sv"
    identified: bool = False  #: a named person, who may see single cases
    role: ReportRole = ReportRole.MANAGER
