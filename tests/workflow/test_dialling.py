"""The dialler over a real database, real calls over recorded lines, and a phone that fails as told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from models.calling import CallOutcome
from models.case import Address, AddressKind
from models.queues import OutboxKind, OutboxRow
from models.survey import AttemptOutcome, Channel, ContactAttempt, ContactWay, Disposition, Invitation, Purpose
from omdome.demo.clock import SimulatedClock
from omdome.dialling import called
from omdome.lexicons import load_lexicon
from storage.database import SqlStore, open_store
from storage.tables import outbox
from tests.voice.call_world import CALLS, POLICY, Customer, customer_in, presses, prompts
from tests.workflow.conftest import STOCKHOLM, TUESDAY
from voice.call import CallReport, hold_call
from voice.interview import StoredInterview
from voice.lines.recording import RecordingLine
from voice.transcript import Entry
from workflow.call_plan import Called, CallingPolicy, CallState
from workflow.dialling import PAUSED, CallAbout, CallSender
from workflow.outbox import OutboxPolicy, OutboxWorker
from workflow.ports import NotYetError, PermanentError, Store
from workflow.trunk import TRUNK, Trunk, trunk_from, trunk_text

NUMBER = Address(AddressKind.PHONE, "+46701740605")
LEASE = timedelta(minutes=2)
HOUR = timedelta(hours=1)
CALLING = CallingPolicy(zone=STOCKHOLM)
BUSY = Called(outcome=CallOutcome.BUSY, sip_code=486)
UNREACHED = Called(outcome=CallOutcome.UNREACHED)
REFUSED = Called(outcome=CallOutcome.REFUSED_US, sip_code=401)
NOBODYS = Called(outcome=CallOutcome.WRONG_NUMBER, sip_code=404)
NO_ANSWER = Called(outcome=CallOutcome.NO_ANSWER, sip_code=480)
Act = Callable[[RecordingLine, Entry], None]
ANSWERS = presses(consent="1", question="1")


@dataclass
class RecordedPhone:
    """What comes of each call, in order; then everybody answers, and a real call is held with whoever `act` plays."""

    clock: SimulatedClock
    store: Store
    outcomes: list[Called | Exception] = field(default_factory=list)
    act: Act = ANSWERS
    dialled: list[str] = field(default_factory=list)  #: local times
    interrupted: list[bool] = field(default_factory=list)  #: what each call was told about the one before
    before: Callable[[], "asyncio.Future[None] | None"] = lambda: None
    up: int = 0
    most: int = 0

    async def call(self, about: CallAbout, answered: Callable[[], None]) -> Called:
        self.dialled.append(self.clock.now().astimezone(STOCKHOLM).strftime("%a %H:%M"))
        self.interrupted.append(about.interrupted)
        self.up += 1
        self.most = max(self.most, self.up)
        try:
            return await self._called(about, answered)
        finally:
            self.up -= 1

    async def _called(self, about: CallAbout, answered: Callable[[], None]) -> Called:
        if waiting := self.before():
            await waiting
        came = self.outcomes.pop(0) if self.outcomes else None
        if isinstance(came, Exception):
            raise came
        if came is not None:
            return came
        answered()
        line = RecordingLine()
        interview = StoredInterview(
            store=self.store,
            invitation_id=about.invitation.id,
            policy=POLICY,
            clock=self.clock,
            lexicon=load_lexicon("sv"),
            call_id="call-1",
        )
        return called(await hold_call(line, None, prompts(), interview, CALLS, lambda entry: self.act(line, entry)))


@dataclass
class Office:
    """One customer who is to be called, a dialler, and its phone."""

    store: SqlStore
    clock: SimulatedClock
    customer: Customer
    phone: RecordedPhone

    def worker(self, store: Store | None = None, lease: timedelta = LEASE) -> OutboxWorker:
        used = store or self.store
        sender = CallSender(
            store=used, clock=self.clock, policy=CALLING, phone=self.phone, lease=lease, look_seconds=0.1
        )
        return OutboxWorker(used, self.clock, {OutboxKind.CALL: sender}, OutboxPolicy(lease=lease), lambda: 0.0)

    async def wanted(self, invitation: Invitation | None = None) -> None:
        """ "Ring mig" on the page."""
        number = (invitation or self.customer.invitation).id
        row = OutboxRow(
            kind=OutboxKind.CALL,
            key=f"call:{number}:wanted",
            payload={"invitation_id": number},
            due_at=self.clock.now(),
        )
        async with self.store.step() as tx:
            await tx.enqueue([row])

    async def work(self, how_long: timedelta = timedelta(0)) -> None:
        worker, end = self.worker(), self.clock.now() + how_long
        while True:
            while await worker.run_once():
                pass
            if self.clock.now() >= end:
                return
            async with self.store.look() as tx:
                query = select(func.min(outbox.c.due_at)).where(outbox.c.kind == "call", outbox.c.state == "waiting")
                due = await tx._db.scalar(query)
            self.clock.move_to(min(end, due) if due and due > self.clock.now() else end)

    async def calls(self) -> list[ContactAttempt]:
        async with self.store.look() as tx:
            return await tx.attempts(self.customer.invitation.id)

    async def came(self) -> list[str]:
        return [each.detail.partition(",")[0] for each in await self.calls()]

    async def knows(self, trunk: Trunk) -> None:
        async with self.store.step() as tx:
            await tx.set_fact(TRUNK, trunk_text(trunk), self.clock.now())

    async def trunk(self) -> Trunk:
        async with self.store.look() as tx:
            return trunk_from(await tx.fact(TRUNK))

    async def is_dead(self) -> bool:
        async with self.store.look() as tx:
            return await tx.dead([NUMBER]) == {NUMBER}

    async def waiting(self) -> int:
        async with self.store.look() as tx:
            queues = await tx.queue_state(self.clock.now())
        return queues["outbox"].get("call", {"waiting": 0})["waiting"]  # type: ignore[index,attr-defined]


@pytest.fixture
async def office(store: SqlStore) -> Office:
    clock = SimulatedClock(TUESDAY)  # 13:00
    made = Office(store, clock, await customer_in(store), RecordedPhone(clock, store))
    await made.wanted()
    return made


async def test_a_call_is_held_and_nobody_is_called_again(office: Office) -> None:
    await office.work(HOUR)
    assert [answer.channel for answer in await office.customer.answers()] == [Channel.PHONE] * 3
    (attempt,) = await office.calls()
    assert (attempt.way, attempt.outcome, attempt.detail) == (ContactWay.PHONE, AttemptOutcome.DELIVERED, "held")
    assert office.phone.dialled == ["Tue 13:00"]
    assert await office.waiting() == 0


async def test_each_try_is_stored_and_the_planned_attempt_is_the_first(office: Office) -> None:
    planned = ContactAttempt(
        id=0,
        invitation_id=office.customer.invitation.id,
        way=ContactWay.PHONE,
        purpose=Purpose.INVITATION,
        at=TUESDAY - HOUR,
    )
    async with office.store.step() as tx:
        await tx.put_attempt(planned)
    office.phone.outcomes = [BUSY, NO_ANSWER]
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Tue 13:00", "Tue 13:15", "Wed 17:00"]
    assert [(each.outcome, each.detail, each.purpose) for each in await office.calls()] == [
        (AttemptOutcome.FAILED, "busy, SIP 486, AAPOR 3.12", Purpose.INVITATION),
        (AttemptOutcome.FAILED, "no_answer, SIP 480, AAPOR 3.13", Purpose.INVITATION),
        (AttemptOutcome.DELIVERED, "held", Purpose.INVITATION),
    ]


async def test_a_number_that_is_nobodys_is_dead_at_once_where_others_are_reached(office: Office) -> None:
    await office.knows(Trunk(reached_at=TUESDAY - HOUR / 2))
    office.phone.outcomes = [NOBODYS]
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Tue 13:00"]
    assert [each.outcome for each in await office.calls()] == [AttemptOutcome.DEAD_ADDRESS]
    assert await office.is_dead()


async def test_a_trunk_that_has_reached_nobody_is_not_believed_about_numbers(office: Office) -> None:
    office.phone.outcomes = [NOBODYS, NOBODYS]
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Tue 13:00", "Wed 17:00", "Thu 09:00"], "they live, and answer in the end"
    assert [each.detail for each in await office.calls()] == [
        *["wrong_number, SIP 404, AAPOR 4.30, unsure"] * 2,
        "held",
    ]
    assert not await office.is_dead()


async def test_the_same_answer_on_another_day_is_believed_where_others_were_reached_between(office: Office) -> None:
    office.phone.outcomes = [NOBODYS, NOBODYS]
    await office.work(HOUR)
    await office.knows(Trunk(reached_at=office.clock.now()))
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Tue 13:00", "Wed 17:00"]
    assert await office.is_dead()


async def test_what_we_see_ourselves_to_be_no_number_is_dead_at_once(office: Office) -> None:
    office.phone.outcomes = [Called(outcome=CallOutcome.WRONG_NUMBER)]
    await office.work()
    assert await office.is_dead()


async def test_a_trunk_in_trouble_costs_no_tries_and_is_given_time(office: Office) -> None:
    """Four customers; no exchange answers at first."""
    for each in range(1, 4):
        await office.wanted((await customer_in(office.store, f"SK-1{each}", phone=f"+4670174061{each}")).invitation)
    office.phone.outcomes = [UNREACHED] * 6
    await office.work(timedelta(minutes=16))
    assert office.phone.dialled == ["Tue 13:00"] * 4 + ["Tue 13:15"], "then one is called as a probe"
    trunk = await office.trunk()
    assert (trunk.rests, trunk.why, trunk.numbers) == (2, "unreached", 4)
    assert trunk.until == TUESDAY + timedelta(minutes=17)
    await office.work(timedelta(hours=3))
    assert office.phone.dialled[5:7] == ["Tue 13:17", "Tue 13:21"], "the second probe gets through"
    assert len(office.phone.dialled) == 10, "and all are called"
    assert (await office.trunk()).rests == 0
    assert await office.waiting() == 0


async def test_a_restart_does_not_wake_a_trunk_that_rests(office: Office, other: SqlStore) -> None:
    until = TUESDAY + timedelta(minutes=8)
    await office.knows(Trunk(troubled=("a", "b", "c"), since=TUESDAY, rests=4, until=until))
    assert await office.worker(other).run_once() == 1
    assert (office.phone.dialled, await office.came()) == ([], [])
    await office.work(HOUR)
    assert office.phone.dialled == ["Tue 13:08"]


async def test_a_call_that_began_before_the_trouble_does_not_end_the_rest(office: Office) -> None:
    resting = Trunk(troubled=("a", "b", "c"), since=TUESDAY, rests=1, until=TUESDAY + HOUR)

    def rings() -> "asyncio.Future[None]":
        return asyncio.ensure_future(office.knows(resting))

    office.phone.before = rings
    office.phone.outcomes = [REFUSED]
    await office.work()
    assert (await office.trunk()).rests == 1, "it was no probe"
    assert (await office.trunk()).until == TUESDAY + HOUR


async def test_the_dead_and_those_who_have_refused_or_answered_are_never_called(office: Office) -> None:
    async with office.store.step() as tx:
        await tx.opt_out([NUMBER], TUESDAY, Channel.WEB)
    await office.work(timedelta(days=3))
    assert (office.phone.dialled, await office.waiting()) == ([], 0)


async def test_who_does_not_want_our_calls_is_left_alone_in_every_channel(office: Office) -> None:
    office.phone.outcomes = [Called(outcome=CallOutcome.UNWANTED, sip_code=607)]
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Tue 13:00"]
    async with office.store.look() as tx:
        assert await tx.opted_out([NUMBER]) == {NUMBER}


async def test_a_refusal_that_could_not_be_stored_in_the_call_is_stored_after_it(office: Office) -> None:
    office.phone.outcomes = [Called(outcome=CallOutcome.ANSWERED, end=CallState.HELD, refused=True)]
    await office.work()
    async with office.store.look() as tx:
        assert await tx.opted_out([NUMBER]) == {NUMBER}


async def test_a_phone_that_can_not_dial_disturbs_nobody_and_costs_no_try(office: Office) -> None:
    office.phone.outcomes = [NotYetError(TUESDAY + timedelta(minutes=1))] * 3 + [BUSY]
    await office.work(timedelta(minutes=29))
    assert await office.came() == ["busy", "held"]


async def test_a_fault_of_ours_is_a_try_and_not_the_end(office: Office) -> None:
    office.phone.outcomes = [PermanentError("surprise"), RuntimeError("surprise")]
    await office.work(timedelta(days=2))
    assert await office.came() == ["fault", "fault", "held"]
    assert office.phone.dialled == ["Tue 13:00", "Tue 13:15", "Wed 09:00"]


async def test_nobody_is_called_while_calls_are_paused(office: Office) -> None:
    async with office.store.step() as tx:
        await tx.set_fact(PAUSED, "yes", TUESDAY)
    await office.work(HOUR)
    assert office.phone.dialled == []
    async with office.store.step() as tx:
        await tx.set_fact(PAUSED, "", TUESDAY)
    await office.work(HOUR)
    assert await office.came() == ["held"]


async def test_it_stops_ringing_once_they_have_answered_elsewhere(office: Office) -> None:
    """On the page, while the phone rings: it is no try, and they aren't asked again."""
    stopped = asyncio.Event()

    async def answers_and_lets_it_ring() -> None:
        await Customer(office.store, office.customer.invitation, office.customer.case).called(ANSWERS)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    office.phone.before = lambda: asyncio.ensure_future(answers_and_lets_it_ring())
    async with asyncio.timeout(20):
        await office.work()
    assert stopped.is_set()
    (attempt,) = await office.calls()
    assert (attempt.outcome, attempt.detail) == (AttemptOutcome.WITHDRAWN, "completed, while it rang")
    assert await office.waiting() == 0


