"""A town whose customers have no chat: the real store, the real outbox, and senders that record."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from models.case import AddressKind, ClosedCase
from models.conversation import Accepted, Rated, Skipped
from models.queues import OutboxKind, OutboxRow, Payload
from models.rating import Rating
from models.selection import SelectionPolicy
from models.survey import AttemptOutcome, Channel, ContactWay, Invitation, Purpose
from omdome.demo.clock import SimulatedClock
from storage.tables import outbox
from tests.workflow.conftest import POLICY as SURVEY
from tests.workflow.conftest import STOCKHOLM
from workflow.attempts import NotingSender
from workflow.contact_plan import ContactPolicy
from workflow.converse import Origin, converse
from workflow.inviting import About, ContactSender, plan_contacts
from workflow.outbox import OutboxPolicy, OutboxWorker
from workflow.ports import PermanentError, Store, Transaction
from workflow.reminders import remind_due
from workflow.selecting import InvitationPolicy, decide_cases

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
A, B, C = SURVEY.questions
BRA = Rating.BRA
NUMBER = "+46701740605"
CONTACTS = ContactPolicy(ways=(ContactWay.MAIL, ContactWay.SMS), zone=STOCKHOLM)
INVITATIONS = InvitationPolicy(zone=STOCKHOLM)
MAIL, SMS, PHONE, CHAT = ContactWay.MAIL, ContactWay.SMS, ContactWay.PHONE, ContactWay.CHAT


class Words:
    """A MailWriter, or an SmsWriter, that says what it was asked to say."""

    def __init__(self, kind: AddressKind) -> None:
        self._kind = kind
        self.trouble: PermanentError | None = None

    def payload(self, about: About) -> Payload:
        if self.trouble:
            raise self.trouble
        to = about.case.mail if self._kind is AddressKind.MAIL else about.case.phone
        return {"to": to, "text": f"{about.purpose} {about.case.case_id}{' begun' if about.begun else ''}"}


@dataclass
class Post:
    """Delivers mail and text messages, and remembers them: (local time, kind, to, text)."""

    clock: SimulatedClock
    sent: list[tuple[str, str, str, str]] = field(default_factory=list)
    trouble: dict[str, Exception] = field(default_factory=dict)  #: by address

    async def send(self, row: OutboxRow) -> None:
        to = str(row.payload["to"])
        if to in self.trouble:
            raise self.trouble[to]
        at = self.clock.now().astimezone(STOCKHOLM).strftime("%a %H:%M")
        self.sent.append((at, row.kind.value, to, str(row.payload["text"])))


@dataclass
class Town:
    """A store, a clock and two workers: one that decides contacts, one that delivers them."""

    store: Store
    clock: SimulatedClock
    policy: ContactPolicy = CONTACTS
    mails: Words = field(default_factory=lambda: Words(AddressKind.MAIL))
    texts: Words = field(default_factory=lambda: Words(AddressKind.PHONE))

    def __post_init__(self) -> None:
        self.post = Post(self.clock)

    def workers(self, store: Store | None = None) -> list[OutboxWorker]:
        used = store or self.store
        contacts = ContactSender(store=used, clock=self.clock, policy=self.policy, mails=self.mails, texts=self.texts)
        noting = NotingSender(self.post, used, self.clock, self.policy)
        kinds = {OutboxKind.CONTACT: contacts}, {OutboxKind.MAIL: noting, OutboxKind.SMS: noting}
        return [OutboxWorker(used, self.clock, each, OutboxPolicy(), lambda: 0.0) for each in kinds]

    async def close(self, case_id: str = "SK-1", **changed: Any) -> Invitation:
        """A case is closed and asked about."""
        fields: dict[str, Any] = {"mail": "kund@example.org", "phone": NUMBER, "unit": "Gata", **changed}
        case = ClosedCase(case_id=case_id, closed_at=self.clock.now() - HOUR, **fields)
        now = self.clock.now()

        async def plan(tx: Transaction, invited: Any) -> None:
            await plan_contacts(tx, invited, self.policy, now)

        async with self.store.step() as tx:
            await tx.put_cases([case], now)
        await decide_cases(self.store, SelectionPolicy(min_days_between=0), INVITATIONS, now, on_without_chat=plan)
        async with self.store.look() as tx:
            found = await tx.invitation_of_case(case_id)
        assert found is not None
        return found

    async def wait(self, how_long: timedelta = timedelta(0)) -> None:
        """Whatever falls due, when it does."""
        end = self.clock.now() + how_long
        while True:
            busy = True
            while busy:
                busy = False
                for worker in self.workers():
                    busy = bool(await worker.run_once()) or busy
                async with self.store.step() as tx:
                    await remind_due(tx, SURVEY, self.clock.now())
            if self.clock.now() >= end:
                return
            self.clock.move_to(min(end, await self._next_due()))

    async def _next_due(self) -> datetime:
        """When the next row of the outbox is due; reminders in chats are looked for twice a day."""
        soon = self.clock.now() + 12 * HOUR
        async with self.store.look() as tx:
            waiting = select(outbox.c.due_at).where(outbox.c.state == "waiting", outbox.c.kind != "call")
            return min([soon, *await tx._db.scalars(waiting.where(outbox.c.due_at > self.clock.now()))])

    async def answers(self, invitation: Invitation, *events: Any, channel: Channel = Channel.WEB) -> None:
        async with self.store.step() as tx:
            fresh = await tx.invitation(invitation.id)
            assert fresh is not None
            for event in events:
                fresh = (await converse(tx, fresh, event, Origin(channel), SURVEY, self.clock.now())).invitation

    async def attempts(self, invitation: Invitation) -> list[tuple[ContactWay, Purpose, AttemptOutcome]]:
        async with self.store.look() as tx:
            return [(each.way, each.purpose, each.outcome) for each in await tx.attempts(invitation.id)]

    async def stored(self, invitation: Invitation) -> Invitation:
        async with self.store.look() as tx:
            found = await tx.invitation(invitation.id)
        assert found is not None
        return found


EVERYTHING = (Accepted(), Rated(A, BRA), Rated(B, BRA), Rated(C, BRA), Skipped())
