"""A customer who is to be called, a dialler, and a phone that does as told: for the tests of the dialler."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select

from models.calling import CallOutcome
from models.case import Address, AddressKind
from models.queues import OutboxKind, OutboxRow
from models.survey import ContactAttempt, Invitation
from omdome.demo.clock import SimulatedClock
from omdome.dialling import called
from omdome.lexicons import load_lexicon
from storage.database import SqlStore
from storage.tables import outbox
from tests.voice.call_world import CALLS, POLICY, Customer, customer_in, presses, prompts
from tests.workflow.conftest import STOCKHOLM, TUESDAY
from voice.call import hold_call
from voice.interview import StoredInterview
from voice.lines.recording import RecordingLine
from voice.transcript import Entry
from workflow.call_plan import Called, CallingPolicy
from workflow.dialling import CallAbout, CallSender
from workflow.outbox import OutboxPolicy, OutboxWorker
from workflow.ports import Store
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

    async def wanted(self, invitation: Invitation | None = None, after: timedelta = timedelta(0)) -> None:
        """ "Ring mig" on the page, so long from now."""
        number = (invitation or self.customer.invitation).id
        row = OutboxRow(
            kind=OutboxKind.CALL,
            key=f"call:{number}:wanted",
            payload={"invitation_id": number},
            due_at=self.clock.now() + after,
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


async def office_over(store: SqlStore) -> Office:
    clock = SimulatedClock(TUESDAY)  # 13:00
    made = Office(store, clock, await customer_in(store), RecordedPhone(clock, store))
    await made.wanted()
    return made