async def test_who_answers_on_the_page_while_we_talk_is_thanked(office: Office) -> None:
    """Another way to the same survey takes the last questions, between two of ours."""

    def acts(line: RecordingLine, entry: Entry) -> None:
        heard.append(entry.prompt)
        if entry.prompt == "question.tillganglighet.full":
            elsewhere.append(asyncio.ensure_future(customer.called(ANSWERS)))
        elif not elsewhere or elsewhere[0].done():
            ANSWERS(line, entry)

    customer, heard = Customer(office.store, office.customer.invitation, office.customer.case), list[str]()
    elsewhere = list["asyncio.Future[CallReport]"]()
    office.phone.act = acts
    await office.work()
    assert (await elsewhere[0]).disposition is Disposition.COMPLETED
    assert not [key for key in heard if key.startswith("question.leverans")], "which has been answered by then"
    assert heard[-1].startswith(("thanks", "goodbye"))
    assert await office.came() == ["held"]
    assert len(await office.customer.answers()) == 3


@pytest.fixture
async def other(store_url: str) -> AsyncIterator[SqlStore]:
    """The database as another process opens it."""
    opened = await open_store(store_url, STOCKHOLM)
    yield opened
    await opened.close()


async def test_two_workers_never_call_one_person_at_once(office: Office, other: SqlStore) -> None:
    """Two cases, two rows about one of them, one number, two processes."""
    second = await customer_in(office.store, "SK-2")
    await office.wanted(second.invitation)
    async with office.store.step() as tx:
        again = {"invitation_id": office.customer.invitation.id}
        await tx.enqueue([OutboxRow(kind=OutboxKind.CALL, key="contact:1:0:phone", payload=again, due_at=TUESDAY)])
    hung_up = asyncio.Event()
    office.phone.before = lambda: asyncio.ensure_future(_done(hung_up))
    workers = [office.worker(), office.worker(other)]
    first = [asyncio.create_task(each.run_once()) for each in workers]
    while not office.phone.dialled:  # noqa: ASYNC110 - the phone tells, not an event
        await asyncio.sleep(0.01)
    office.clock.move_to(TUESDAY + timedelta(minutes=1))
    assert await workers[1].run_once() + await workers[0].run_once() <= 2
    assert office.phone.up == 1
    hung_up.set()
    await asyncio.gather(*first)
    await office.work(HOUR)
    assert office.phone.most == 1
    assert sorted(await office.came()) == ["held"]
    async with office.store.look() as tx:
        assert [each.detail for each in await tx.attempts(second.invitation.id)] == ["held"]
    assert await office.waiting() == 0


