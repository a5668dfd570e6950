"""Invitations, answers and what came of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.rating import Rating


class Channel(StrEnum):
    """Where an answer was given."""

    CHAT = "chat"
    WEB = "web"
    PHONE = "phone"
    TERMINAL = "terminal"


class Disposition(StrEnum):
    """What came of an invitation (after AAPOR's Standard Definitions)."""

    COMPLETED = "completed"  #: every question answered or skipped, at least one rated
    PARTIAL = "partial"  #: at least one rating, then silence
    REFUSED = "refused"  #: opted out
    BREAK_OFF = "break_off"  #: opened, nothing rated
    NO_CONTACT = "no_contact"  #: never opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One closure's survey. `token` is the only key a customer ever holds: ≥128 random bits, `[A-Za-z0-9_-]{22,64}`."""

    id: int  #: 0 before it is stored
    case_number: int
    token: str
    language: str
    created_at: datetime
    expires_at: datetime
    remind_at: datetime | None = None  #: None once reminded, or when no reminder is wanted
    opened_at: datetime | None = None
    chat_id: int | None = None  #: the chat that owns it: the first that opened it
    disposition: Disposition | None = None  #: None while open
    questions: tuple[str, ...] = ()  #: only these are asked; () is what the organisation asks


class ContactWay(StrEnum):
    """How we turn to a customer."""

    CHAT = "chat"
    MAIL = "mail"
    SMS = "sms"
    PHONE = "phone"


class Purpose(StrEnum):
    INVITATION = "invitation"
    REMINDER = "reminder"


class AttemptOutcome(StrEnum):
    """What came of one contact attempt (after AAPOR: what came of the invitation is its `Disposition`)."""

    PLANNED = "planned"  #: in the outbox
    SENT = "sent"  #: handed over; nothing more is known
    DELIVERED = "delivered"  #: they say that it arrived
    FAILED = "failed"  #: refused for good, but not because of the address
    DEAD_ADDRESS = "dead_address"  #: nobody is there: not used again
    WITHDRAWN = "withdrawn"  #: not needed any more when its time came (answered, refused, expired)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAttempt:
    """One time that we turned to a customer about one invitation."""

    id: int  #: 0 before it is stored
    invitation_id: int
    way: ContactWay
    purpose: Purpose
    at: datetime  #: planned; once tried: when
    outcome: AttemptOutcome = AttemptOutcome.PLANNED
    detail: str = ""  #: for `status` and the log: a code or a few words, never an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One stored answer. `rating` None means skipped. The first `received_at` decides the digest week, for good."""

    invitation_id: int
    question: str
    rating: Rating | None
    reply: str  #: as typed, tapped ("bra") or heard
    confidence: float
    channel: Channel
    received_at: datetime
    source: str = ""  #: the channel's own id of the message, so that an edit of it can be followed
    engine: str = ""  #: what understood it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What went wrong, after a "dåligt": one of the offered codes, or own words."""

    invitation_id: int
    question: str
    code: str  #: "" when in own words
    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    invitation_id: int
    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A Telegram chat we have met. `current` is the invitation that typed replies belong to."""

    chat_id: int
    language: str
    current: int | None = None
    dead: bool = False  #: blocked us; /start revives
    permission: bool | None = None  #: may later cases be asked about here? None: not asked yet
    question_message: int | None = None  #: message id of the last question's keyboard, if known
