"""Customers without a chat are turned to: the real store, the real outbox, and senders that record."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.case import Address, AddressKind, ClosedCase
from models.conversation import Accepted, OptedOut, Rated, Skipped, TimedOut
from models.queues import OutboxKind, OutboxRow, Payload
from models.rating import Rating
from models.selection import SelectionPolicy
from models.survey import AttemptOutcome, Channel, Chat, ContactWay, Disposition, Invitation, Purpose
from omdome.demo.clock import SimulatedClock
from storage.database import SqlStore, open_store
from storage.tables import outbox
from tests.workflow.conftest import POLICY as SURVEY
from tests.workflow.conftest import STOCKHOLM, TUESDAY
from workflow.attempts import NotingSender, note_dead
from workflow.contact_plan import ContactPolicy
from workflow.converse import Origin, converse
from workflow.inviting import About, ContactSender, plan_contact, plan_contacts, plan_missed
from workflow.outbox import OutboxPolicy, OutboxWorker
from workflow.ports import DeadAddressError, PermanentError, RetryableError, Store, StoreUnavailableError, Transaction
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


@pytest.fixture
def town(store: SqlStore) -> Town:
    return Town(store, SimulatedClock(TUESDAY))  # a Tuesday, 13:00 in Stockholm


EVERYTHING = (Accepted(), Rated(A, BRA), Rated(B, BRA), Rated(C, BRA), Skipped())


async def test_a_mail_and_one_reminder_and_then_peace(town: Town) -> None:
    invitation = await town.close()
    await town.wait(15 * DAY)
    assert town.post.sent == [
        ("Tue 13:00", "mail", "kund@example.org", "invitation SK-1"),
        ("Fri 13:00", "mail", "kund@example.org", "reminder SK-1"),
    ]
    assert await town.attempts(invitation) == [
        (MAIL, Purpose.INVITATION, AttemptOutcome.SENT),
        (MAIL, Purpose.REMINDER, AttemptOutcome.SENT),
    ]


async def test_who_has_answered_is_not_reminded(town: Town) -> None:
    invitation = await town.close()
    await town.wait(DAY)
    await town.answers(invitation, *EVERYTHING)
    assert (await town.stored(invitation)).disposition is Disposition.COMPLETED
    await town.wait(15 * DAY)
    assert [text for *_, text in town.post.sent] == ["invitation SK-1"]


async def test_who_stopped_half_way_is_reminded_once_and_not_for_a_comment(town: Town) -> None:
    half, all_but_words = await town.close(), await town.close("SK-2", mail="annan@example.org", phone="")
    await town.wait(DAY)
    await town.answers(half, Accepted(), Rated(A, BRA))
    await town.answers(all_but_words, Accepted(), Rated(A, BRA), Rated(B, BRA), Rated(C, BRA))
    await town.wait(15 * DAY)
    reminders = [(at, to, text) for at, _, to, text in town.post.sent if "reminder" in text]
    # three days after they began, on Saturday: on Monday
    assert reminders == [("Mon 09:00", "kund@example.org", "reminder SK-1 begun")]


@pytest.mark.parametrize("end", [OptedOut(), TimedOut()])
async def test_a_refusal_or_the_deadline_ends_it(town: Town, end: Any) -> None:
    invitation = await town.close()
    await town.wait(HOUR)
    await town.answers(invitation, end)
    await town.wait(15 * DAY)
    assert len(town.post.sent) == 1


async def test_who_has_refused_elsewhere_gets_nothing(town: Town) -> None:
    await town.close()
    async with town.store.step() as tx:
        await tx.opt_out([Address(AddressKind.PHONE, NUMBER)], town.clock.now(), Channel.PHONE)
    await town.wait(15 * DAY)
    assert town.post.sent == []


async def test_in_a_chat_there_is_one_reminder_in_all(town: Town) -> None:
    early, late = await town.close(), await town.close("SK-2", mail="annan@example.org", phone="")
    await town.wait(DAY)
    for invitation, chat_id in ((early, 17), (late, 18)):
        if invitation is late:
            await town.wait(3 * DAY)  # reminded by mail on Friday
        async with town.store.step() as tx:
            await tx.save_chat(Chat(chat_id=chat_id, language="sv", current=invitation.id))
            await tx.own_invitation(invitation.token, chat_id, town.clock.now())
        await town.answers(invitation, Accepted(), Rated(A, BRA), channel=Channel.CHAT)
    await town.wait(15 * DAY)
    reminders = {invitation.id: await town.attempts(invitation) for invitation in (early, late)}
    assert [way for way, purpose, _ in reminders[early.id] if purpose is Purpose.REMINDER] == [CHAT]
    assert [way for way, purpose, _ in reminders[late.id] if purpose is Purpose.REMINDER] == [MAIL]


async def test_a_dead_mailbox_means_a_text_message_at_once_and_is_never_used_again(town: Town) -> None:
    town.post.trouble["kund@example.org"] = DeadAddressError("550 5.1.1")
    invitation = await town.close()
    await town.wait()
    assert town.post.sent == [("Tue 13:00", "sms", NUMBER, "invitation SK-1")]
    del town.post.trouble["kund@example.org"]
    await town.close("SK-2", phone="")
    await town.wait(15 * DAY)
    assert [(kind, text) for _, kind, _, text in town.post.sent] == [
        ("sms", "invitation SK-1"),
        ("sms", "reminder SK-1"),
    ]
    async with town.store.look() as tx:
        first, *_ = await tx.attempts(invitation.id)
        queues = await tx.queue_state(town.clock.now())
    assert (first.outcome, first.detail) == (AttemptOutcome.DEAD_ADDRESS, "550 5.1.1")
    assert "'failed': 1" not in str(queues), "a customer who has moved is no fault of anybody's"


async def test_a_mail_that_comes_back_later_means_a_text_message(town: Town) -> None:
    invitation = await town.close()
    await town.wait(DAY)
    async with town.store.step() as tx:
        address = Address(AddressKind.MAIL, "kund@example.org")
        ((_, attempt),) = await tx.sent_to(address, TUESDAY)
        for _ in range(2):  # the same report, read twice
            await note_dead(tx, attempt, address, "5.1.1", town.clock.now())
    await town.wait(15 * DAY)
    assert [(at, kind, text) for at, kind, _, text in town.post.sent] == [
        ("Tue 13:00", "mail", "invitation SK-1"),
        ("Wed 13:00", "sms", "invitation SK-1"),
        ("Mon 09:00", "sms", "reminder SK-1"),
    ]
    assert [outcome for *_, outcome in await town.attempts(invitation)] == [
        AttemptOutcome.DEAD_ADDRESS,
        AttemptOutcome.SENT,
        AttemptOutcome.SENT,
    ]


async def test_what_a_gateway_refuses_for_good_stays_visible_and_the_next_way_is_tried(town: Town) -> None:
    town.post.trouble["kund@example.org"] = PermanentError("the mail server refused the mail for good (554 5.7.1)")
    invitation = await town.close()
    await town.wait()
    assert [kind for _, kind, *_ in town.post.sent] == ["sms"]
    assert (await town.attempts(invitation))[0] == (MAIL, Purpose.INVITATION, AttemptOutcome.FAILED)
    async with town.store.look() as tx:
        assert "554 5.7.1" in str(await tx.queue_state(town.clock.now()))
        assert await tx.dead([Address(AddressKind.MAIL, "kund@example.org")]) == set()


async def test_what_can_not_be_worded_fails_and_the_next_way_is_tried(town: Town) -> None:
    town.mails.trouble = PermanentError("no such template")
    invitation = await town.close()
    await town.wait()
    assert [kind for _, kind, *_ in town.post.sent] == ["sms"]
    assert [outcome for *_, outcome in await town.attempts(invitation)] == [AttemptOutcome.FAILED, AttemptOutcome.SENT]


async def test_at_night_nobody_is_written_to(town: Town) -> None:
    town.clock.move_to(TUESDAY + 6 * HOUR + timedelta(minutes=59))  # 19:59
    invitation = await town.close()
    contacts, delivery = town.workers()
    assert await contacts.run_once() == 1, "decided a minute before eight"
    town.clock.move_to(TUESDAY + 7 * HOUR)
    assert await delivery.run_once() == 1, "and taken up at eight"
    assert town.post.sent == []
    assert [outcome for *_, outcome in await town.attempts(invitation)] == [AttemptOutcome.PLANNED]
    async with town.store.look() as tx:
        state = str(await tx.queue_state(town.clock.now() + 2 * HOUR))
    assert "not yet" not in state
    await town.wait(DAY)
    assert [at for at, *_ in town.post.sent] == ["Wed 09:00"]


async def test_what_is_answered_before_it_is_sent_is_withdrawn(town: Town) -> None:
    invitation = await town.close()
    contacts, _ = town.workers()
    await contacts.run_once()
    await town.answers(invitation, *EVERYTHING)
    await town.wait(15 * DAY)
    assert town.post.sent == []
    assert await town.attempts(invitation) == [(MAIL, Purpose.INVITATION, AttemptOutcome.WITHDRAWN)]
    async with town.store.look() as tx:
        ((attempt),) = await tx.attempts(invitation.id)
    assert attempt.detail == "completed"


async def test_a_mail_server_that_is_down_means_no_reminder_of_what_nobody_has_got(town: Town) -> None:
    town.post.trouble["kund@example.org"] = RetryableError("no connection to the mail server")
    await town.close()
    await town.wait(2 * DAY)
    town.post.trouble.clear()
    await town.wait(15 * DAY)
    assert [(at[:3], text) for at, _, _, text in town.post.sent] == [
        ("Thu", "invitation SK-1"),
        ("Mon", "reminder SK-1"),
    ]


async def test_one_respondent_is_written_to_once_a_day_whatever_the_case(town: Town) -> None:
    await town.close()
    await town.close("SK-2", phone="")
    await town.close("SK-3", mail="")
    await town.wait(20 * DAY)
    # by mail or by number it is the same respondent, and the other two share nothing with each other
    assert sorted((text, at, kind) for at, kind, _, text in town.post.sent) == [
        ("invitation SK-1", "Tue 13:00", "mail"),
        ("invitation SK-2", "Wed 13:00", "mail"),
        ("invitation SK-3", "Wed 13:00", "sms"),
        ("reminder SK-1", "Fri 13:00", "mail"),
        ("reminder SK-2", "Mon 09:00", "mail"),
        ("reminder SK-3", "Mon 09:00", "sms"),
    ]


async def test_the_phone_is_last(town: Town) -> None:
    town.policy = replace(CONTACTS, phone_after=7 * DAY)
    invitation = await town.close()
    await town.wait(13 * DAY)
    assert (await town.attempts(invitation))[-1] == (PHONE, Purpose.REMINDER, AttemptOutcome.PLANNED)
    async with town.store.step() as tx:
        (call,) = await tx.claim([OutboxKind.CALL], town.clock.now(), HOUR, 9)
    assert call.payload["invitation_id"] == invitation.id
    assert call.due_at.astimezone(STOCKHOLM).strftime("%a %H:%M") == "Tue 13:00"
    # a late reply elsewhere finds the survey where it stands
    await town.answers(invitation, *EVERYTHING)
    assert (await town.stored(invitation)).disposition is Disposition.COMPLETED


async def test_a_late_reply_in_another_channel_finds_the_survey_where_it_stands(town: Town) -> None:
    invitation = await town.close()
    await town.wait(4 * DAY)
    await town.answers(invitation, Accepted(), Rated(A, BRA), channel=Channel.WEB)
    await town.answers(invitation, Rated(B, BRA), Rated(C, BRA), Skipped(), channel=Channel.PHONE)
    async with town.store.look() as tx:
        given = await tx.answers(invitation.id)
    assert [(each.question, each.channel) for each in given] == [
        (A, Channel.WEB),
        (B, Channel.PHONE),
        (C, Channel.PHONE),
    ]
    await town.wait(15 * DAY)
    assert len(town.post.sent) == 2


async def test_whoever_plans_one_contact_is_told_whether_a_way_is_open(town: Town) -> None:
    invitation = await town.close()
    async with town.store.step() as tx:
        stored = await tx.case(invitation.case_number)
        assert stored is not None
        only_mail = replace(CONTACTS, ways=(MAIL,))
        for policy, is_open in ((CONTACTS, True), (only_mail, True), (replace(CONTACTS, ways=()), False)):
            assert await plan_contact(tx, invitation, stored, policy, TUESDAY) is is_open
        assert not await plan_contact(tx, replace(invitation, chat_id=17), stored, CONTACTS, TUESDAY)
        await tx.put_dead(Address(AddressKind.MAIL, "kund@example.org"), "5.1.1", TUESDAY)
        assert not await plan_contact(tx, invitation, stored, only_mail, TUESDAY)
        assert await plan_contact(tx, invitation, stored, CONTACTS, TUESDAY), "by SMS"
    await town.wait()
    assert [kind for _, kind, *_ in town.post.sent] == ["sms"], "planned so often, contacted once"


async def test_old_invitations_and_trials_are_left_alone(town: Town) -> None:
    async with town.store.step() as tx:
        old, new, trial = (
            ClosedCase(case_id=name, closed_at=TUESDAY - HOUR, mail=f"{name}@example.org".lower(), trial=name == "P")
            for name in ("OLD", "NEW", "P")
        )
        await tx.put_cases([old, new, trial], TUESDAY)
    await decide_cases(town.store, SelectionPolicy(), INVITATIONS, TUESDAY)
    async with town.store.step() as tx:
        for name, age in (("OLD", DAY + HOUR), ("NEW", 20 * HOUR)):
            invitation = await tx.invitation_of_case(name)
            assert invitation is not None
            await tx.save_invitation(replace(invitation, created_at=TUESDAY - age))
        assert [await plan_missed(tx, town.policy, TUESDAY) for _ in range(2)] == [1, 0]
        assert await plan_missed(tx, replace(CONTACTS, ways=()), TUESDAY) == 0
    await town.wait(HOUR)
    assert [text for *_, text in town.post.sent] == ["invitation NEW"]


async def test_the_same_row_done_twice_contacts_once(town: Town, store: SqlStore) -> None:
    invitation = await town.close()
    contacts, _ = town.workers()
    async with town.store.step() as tx:
        (row,) = await tx.claim([OutboxKind.CONTACT], TUESDAY, HOUR, 9)
    sender = ContactSender(store=store, clock=town.clock, policy=town.policy, mails=town.mails, texts=town.texts)
    await sender.send(row)
    await sender.send(row)  # as after a crash between deciding and noting that it was done
    await contacts.run_once()
    assert await town.attempts(invitation) == [(MAIL, Purpose.INVITATION, AttemptOutcome.PLANNED)]
    async with town.store.step() as tx:
        rows = await tx.claim([OutboxKind.MAIL], TUESDAY, HOUR, 9)
    assert len(rows) == 1


class Fading:
    """A store that lets so many steps through after something was handed over, and fails from then on."""

    def __init__(self, store: Store, post: Post, steps: int) -> None:
        self._store, self._post, self._steps = store, post, steps

    def step(self) -> Any:
        if self._post.sent:
            self._steps -= 1
            if self._steps < 0:
                raise StoreUnavailableError("disk full")
        return self._store.step()


@pytest.mark.parametrize(
    ("steps", "times"),
    [
        (0, 2),  # it could not be noted that it was sent: at least once, and no more than that
        (1, 1),  # it was noted, only not that the row is done
    ],
)
async def test_what_could_not_be_noted_is_sent_again_and_is_still_one_attempt(
    town: Town, steps: int, times: int
) -> None:
    invitation = await town.close()
    contacts, _ = town.workers()
    await contacts.run_once()
    fading = Fading(town.store, town.post, steps)
    _, delivery = town.workers(fading)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailableError):
        await delivery.run_once()
    town.clock.move_to(TUESDAY + HOUR)  # the lease has ended
    await town.wait(HOUR)
    assert [text for *_, text in town.post.sent] == ["invitation SK-1"] * times
    assert await town.attempts(invitation) == [(MAIL, Purpose.INVITATION, AttemptOutcome.SENT)]


@pytest.fixture
async def another(any_url: str) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """The same database opened twice, as by two processes."""
    stores = await open_store(any_url, STOCKHOLM), await open_store(any_url, STOCKHOLM)
    yield stores
    for store in stores:
        await store.close()


async def test_two_workers_at_once_contact_nobody_twice(another: tuple[SqlStore, SqlStore]) -> None:
    town = Town(another[0], SimulatedClock(TUESDAY))
    for number in range(12):  # six respondents, two cases each
        await town.close(f"SK-{number}", mail=f"kund{number % 6}@example.org", phone="")
    workers = [worker for store in another for _ in range(2) for worker in town.workers(store)]
    for _ in range(3):
        await asyncio.gather(*(worker.run_once() for worker in workers))
    reached = [to for _, _, to, _ in town.post.sent]
    assert sorted(reached) == [f"kund{number}@example.org" for number in range(6)]


async def test_a_contact_never_names_anybody_in_the_attempts(town: Town) -> None:
    town.post.trouble[NUMBER] = PermanentError("HTTP 400")
    town.policy = replace(CONTACTS, ways=(SMS,))
    invitation = await town.close()
    await town.wait(DAY)
    async with town.store.look() as tx:
        stored = str(await tx.attempts(invitation.id))
    assert NUMBER not in stored
    assert datetime(2026, 11, 17, 12, tzinfo=UTC) == TUESDAY