async def _done(event: asyncio.Event) -> None:
    await event.wait()


async def test_a_call_is_kept_for_as_long_as_it_lasts(office: Office, other: SqlStore) -> None:
    lease, hung_up = timedelta(seconds=0.4), asyncio.Event()
    office.phone.before = lambda: asyncio.ensure_future(_done(hung_up))
    ours, theirs = office.worker(lease=lease), office.worker(other, lease)
    calling = asyncio.create_task(ours.run_once())
    while not office.phone.dialled:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    for _ in range(4):
        office.clock.move_to(office.clock.now() + lease / 2)
        await _renewed(office)
        assert await theirs.run_once() == 0
    hung_up.set()
    await calling
    assert office.phone.dialled == ["Tue 13:00"]


async def _renewed(office: Office) -> None:
    """Until the call's own row is held for longer than half a lease from now."""
    for _ in range(200):
        async with office.store.look() as tx:
            if (await tx.queue_state(office.clock.now()))["outbox"]["call"]["leased"]:  # type: ignore[index]
                await asyncio.sleep(0.15)
                return
        await asyncio.sleep(0.02)


async def test_who_has_lost_the_row_hangs_up_and_writes_nothing(office: Office, other: SqlStore) -> None:
    lease, gone = timedelta(seconds=0.2), asyncio.Event()

    async def rings_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()

    office.phone.before = lambda: asyncio.ensure_future(rings_for_ever())
    calling = asyncio.create_task(office.worker(lease=lease).run_once())
    while not office.phone.dialled:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    async with other.step() as tx:  # a worker elsewhere, whose clock runs ahead of ours
        (taken,) = await tx.claim([OutboxKind.CALL], TUESDAY + HOUR, HOUR, 9)
    async with asyncio.timeout(10):
        await calling
    assert office.phone.up == 0
    async with other.step() as tx:
        assert await tx.renew(taken.id, taken.attempts, TUESDAY + 2 * HOUR), "it is still theirs"


