"""The conversation's vocabulary: the session, what can happen to it, and what is to be done.

`survey.conversation.advance(session, event) -> Step` is the one state machine for chat, web, terminal and phone.
Effects carry text *keys* and plain values; each channel renders them.
"""

from dataclasses import dataclass
from enum import StrEnum

from models.rating import Interpretation, Rating, Unclear
from models.survey import Disposition


class Stage(StrEnum):
    INVITED = "invited"  #: not yet accepted
    QUESTION = "question"  #: `current` is asked
    CONFIRM = "confirm"  #: "did you mean `pending`?"
    REASON = "reason"  #: "what went wrong?", after a dåligt on `current`
    COMMENT = "comment"
    PERMISSION = "permission"  #: "may we ask about later cases here?"
    DONE = "done"  #: thanked; answers may still be changed until the deadline
    CLOSED = "closed"  #: nothing changes any more


@dataclass(frozen=True, slots=True)
class Given:
    """What the session holds of one question: `rating` None means skipped."""

    question: str
    rating: Rating | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """All that the state machine remembers. Serialises to plain data (`survey.conversation.dump/load`)."""

    questions: tuple[str, ...]
    stage: Stage = Stage.INVITED
    current: str | None = None
    given: tuple[Given, ...] = ()
    pending: Rating | None = None
    pending_reply: str = ""  #: the words behind `pending`, to be stored if they are confirmed
    pending_confidence: float = 1.0  #: how sure those were, 0..1: stored with them
    misses: int = 0  #: no-matches in a row on the present prompt
    reason_asked: bool = False
    reasons: tuple[tuple[str, str], ...] = ()  #: (question, code) as given; code "" for own words
    comment_settled: bool = False  #: given or declined: not to be asked for again
    permission_wanted: bool = False  #: channel can be asked in again, and hasn't been settled
    permission: bool | None = None  #: what was said to `AskPermission`
    disposition: Disposition | None = None


class FollowUp(StrEnum):
    """When "what went wrong?" is asked."""

    FIRST = "first"  #: after the survey's first dåligt
    EACH = "each"  #: after every question rated dåligt
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the organisation chose: the reasons that are offered after a dåligt, and when."""

    reasons: tuple[str, ...]
    follow_up: FollowUp = FollowUp.FIRST


# --- events: what happened ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offered:
    """The survey was sent, unasked, to a chat that has agreed to it; nobody has opened it yet."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The respondent opened the survey (again)."""


@dataclass(frozen=True, slots=True)
class Replied:
    """Words came, typed or spoken. `yes_no` is how they read as an answer to a yes/no question.

    `empty`: they say nothing of their own ("inget mer", "-"), whatever was asked.
    """

    text: str
    understood: Interpretation
    yes_no: bool | None = None
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Rated:
    """A button or key for one question, in any order, also for one answered before (a change)."""

    question: str
    rating: Rating


@dataclass(frozen=True, slots=True)
class Skipped:
    """Skip: the given question, or (None) whatever is being asked now, comment and reason included.

    A button below a reason, comment or permission prompt says which `stage` it belongs to, so that a second
    tap on it can't skip what came after.
    """

    question: str | None = None
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """A typed reply to `question` was edited afterwards."""

    question: str
    text: str
    understood: Interpretation


@dataclass(frozen=True, slots=True)
class ReasonChosen:
    question: str
    code: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    yes: bool


@dataclass(frozen=True, slots=True)
class PermissionGiven:
    yes: bool


@dataclass(frozen=True, slots=True)
class Reminded:
    """Time for the one reminder."""


@dataclass(frozen=True, slots=True)
class Declined:
    """A no to this survey alone: it closes in every channel, and later cases may be asked about."""


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A no to every survey, in every channel, for good."""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The deadline passed."""


@dataclass(frozen=True, slots=True)
class HungUp:
    pass


Event = (
    Offered
    | Accepted
    | Replied
    | Rated
    | Skipped
    | Corrected
    | ReasonChosen
    | Confirmed
    | PermissionGiven
    | Reminded
    | Declined
    | OptedOut
    | TimedOut
    | HungUp
)


# --- effects: what is to be done -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask `question`, `number` of `total`. `again` when the respondent has seen it before (repeat, reopened)."""

    question: str
    number: int
    total: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Reprompt:
    """Not understood: ask once more, shorter and clearer. `attempt` counts from 1."""

    question: str
    unclear: Unclear
    attempt: int


@dataclass(frozen=True, slots=True)
class Confirm:
    question: str
    rating: Rating


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """Store it. `was` is the rating it replaces (only meaningful when `changed`)."""

    question: str
    rating: Rating | None
    reply: str
    confidence: float
    changed: bool = False
    was: Rating | None = None


@dataclass(frozen=True, slots=True)
class AskReason:
    question: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordReason:
    question: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class AskComment:
    pass


@dataclass(frozen=True, slots=True)
class RecordComment:
    text: str


@dataclass(frozen=True, slots=True)
class AskPermission:
    pass


@dataclass(frozen=True, slots=True)
class RecordPermission:
    yes: bool


@dataclass(frozen=True, slots=True)
class Remind:
    """Say, kindly and once, that the survey still waits; an Ask (or AskComment …) follows."""


@dataclass(frozen=True, slots=True)
class Say:
    """A plain message; `key` is a text key in the channel's own table: "thanks", "changed", "already_closed" …"""

    key: str


@dataclass(frozen=True, slots=True)
class RecordOptOut:
    pass


@dataclass(frozen=True, slots=True)
class Finish:
    """The survey is over (again): `disposition` is to be stored. After DONE answers may still be changed."""

    disposition: Disposition


Effect = (
    Ask
    | Reprompt
    | Confirm
    | RecordAnswer
    | AskReason
    | RecordReason
    | AskComment
    | RecordComment
    | AskPermission
    | RecordPermission
    | Remind
    | Say
    | RecordOptOut
    | Finish
)


@dataclass(frozen=True, slots=True)
class Step:
    session: Session
    effects: tuple[Effect, ...] = ()
