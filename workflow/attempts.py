"""What came of the contacts that were planned: noted when they are made, and withdrawn when nobody needs them."""

from dataclasses import dataclass
from datetime import datetime

from models.case import Address, StoredCase
from models.conversation import Session, Stage
from models.queues import OutboxKind, OutboxRow
from models.survey import AttemptOutcome, ContactAttempt, Invitation
from survey.session import first_unanswered
from workflow.contact_plan import ADDRESS_OF, ContactPolicy
from workflow.outbox import USUAL_OUTBOX
from workflow.ports import (
    Clock,
    DeadAddressError,
    DeliveryError,
    NotYetError,
    PermanentError,
    Sender,
    Store,
    Transaction,
)
from workflow.store_parts import contact_key


async def why_over(tx: Transaction, invitation: Invitation, stored: StoredCase, now: datetime) -> str:
    """Why nobody is to turn to this customer about it any more, in a word or two; "" if somebody may."""
    if stored.case.trial:
        return "a trial"
    if invitation.disposition is not None:
        return invitation.disposition.value
    if now >= invitation.expires_at:
        return "expired"
    if invitation.chat_id is not None:
        return "in a chat"
    session = await tx.session(invitation.id)
    if session is not None and session.stage is Stage.CLOSED:
        return "closed"
    if session is not None and first_unanswered(session) is None:
        return "answered"
    return "refused" if await tx.opted_out(stored.case.addresses) else ""


def is_begun(session: Session | None) -> bool:
    """Whether they know of the survey, whoever told them: it has been opened."""
    return session is not None and (session.stage is not Stage.INVITED or session.current is not None)


async def look_again(tx: Transaction, attempt: ContactAttempt, now: datetime) -> None:
    """Have the next way tried at once, since `attempt` reached nobody."""
    after = len(await tx.attempts(attempt.invitation_id))
    await tx.enqueue(
        [contact_row(attempt.invitation_id, after, attempt.purpose, now, because_of=f":instead-of-{attempt.id}")]
    )


def contact_row(invitation_id: int, after: int, purpose: str, due_at: datetime, because_of: str = "") -> OutboxRow:
    """The row of a contact that is due once there have been `after` attempts, and void once there are more.

    `purpose` is what it looks like now; what it is, is decided when it is due.
    """
    payload = {"invitation_id": invitation_id, "purpose": str(purpose), "after": after}
    key = contact_key(invitation_id, after) + because_of
    return OutboxRow(kind=OutboxKind.CONTACT, key=key, payload=payload, due_at=due_at)


async def note_dead(tx: Transaction, attempt: ContactAttempt, address: Address, reason: str, now: datetime) -> None:
    """Nobody is at the address that `attempt` was made to: it is not used again, and the next way is tried at once.

    `reason`: a code or a few words ("550 5.1.1"), never the address. Noting it twice does nothing more.
    """
    await tx.settle_attempt(attempt.id, AttemptOutcome.DEAD_ADDRESS, reason, now)
    await tx.put_dead(address, reason, now)
    await look_again(tx, attempt, now)


@dataclass(frozen=True, slots=True)
class NotingSender:
    """A `Sender` of messages, some of them contacts (those with an "attempt_id"), that notes what came of those.

    A contact is withdrawn if the customer has answered or refused meanwhile, and put off at night. It is sent at least
    once: if we die after it was handed over and before that was noted, it is handed over again.
    """

    sender: Sender
    store: Store
    clock: Clock
    policy: ContactPolicy

    async def send(self, row: OutboxRow) -> None:
        number = row.payload.get("attempt_id")
        if not isinstance(number, int):
            await self.sender.send(row)
            return
        attempt = await self._still_planned(number)
        if attempt is None:
            return
        try:
            await self.sender.send(row)
        except DeadAddressError as error:
            address = Address(ADDRESS_OF[attempt.way], str(row.payload["to"]))
            async with self.store.step() as tx:
                await note_dead(tx, attempt, address, str(error), self.clock.now())
        except PermanentError as error:
            await self._failed(attempt, str(error))
            raise
        except DeliveryError:
            raise
        except Exception as error:  # a fault of ours: when the outbox gives the row up, the next way is tried
            if row.attempts >= USUAL_OUTBOX.fault_attempts:
                await self._failed(attempt, type(error).__name__)
            raise
        else:
            async with self.store.step() as tx:
                await tx.settle_attempt(attempt.id, AttemptOutcome.SENT, "", self.clock.now())

    async def _failed(self, attempt: ContactAttempt, reason: str) -> None:
        async with self.store.step() as tx:
            await tx.settle_attempt(attempt.id, AttemptOutcome.FAILED, reason, self.clock.now())
            await look_again(tx, attempt, self.clock.now())

    async def _still_planned(self, number: int) -> ContactAttempt | None:
        """The attempt, if it is to be made now; None if not at all. Raises NotYetError at night."""
        async with self.store.step() as tx:
            attempt = await tx.attempt(number)
            if attempt is None or attempt.outcome is not AttemptOutcome.PLANNED:
                return None
            now = self.clock.now()
            if over := await over_now(tx, attempt.invitation_id, now):
                await tx.settle_attempt(attempt.id, AttemptOutcome.WITHDRAWN, over, now)
                return None
        decent = self.policy.decent_time(attempt.way, now)
        if decent > now:
            raise NotYetError(decent)
        return attempt


async def over_now(tx: Transaction, invitation_id: int, now: datetime) -> str:
    """`why_over` of an invitation by its number."""
    invitation = await tx.invitation(invitation_id)
    stored = await tx.case(invitation.case_number) if invitation is not None else None
    if invitation is None or stored is None:
        return "gone"
    return await why_over(tx, invitation, stored, now)