async def test_a_crash_keeps_the_answers_and_calls_back_once(office: Office) -> None:
    class CrashError(BaseException):
        """Nothing of ours runs after it, as after `kill -9`."""

    def crashes(line: RecordingLine, entry: Entry) -> None:
        ANSWERS(line, entry)
        if entry.prompt == "question.tillganglighet.full":
            raise CrashError

    office.phone.act = crashes
    with pytest.raises(CrashError):
        await office.worker().run_once()
    assert len(await office.customer.answers()) == 1, "what was answered stays"
    (attempt,) = await office.calls()
    assert attempt.detail.startswith("talking, row ")
    office.clock.move_to(office.clock.now() + LEASE)
    await office.work(timedelta(minutes=10))
    assert await office.came() == ["broken_off"]
    assert len(office.phone.dialled) == 1, "not at once"
    office.clock.move_to(office.clock.now() + timedelta(minutes=10))
    with pytest.raises(CrashError):
        await office.worker().run_once()
    office.clock.move_to(office.clock.now() + LEASE)
    await office.work(timedelta(days=3))
    assert await office.came() == ["broken_off", "broken_off"]
    assert len(office.phone.dialled) == 2, "and no third time"
    assert office.phone.interrupted == [False, True]
    assert await office.waiting() == 0


async def test_a_crash_while_it_rings_is_a_try_like_others(office: Office) -> None:
    class CrashError(BaseException):
        pass

    def rings() -> None:
        if len(office.phone.dialled) == 1:
            raise CrashError

    office.phone.before = rings
    with pytest.raises(CrashError):
        await office.worker().run_once()
    office.clock.move_to(office.clock.now() + LEASE)
    await office.work(HOUR)
    assert await office.came() == ["fault", "held"]


async def test_nobody_is_called_at_night(office: Office) -> None:
    office.clock.move_to(datetime(2026, 11, 20, 22, tzinfo=STOCKHOLM))
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Mon 09:00"]
