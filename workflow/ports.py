"""What the shells must fulfil: the store, the clock and the senders. Workflow knows nothing else of them."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from models.case import Address, CaseChange, ClosedCase, StoredCase
from models.conversation import Session
from models.counts import SurveyedCase
from models.queues import InboxRow, OutboxKind, OutboxRow
from models.selection import Decision, Draw, StoredDraw
from models.survey import Answer, Channel, Chat, Comment, Invitation, Reason
from workflow.store_parts import (
    ApiTokenStore,
    ContactStore,
    FigureStore,
    FollowUpStore,
    KeyValueStore,
    LookupStore,
    PrivacyStore,
    SignInStore,
)


class StoreUnavailableError(Exception):
    """The database can't take it just now: locked by another process, disk full, connection lost, deadlock.

    Nothing of the step was stored: the whole step may be tried again later. Raised by `Store.step` and `Store.look`.
    """


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...


class CaseStore(Protocol):
    """Closed cases and the decisions whether to ask about them."""

    async def put_cases(self, cases: Sequence[ClosedCase], now: datetime) -> list[CaseChange]:
        """Store closures, in order, one result each. Known ones are updated; re-runs change nothing."""
        ...

    async def case(self, case_number: int) -> StoredCase | None: ...

    async def undecided(self, limit: int, after: int = 0) -> list[StoredCase]:
        """Closures without a decision, by number, those numbered above `after`."""
        ...

    async def still_undecided(self, case_numbers: Collection[int]) -> set[int]:
        """Those of these closures that nobody has decided yet: asked again inside the deciding transaction."""
        ...

    async def decide(self, decisions: Sequence[Decision], now: datetime) -> None: ...

    async def put_draw(self, draw: Draw) -> int:
        """Store a draw; returns its number."""
        ...

    async def draws(self) -> list[StoredDraw]:
        """Every stored draw, oldest first."""
        ...

    async def draw_frame(self, number: int) -> list[tuple[StoredCase, Decision]]:
        """The closures whose decision came from this draw (all of its frame), with that decision."""
        ...

    async def asked_since(self, addresses: Collection[Address], since: datetime) -> set[Address]:
        """Those of `addresses` that belong to a case asked about (invitation created) at `since` or later."""
        ...

    async def opted_out(self, addresses: Collection[Address]) -> set[Address]: ...

    async def opt_out(self, addresses: Collection[Address], now: datetime, channel: Channel) -> None:
        """Remember a refusal for every channel, for good (it survives erasure, as a keyed hash)."""
        ...


class SurveyStore(Protocol):
    """Invitations, their sessions and what was answered."""

    async def put_invitations(self, invitations: Sequence[Invitation]) -> list[Invitation]:
        """Store; a closure that has one already keeps it. Returns what now stands, with ids, in order."""
        ...

    async def invitation(self, invitation_id: int) -> Invitation | None: ...

    async def invitation_by_token(self, token: str) -> Invitation | None: ...

    async def invitation_of_case(self, case_id: str) -> Invitation | None:
        """The newest invitation of the case, whichever closing of it that is about."""
        ...

    async def save_invitation(self, invitation: Invitation) -> None: ...

    async def own_invitation(self, token: str, chat_id: int, now: datetime) -> Invitation | None:
        """The invitation, now owned by this chat (and opened) if nobody owned it; as it stands if another does."""
        ...

    async def open_invitations(self, chat_id: int) -> list[Invitation]:
        """The chat's invitations without a disposition, oldest first."""
        ...

    async def latest_invitation(self, chat_id: int) -> Invitation | None:
        """The chat's newest invitation, finished or not."""
        ...

    async def unopened_invitations(self, since: datetime) -> list[tuple[Invitation, StoredCase]]:
        """Created at `since` or later, not opened, no chat, and nobody who has refused: for the export of links."""
        ...

    async def due_reminders(self, now: datetime, limit: int) -> list[Invitation]:
        """Open ones whose `remind_at` has passed."""
        ...

    async def due_expiries(self, now: datetime, limit: int) -> list[Invitation]:
        """Those past `expires_at` whose session is not closed."""
        ...

    async def session(self, invitation_id: int) -> Session | None: ...

    async def save_session(self, invitation_id: int, session: Session, now: datetime) -> None: ...

    async def put_answer(self, answer: Answer) -> None:
        """Store or replace the answer to one question, and keep the weekly rollup right, in this transaction."""
        ...

    async def answers(self, invitation_id: int) -> list[Answer]: ...

    async def answer_by_source(self, channel: Channel, source: str) -> Answer | None: ...

    async def put_reason(self, reason: Reason) -> None: ...

    async def put_comment(self, comment: Comment) -> None: ...

    async def surveyed(self, invitation_id: int) -> SurveyedCase | None: ...


