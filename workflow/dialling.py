"""The dialler: calls customers, as planned in the outbox, and notes what came of each try."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from models.calling import CallOutcome
from models.case import Address, AddressKind, ClosedCase
from models.queues import OutboxRow
from models.survey import AttemptOutcome, Channel, Invitation
from workflow.attempts import note_dead, over_now
from workflow.backoff import patiently, without_text
from workflow.call_plan import CUT_OFF, NOBODYS, Called, CallingPolicy, CallState, in_words, settled, was_interrupted
from workflow.call_rows import LOOK_AGAIN, Due, judged
from workflow.ports import Clock, LeaseLostError, NotYetError, Store, StoreUnavailableError, Transaction
from workflow.trunk import (
    TRUNK,
    Said,
    Sign,
    Trunk,
    dialled,
    is_sure,
    over,
    sign_of,
    told,
    trunk_from,
    trunk_text,
    wait_for,
)

log = logging.getLogger(__name__)

OUT_OF_ORDER = "calls.out_of_order"  #: the fact why a phone couldn't dial, after the time until when that holds
PAUSED = "calls.paused"  #: the fact that nobody is to be called just now: "yes" or ""
_PATIENCE = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)  #: seconds, for a store that is away when a call has ended


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAbout:
    """Whom to call (`case.phone`), and about what. `interrupted`: their last call was broken off by a fault of ours."""

    invitation: Invitation
    case: ClosedCase
    interrupted: bool = False


class OutOfOrderError(NotYetError):
    """The phone can't dial just now, `why` in a few words: again at `at`."""

    def __init__(self, at: datetime, why: str) -> None:
        super().__init__(at)
        self.why = why


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
class CallSender:
    """The `Sender` of CALL rows: a row is done when the customer isn't to be called any more.

    Between tries it waits in the outbox. A row is held for as long as its call lasts: `lease` is what the outbox claims
    it for, and is renewed; who has lost it hangs up. A call that a crash cut off is found by the row that made it.
    While the trunk is in trouble nobody is called, by whatever process: see `workflow.trunk`.
    """

    store: Store
    clock: Clock
    policy: CallingPolicy
    phone: Phone
    lease: timedelta
    pace: Pace = field(default_factory=lambda: Pace(0.0))
    look_seconds: float = 2.0  #: how often it is looked, while it rings, whether they have answered elsewhere

    async def send(self, row: OutboxRow) -> None:
        await self._while_ours(row, self._send(row))

    async def _send(self, row: OutboxRow) -> None:
        if await self._ready(row, begin=False) is None:
            return
        await self.pace.turn()
        due = await self._ready(row, begin=True)
        if due is None:
            return
        called = await self._called(due)
        later = await patiently(lambda: self._settle(row, due, called), _PATIENCE)
        if later is not None:
            raise NotYetError(later)

    async def _ready(self, row: OutboxRow, *, begin: bool) -> Due | None:
        """Whom to call right now, `begin`: stored as being called. None: nobody any more. Raises NotYetError."""
        async with self.store.step() as tx:
            now = self.clock.now()
            trunk = trunk_from(await tx.fact(TRUNK))
            found: Due | datetime | None = now + LOOK_AGAIN if await tx.fact(PAUSED) else wait_for(trunk, now)
            if found is None:
                found = await judged(tx, row, self.policy, now)
            if begin and isinstance(found, Due):
                attempt = found.attempt
                number = attempt.id or await tx.put_attempt(replace(attempt, at=now))
                detail = f"{CallState.DIALLING}, row {row.id}"
                await tx.settle_attempt(number, AttemptOutcome.SENT, detail, now)
                found = replace(found, attempt=replace(attempt, id=number, at=now))
                await self._note(tx, trunk, dialled(trunk, number, now))
        if isinstance(found, datetime):
            raise NotYetError(found)
        return found

    async def _called(self, due: Due) -> Called | str:
        """Call, and have stored that somebody answered, while they are spoken with.

        A reason instead: it stopped ringing, since they have answered, or refused, elsewhere.
        """
        noting: list[asyncio.Task[None]] = []

        def answered() -> None:
            noting.append(asyncio.ensure_future(self._talking(due)))

        about = CallAbout(invitation=due.invitation, case=due.case, interrupted=was_interrupted(due.tries))
        calling = asyncio.ensure_future(self.phone.call(about, answered))
        try:
            while not noting and not calling.done():
                await asyncio.wait({calling}, timeout=self.look_seconds)
                if not calling.done() and (why := await self._why_over(due)) and not noting:
                    return why
            return await calling
        except NotYetError as error:
            async with self.store.step() as tx:
                await tx.settle_attempt(due.attempt.id, AttemptOutcome.PLANNED, "", self.clock.now())
                await self._told(tx, due, Sign.NOTHING)
                if isinstance(error, OutOfOrderError):
                    await tx.set_fact(OUT_OF_ORDER, f"{error.at.isoformat()} {error.why}", self.clock.now())
            raise
        except Exception as error:
            log.exception("a call stumbled", exc_info=without_text(error))
            return CUT_OFF if noting else _STUMBLED
        finally:
            calling.cancel()
            await asyncio.gather(calling, *noting, return_exceptions=True)

    async def _why_over(self, due: Due) -> str:
        """Why nobody needs to be called about it any more, while it rings; "" where they do, or that can't be told."""
        try:
            async with self.store.look() as tx:
                return await over_now(tx, due.invitation.id, self.clock.now())
        except StoreUnavailableError:
            return ""

    async def _talking(self, due: Due) -> None:
        async with self.store.step() as tx:
            attempt = await tx.attempt(due.attempt.id)
            if attempt is not None:
                detail = attempt.detail.replace(CallState.DIALLING, CallState.TALKING, 1)
                await tx.settle_attempt(attempt.id, attempt.outcome, detail, self.clock.now())
            await self._told(tx, due, Sign.REACHES, goes_on=True)

    async def _settle(self, row: OutboxRow, due: Due, called: Called | str) -> datetime | None:
        """Store what came of it; when to look again, None if they are not called any more."""
        async with self.store.step() as tx:
            if isinstance(called, str):
                why = f"{called}, while it rang"
                await tx.settle_attempt(due.attempt.id, AttemptOutcome.WITHDRAWN, why, self.clock.now())
                await self._told(tx, due, Sign.NOTHING)
                return None
            now, case = self.clock.now(), due.case
            unsure = called.outcome in NOBODYS and not await self._is_sure(tx, due, called, now)
            outcome, detail = settled(called, unsure=unsure)
            if outcome is AttemptOutcome.DEAD_ADDRESS:
                await note_dead(tx, due.attempt, Address(AddressKind.PHONE, case.phone), detail, now)
            else:
                await tx.settle_attempt(due.attempt.id, outcome, detail, now)
            if called.refused or called.outcome is CallOutcome.UNWANTED:
                await tx.opt_out(case.addresses, now, Channel.PHONE)
            await self._told(tx, due, sign_of(called), in_words(called))
            found = await judged(tx, row, self.policy, now)
        return now if isinstance(found, Due) else found

    async def _is_sure(self, tx: Transaction, due: Due, called: Called, now: datetime) -> bool:
        """Whether the number is nobody's: who says so is us, or a trunk that can be believed."""
        if not called.sip_code:
            return True
        today = _day(now, self.policy)
        before = [each.at for each in due.tries if each.came in NOBODYS and _day(each.at, self.policy) < today]
        return is_sure(trunk_from(await tx.fact(TRUNK)), due.case.phone, min(before, default=None), now)

    async def _told(self, tx: Transaction, due: Due, sign: Sign, why: str = "", *, goes_on: bool = False) -> None:
        """Remember what a try has told about the trunk."""
        trunk, attempt = trunk_from(await tx.fact(TRUNK)), due.attempt
        said = Said(sign=sign, number=due.case.phone, attempt=attempt.id, began=attempt.at, why=why)
        after = told(trunk, said, self.clock.now())
        await self._note(tx, trunk, after if goes_on else over(after, attempt.id))

    async def _note(self, tx: Transaction, was: Trunk, now_is: Trunk) -> None:
        if now_is == was:
            return
        await tx.set_fact(TRUNK, trunk_text(now_is), self.clock.now())
        if now_is.rests > was.rests:
            log.warning("the trunk is in trouble (%s): nobody is called until %s", now_is.why, now_is.until)
        elif was.rests and not now_is.rests:
            log.warning("the trunk works again")

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


_STUMBLED = Called(outcome=CallOutcome.FAULT, rang=True)  #: it may have


def _day(at: datetime, policy: CallingPolicy) -> date:
    return at.astimezone(policy.zone).date()


async def may_call(tx: Transaction, now: datetime) -> bool:
    """Whether anybody may be called just now: calls are not paused, and the trunk doesn't rest."""
    return not await tx.fact(PAUSED) and wait_for(trunk_from(await tx.fact(TRUNK)), now) is None
