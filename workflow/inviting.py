"""Turns to customers who have no chat with us: by mail, SMS or phone, as planned when the time has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from models.case import ClosedCase, StoredCase
from models.queues import OutboxKind, OutboxRow, Payload
from models.survey import AttemptOutcome, ContactAttempt, ContactWay, Invitation, Purpose
from survey.calendar import next_decent_time
from workflow.attempts import contact_row, is_begun, look_again, why_over
from workflow.contact_plan import ADDRESS_OF, ContactPolicy, Standing, Turn, Wait, next_contact
from workflow.ports import Clock, NotYetError, PermanentError, Store, Transaction
from workflow.store_parts import contact_key

NEW_FOR = timedelta(days=1)  #: how old an invitation may be for a contact to be planned afterwards
_KINDS = {ContactWay.MAIL: OutboxKind.MAIL, ContactWay.SMS: OutboxKind.SMS, ContactWay.PHONE: OutboxKind.CALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What one mail or SMS to a customer is about. `case.recheck_of` is set when we ask again after a fix."""

    invitation: Invitation
    case: ClosedCase
    purpose: Purpose
    now: datetime
    begun: bool = False  #: something has been answered already: a reminder to finish, question 1 may be done


class MailWriter(Protocol):
    """Words a mail. Raises `workflow.ports.PermanentError` when it can't be written: the next way is then tried."""

    def payload(self, about: About) -> Payload:
        """The payload of an outbox row MAIL, to `about.case.mail`, without "attempt_id" and "invitation_id"."""
        ...


class SmsWriter(Protocol):
    """Words a text message. Raises `workflow.ports.PermanentError` when it can't be written."""

    def payload(self, about: About) -> Payload:
        """The payload of an outbox row SMS, to `about.case.phone`, without "attempt_id" and "invitation_id"."""
        ...


async def plan_contacts(
    tx: Transaction, invited: Sequence[tuple[Invitation, StoredCase]], policy: ContactPolicy, now: datetime
) -> None:
    """Have customers turned to about new invitations, as soon as it is decent. Planning them again does nothing."""
    due_at = next_decent_time(now, policy.zone, policy.hours)
    rows = [
        contact_row(invitation.id, 0, Purpose.INVITATION, due_at)
        for invitation, stored in invited
        if policy.on and invitation.chat_id is None and not stored.case.trial and stored.case.addresses
    ]
    await tx.enqueue(rows)


async def plan_contact(
    tx: Transaction, invitation: Invitation, stored: StoredCase, policy: ContactPolicy, now: datetime
) -> bool:
    """`plan_contacts` for one.

    False if, as things now stand, no way is open: nothing is configured, there is no address, or nobody is there.
    """
    await plan_contacts(tx, [(invitation, stored)], policy, now)
    alive = {address.kind for address in set(stored.case.addresses) - await tx.dead(stored.case.addresses)}
    ways = (*policy.ways, ContactWay.PHONE) if policy.phone_after is not None else policy.ways
    return invitation.chat_id is None and not stored.case.trial and any(ADDRESS_OF[way] in alive for way in ways)


async def plan_missed(tx: Transaction, policy: ContactPolicy, now: datetime, limit: int = 500) -> int:
    """Plan for the newest invitations that nobody has planned for: rechecks, and those made before contacts were on.

    Older ones than `NEW_FOR` are left alone: nobody is to get a mail about something long past because somebody has
    named a mail server today. Returns how many it found; there may be more when that is `limit`.
    """
    if not policy.on:
        return 0
    found = await tx.open_without_chat(now - NEW_FOR, limit)
    await plan_contacts(tx, found, policy, now)
    return len(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSender:
    """The `Sender` of CONTACT rows: decides, now that it is due, whether and how a customer is turned to.

    What was decided is one transaction: the attempt, the mail, text message or call in the outbox, and the next
    contact. A row that was done before, or has been overtaken by another, changes nothing.
    """

    store: Store
    clock: Clock
    policy: ContactPolicy
    mails: MailWriter | None = None
    texts: SmsWriter | None = None

    async def send(self, row: OutboxRow) -> None:
        number, after = row.payload["invitation_id"], row.payload["after"]
        assert isinstance(number, int)
        async with self.store.step() as tx:
            now = self.clock.now()
            invitation = await tx.invitation(number)
            stored = await tx.case(invitation.case_number) if invitation is not None else None
            if invitation is None or stored is None:
                return
            standing = await standing_of(tx, invitation, stored, now)
            if len(standing.attempts) != after:
                return
            match next_contact(standing, self.policy, now):
                case Wait(until):
                    raise NotYetError(until)
                case Turn() as turn:
                    await self._turn(
                        tx,
                        About(
                            invitation=invitation, case=stored.case, purpose=turn.purpose, now=now, begun=standing.begun
                        ),
                        turn.way,
                        standing,
                    )

    async def _turn(self, tx: Transaction, about: About, way: ContactWay, standing: Standing) -> None:
        number, now = about.invitation.id, about.now
        attempt = ContactAttempt(id=0, invitation_id=number, way=way, purpose=about.purpose, at=now)
        attempt = replace(attempt, id=await tx.put_attempt(attempt))
        key = f"{contact_key(number, len(standing.attempts))}:{way}"
        try:
            row = self._written(about, way, key, {"invitation_id": number, "attempt_id": attempt.id})
        except PermanentError as error:
            await tx.settle_attempt(attempt.id, AttemptOutcome.FAILED, str(error), now)
            await look_again(tx, attempt, now)
            return
        await tx.enqueue([row, *self._next_row(standing, attempt)])

    def _written(self, about: About, way: ContactWay, key: str, numbers: Mapping[str, int]) -> OutboxRow:
        written: Payload = {}
        if way is ContactWay.MAIL and self.mails is not None:
            written = self.mails.payload(about)
        elif way is ContactWay.SMS and self.texts is not None:
            written = self.texts.payload(about)
        elif way is not ContactWay.PHONE:
            raise PermanentError(f"{way} is off")
        return OutboxRow(kind=_KINDS[way], key=key, payload={**written, **numbers}, due_at=about.now)

    def _next_row(self, standing: Standing, attempt: ContactAttempt) -> list[OutboxRow]:
        """The contact that comes after this one, if it goes out now."""
        sent = replace(attempt, outcome=AttemptOutcome.SENT)
        then = replace(standing, attempts=[*standing.attempts, sent], last_contact=attempt.at)
        match next_contact(then, self.policy, attempt.at):
            case Wait(until):
                return [contact_row(attempt.invitation_id, len(then.attempts), Purpose.REMINDER, until)]
            case Turn():
                return [contact_row(attempt.invitation_id, len(then.attempts), Purpose.REMINDER, attempt.at)]
        return []


async def standing_of(tx: Transaction, invitation: Invitation, stored: StoredCase, now: datetime) -> Standing:
    """How things stand with an invitation."""
    addresses = set(stored.case.addresses)
    alive = addresses - await tx.dead(addresses)
    return Standing(
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        addresses=frozenset(address.kind for address in alive),
        attempts=await tx.attempts(invitation.id),
        last_contact=await tx.last_contact(addresses),
        begun=is_begun(await tx.session(invitation.id)),
        remind_at=invitation.remind_at,
        over=await why_over(tx, invitation, stored, now),
    )