class ChatStore(Protocol):
    """Telegram chats, and which address may be asked where."""

    async def chat(self, chat_id: int) -> Chat | None: ...

    async def save_chat(self, chat: Chat) -> None: ...

    async def link_chat(self, chat_id: int, addresses: Collection[Address], now: datetime) -> None:
        """Its owner said yes: later cases with one of these addresses are asked about in this chat."""
        ...

    async def unlink_chat(self, chat_id: int) -> None: ...

    async def linked_chat(self, addresses: Collection[Address]) -> Chat | None:
        """A living chat whose owner said yes for one of these addresses."""
        ...

    async def linked_chats(self, addresses: Collection[Address]) -> Mapping[Address, Chat]:
        """`linked_chat` for many at once: each of `addresses` that has one, with its newest living chat."""
        ...

    async def chat_addresses(self, chat_id: int) -> set[Address]: ...

    async def register_handler(self, mail: str, chat_id: int, now: datetime) -> None: ...

    async def handler_chat(self, mail: str) -> int | None: ...

    async def unregister_handler(self, chat_id: int) -> int:
        """Forget the mail addresses registered to this chat; returns how many there were."""
        ...


class QueueStore(Protocol):
    """The durable inbox and the outbox."""

    async def put_updates(self, updates: Sequence[InboxRow]) -> int:
        """Store raw updates; those already known are passed over. Returns how many were new."""
        ...

    async def claim_updates(self, now: datetime, lease: timedelta, limit: int) -> list[InboxRow]:
        """Take due updates, oldest first, at most the first of each chat, leased until now + lease."""
        ...

    async def finish_update(self, update_id: int, now: datetime) -> None: ...

    async def retry_update(self, update_id: int, error: str, at: datetime | None) -> None:
        """Not now: again at `at`, or (None) never, kept visible as failed."""
        ...

    async def enqueue(self, rows: Sequence[OutboxRow]) -> int:
        """Store work to be done; a known key is passed over. Returns how many were new."""
        ...

    async def claim(
        self, kinds: Collection[OutboxKind], now: datetime, lease: timedelta, limit: int
    ) -> list[OutboxRow]:
        """Take due rows, oldest first, at most the first of each lane, leased until now + lease."""
        ...

    async def finish(self, row_id: int, now: datetime) -> None: ...

    async def retry(self, row_id: int, error: str, at: datetime | None) -> None:
        """Not now: again at `at`, or (None) failed for good, kept visible. A failed row doesn't block its lane."""
        ...

    async def postpone(self, row_id: int, at: datetime) -> None:
        """Not before `at`, as if it had never been claimed: nothing went wrong."""
        ...

    async def renew(self, row_id: int, attempts: int, until: datetime) -> bool:
        """Keep a claimed row until then; False if it isn't ours any more. `attempts`: as it was claimed."""
        ...

    async def cancel(self, key: str) -> None:
        """Take back a waiting row that was never tried (it may have arrived): its key may be used again."""
        ...

    async def hasten(self, key: str, due_at: datetime) -> None:
        """Make a waiting row due earlier than it was."""
        ...

    async def release_leases(self) -> int:
        """Every claimed row is free again; returns how many. Only for who knows that those who claimed are dead."""
        ...

    async def queue_state(self, now: datetime) -> Mapping[str, object]:
        """For `status`: per queue and kind waiting, leased, failed, age of the oldest in seconds, newest errors."""
        ...


class Transaction(
    CaseStore,
    SurveyStore,
    ChatStore,
    QueueStore,
    FigureStore,
    PrivacyStore,
    KeyValueStore,
    ContactStore,
    FollowUpStore,
    ApiTokenStore,
    LookupStore,
    SignInStore,
    Protocol,
):
    """One transaction: all of it is committed, or nothing."""


class Store(Protocol):
    """The database. `step` is a writing transaction, `look` a reading one."""

    def step(self) -> AbstractAsyncContextManager[Transaction]:
        """BEGIN (immediate); commits when the block ends, rolls back when it raises."""
        ...

    def look(self) -> AbstractAsyncContextManager[Transaction]: ...

    async def close(self) -> None: ...


class DeliveryError(Exception):
    """Something could not be delivered. The message is for people, without names, numbers or reply texts."""


class PermanentError(DeliveryError):
    """It will never work (mailbox unknown, blocked by the user, refused as malformed): keep it visible, don't retry."""


class RetryableError(DeliveryError):
    """It may work later; `retry_after` seconds, if the other side said."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeadAddressError(PermanentError):
    """Nobody is at that address (mailbox unknown, number not in use): don't use it again."""


class NotYetError(DeliveryError):
    """It is not the time for it (night, asked too recently): again at `at`. Nothing is wrong, and nobody is told."""

    def __init__(self, at: datetime) -> None:
        super().__init__("not yet")
        self.at = at


class LeaseLostError(DeliveryError):
    """Another worker has taken the row up meanwhile: it is no longer ours, and nothing is to be noted about it."""


class Sender(Protocol):
    """Delivers one kind of outbox row."""

    async def send(self, row: OutboxRow) -> None:
        """Deliver it; raises PermanentError, RetryableError or NotYetError. Called at least once a row."""
        ...
