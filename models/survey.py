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
