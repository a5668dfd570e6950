"""The dialler: calls customers, as planned in the outbox, and notes what came of each try."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from models.calling import CallOutcome
from models.case import Address, AddressKind, ClosedCase
from models.queues import OutboxRow
from models.survey import AttemptOutcome, Channel, ContactAttempt, ContactWay, Invitation, Purpose
from workflow.attempts import look_again, note_dead, why_over
from workflow.backoff import without_text
from workflow.call_plan import (
    Called,
    CallingPolicy,
    CallState,
    Dial,
    Later,
    next_call,
    settled,
    tries_of,
    under_way,
    was_interrupted,
)
from workflow.ports import Clock, LeaseLostError, NotYetError, Store, StoreUnavailableError, Transaction

log = logging.getLogger(__name__)
T = TypeVar("T")

PAUSED = "calls.paused"  #: the fact that nobody is to be called just now: "yes" or ""
_LOOK_AGAIN = timedelta(minutes=1)  #: at what is in the way just now
_LONGEST_CALL = timedelta(hours=1)  #: what is still under way after that has been left behind by a crash
_A_DAY = timedelta(hours=26)  #: covers the longest day, whatever the clocks do
_PATIENCE = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)  #: seconds, for a store that is away when a call has ended


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAbout:
    """Whom to call (`case.phone`), and about what. `interrupted`: their last call was broken off by a fault of ours."""

    invitation: Invitation
    case: ClosedCase
    interrupted: bool = False


class Phone(Protocol):
    """Places a call and holds it to its end."""

    async def call(self, about: CallAbout, answered: Callable[[], None]) -> Called:
        """What came of it; `answered` is to be told when somebody picks up.

        Raises NotYetError where it can't dial just now: nobody has been disturbed, and it is no try. Whoever cancels
        it hangs up.
        """
        ...


class Pace:
    """Lets one call begin every so many seconds: an exchange takes no volleys."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._next, self._turns = seconds, 0.0, asyncio.Lock()

    async def turn(self) -> None:
        async with self._turns:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(max(0.0, self._next - loop.time()))
            self._next = loop.time() + self._seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    about: CallAbout
    attempt: ContactAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSender:
    """The `Sender` of CALL rows: a row is done when the customer isn't to be called any more.

    Between tries it waits in the outbox. A row is held for as long as its call lasts: `lease` is what the outbox claims
    it for, and is renewed; who has lost it hangs up. A call that a crash cut off is found by the row that made it.
    """

    store: Store
    clock: Clock
    policy: CallingPolicy
    phone: Phone
    lease: timedelta
    pace: Pace = field(default_factory=lambda: Pace(0.0))

    async def send(self, row: OutboxRow) -> None:
        await self._while_ours(row, self._send(row))

    async def _send(self, row: OutboxRow) -> None:
        if await self._ready(row, begin=False) is None:
            return
        await self.pace.turn()
        ready = await self._ready(row, begin=True)
        if ready is None:
            return
        called = await self._called(ready)
        later = await _patiently(lambda: self._settle(row, ready, called))
        if later is not None:
            raise NotYetError(later)

    async def _ready(self, row: OutboxRow, *, begin: bool) -> _Ready | None:
        """Whom to call right now, `begin`: stored as being called. None: nobody any more. Raises NotYetError."""
        async with self.store.step() as tx:
            now = self.clock.now()
            if await tx.fact(PAUSED):
                found: _Ready | datetime | None = now + _LOOK_AGAIN
            else:
                found = await self._judged(tx, row, now)
            if begin and isinstance(found, _Ready):
                attempt = found.attempt
                number = attempt.id or await tx.put_attempt(replace(attempt, at=now))
                detail = f"{CallState.DIALLING}, row {row.id}"
                await tx.settle_attempt(number, AttemptOutcome.SENT, detail, now)
                found = replace(found, attempt=replace(attempt, id=number, at=now))
        if isinstance(found, datetime):
            raise NotYetError(found)
        return found

    async def _judged(self, tx: Transaction, row: OutboxRow, now: datetime) -> _Ready | datetime | None:
        """Whom to call, when to look again, or None: it is over, and the next way is looked for."""
        number = row.payload["invitation_id"]
        assert isinstance(number, int)
        invitation = await tx.invitation(number)
        stored = await tx.case(invitation.case_number) if invitation is not None else None
        if invitation is None or stored is None:
            return None
        if await self._left_behind(tx, row, number, now):
            return now + _LOOK_AGAIN
        attempts = await tx.attempts(number)
        calls = [each for each in attempts if each.way is ContactWay.PHONE]
        theirs = Address(AddressKind.PHONE, stored.case.phone)
        over = await why_over(tx, invitation, stored, now)
        if over or not stored.case.phone or await tx.dead([theirs]):
            await self._end(tx, calls, over or "no number", now)
            return None
        elsewhere = [
            attempt
            for other, attempt in await tx.sent_to(theirs, now - _A_DAY)
            if attempt.way is ContactWay.PHONE and other.id != number
        ]
        if any(under_way(each) and each.at > now - _LONGEST_CALL for each in elsewhere):
            return now + _LOOK_AGAIN
        tries = tries_of(calls)
        match next_call(tries, self.policy, invitation.expires_at, now, [each.at for each in elsewhere]):
            case Later(at):
                return at
            case Dial():
                about = CallAbout(invitation=invitation, case=stored.case, interrupted=was_interrupted(tries))
                return _Ready(about=about, attempt=_next(calls, number, now))
            case ended:
                await self._end(tx, calls, ended.why, now)
                return None

    async def _left_behind(self, tx: Transaction, row: OutboxRow, invitation_id: int, now: datetime) -> bool:
        """Whether somebody is calling about it just now. A call that this row made, or a very old one, was cut off."""
        busy = False
        for each in await tx.attempts(invitation_id):
            if not under_way(each):
                continue
            state, _, maker = each.detail.partition(", row ")
            if maker != str(row.id) and each.at > now - _LONGEST_CALL:
                busy = True
                continue
            talked = state == CallState.TALKING
            cut_off = Called(outcome=CallOutcome.ANSWERED, end=CallState.BROKEN) if talked else _FAULT
            await tx.settle_attempt(each.id, *settled(cut_off), now)
        return busy

    async def _end(self, tx: Transaction, calls: list[ContactAttempt], why: str, now: datetime) -> None:
        for each in calls:
            if each.outcome is AttemptOutcome.PLANNED:
                await tx.settle_attempt(each.id, AttemptOutcome.WITHDRAWN, why, now)
        if calls:
            await look_again(tx, calls[-1], now)

    async def _called(self, ready: _Ready) -> Called:
        """Call, and have stored that somebody answered, while they are spoken with."""
        noting: list[asyncio.Task[None]] = []

        def answered() -> None:
            noting.append(asyncio.ensure_future(self._talking(ready)))

        try:
            return await self.phone.call(ready.about, answered)
        except NotYetError:
            async with self.store.step() as tx:
                await tx.settle_attempt(ready.attempt.id, AttemptOutcome.PLANNED, "", self.clock.now())
            raise
        except Exception as error:
            log.exception("a call stumbled", exc_info=without_text(error))
            return Called(outcome=CallOutcome.ANSWERED, end=CallState.BROKEN) if noting else _FAULT
        finally:
            await asyncio.gather(*noting, return_exceptions=True)

    async def _talking(self, ready: _Ready) -> None:
        async with self.store.step() as tx:
            attempt = await tx.attempt(ready.attempt.id)
            if attempt is not None:
                detail = attempt.detail.replace(CallState.DIALLING, CallState.TALKING, 1)
                await tx.settle_attempt(attempt.id, attempt.outcome, detail, self.clock.now())

    async def _settle(self, row: OutboxRow, ready: _Ready, called: Called) -> datetime | None:
        """Store what came of it; when to look again, None if they are not called any more."""
        async with self.store.step() as tx:
            now, case = self.clock.now(), ready.about.case
            outcome, detail = settled(called)
            if outcome is AttemptOutcome.DEAD_ADDRESS:
                await note_dead(tx, ready.attempt, Address(AddressKind.PHONE, case.phone), detail, now)
            else:
                await tx.settle_attempt(ready.attempt.id, outcome, detail, now)
            if called.refused or called.outcome is CallOutcome.UNWANTED:
                await tx.opt_out(case.addresses, now, Channel.PHONE)
            found = await self._judged(tx, row, now)
        return now if isinstance(found, _Ready) else found

    async def _while_ours(self, row: OutboxRow, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        try:
            ours_until = self.clock.now() + self.lease
            while not task.done():
                await asyncio.wait({task}, timeout=self.lease.total_seconds() / 4)
                if not task.done():
                    ours_until = await self._renewed(row, ours_until)
            task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _renewed(self, row: OutboxRow, ours_until: datetime) -> datetime:
        """Until when the row is ours; LeaseLostError when it no longer is, or that can't be told any more."""
        now = self.clock.now()
        try:
            async with self.store.step() as tx:
                if await tx.renew(row.id, row.attempts, now + self.lease):
                    return now + self.lease
        except StoreUnavailableError:
            if now < ours_until:
                return ours_until
        raise LeaseLostError("another worker has taken it up")


_FAULT = Called(outcome=CallOutcome.FAULT)


def _next(calls: list[ContactAttempt], invitation_id: int, now: datetime) -> ContactAttempt:
    """The planned attempt, or another one that is yet to be stored."""
    for each in calls:
        if each.outcome is AttemptOutcome.PLANNED:
            return each
    purpose = calls[-1].purpose if calls else Purpose.REMINDER
    return ContactAttempt(id=0, invitation_id=invitation_id, way=ContactWay.PHONE, purpose=purpose, at=now)


async def _patiently(step: Callable[[], Awaitable[T]]) -> T:
    for seconds in _PATIENCE:
        try:
            return await step()
        except StoreUnavailableError:
            await asyncio.sleep(seconds)
    return await step()
