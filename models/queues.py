"""Work that waits in the database: the inbox of raw updates and the outbox of things to be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Payload = Mapping[str, object]  #: JSON


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A raw update, stored before it was acknowledged. `update_id` is Telegram's, and unique.

    `attempts` counts how often it was claimed, this time included.
    """

    update_id: int
    payload: Payload
    received_at: datetime
    attempts: int = 0


class OutboxKind(StrEnum):
    TELEGRAM = "telegram"  #: payload: {"method": "SendMessage", "arguments": {...}}
    MAIL = "mail"  #: payload: {"to", "subject", "text", "html", "headers"...}
    HANDLER_ALERT = (
        "handler_alert"  #: payload: {"invitation_id"}: the text is made when it is due, from what is stored then
    )
    DIGEST = "digest"  #: payload: {"recipient", "year", "week"}: rendered and sent when due
    CONTACT = "contact"  #: payload: {"invitation_id", "purpose"}: how they are reached is decided when due
    SMS = "sms"  #: payload: {"to", "text"}
    CALL = "call"  #: payload: {"invitation_id"}: for the dialler
    WEBHOOK = "webhook"  #: payload: {"hook", "invitation_id"}: rendered, signed and sent when due


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One thing to be done at `due_at` or later, at least once.

    `key` is unique for ever: enqueueing it again does nothing. Rows of one `lane` ("chat:17") are done one at a
    time, in the order they were enqueued; a row whose time has not come yet lets the others past, one that waits to be
    tried again does not. An empty lane has no order. `attempts` counts how often it was claimed, this time included.
    """

    kind: OutboxKind
    key: str
    payload: Payload
    due_at: datetime
    lane: str = ""
    id: int = 0
    attempts: int = 0


class Role(StrEnum):
    """Which waiting work a worker takes."""

    BOT = "bot"
    WORKER = "worker"
