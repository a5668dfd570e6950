"""The dialler of one process: calls customers over SIP, as many at once as [sip] says."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.calling import CallAttempt, CallOutcome
from models.queues import OutboxKind
from omdome.call_ends import called, lost
from omdome.call_holding import Watch, call_lock, hold_about
from omdome.config import Config
from omdome.console import Problem
from omdome.inbound import Reception
from omdome.only_one import TakenError, only_one
from omdome.policies import hours_of, outbox_of
from omdome.sip_phone import sip_account_of, sip_policy_of
from omdome.stopping import Stopping
from omdome.unsaved_refusals import keep_refusal, store_unsaved, unsaved_of
from omdome.voices import Voice, Voices, give_back
from omdome.wiring import Application
from voice.line import Line
from voice.lines.sip.phone import NoPlaceError, SipPhone
from voice.lines.sip.targets import NotAllowedError, TargetError
from voice.rendering import Occasion
from workflow.call_plan import Called, CallingPolicy
from workflow.dialling import CallAbout, CallSender, OutOfOrderError, Pace, Phone, may_call
from workflow.outbox import OutboxWorker
from workflow.ports import NotYetError, StoreUnavailableError

log = logging.getLogger(__name__)

_OUT_OF_ORDER = 60.0  #: seconds until a phone that can't call is tried again


def calling_of(config: Config) -> CallingPolicy:
    return CallingPolicy(zone=config.organisation.timezone, hours=hours_of(config))


async def dial(app: Application, stop: asyncio.Event) -> None:
    """Call whoever is to be called, until `stop`; then calls that go on end within [workers] grace_seconds."""
    async with open_phone(app) as phone, phone.stopping.when(stop, app.config.workers.grace_seconds):
        await dial_with(app, phone, stop)


async def dial_with(app: Application, phone: Phone, stop: asyncio.Event) -> None:
    """`dial` with a phone that is ready."""
    sip, limits = app.config.sip, replace(outbox_of(app.config), batch=app.config.sip.calls_at_once)
    sender = CallSender(
        store=app.store,
        clock=app.clock,
        policy=calling_of(app.config),
        phone=phone,
        lease=limits.lease,
        pace=Pace(sip.pause_seconds),
    )
    outbox = OutboxWorker(app.store, app.clock, {OutboxKind.CALL: sender}, limits, random.random)
    await outbox.run(stop, asyncio.Event(), app.config.workers.rest_seconds, lambda: _may_call(app))


async def _may_call(app: Application) -> bool:
    await store_unsaved(app)
    async with app.store.look() as tx:
        return await may_call(tx, app.clock.now())


@asynccontextmanager
async def open_phone(app: Application, watch: Watch | None = None) -> AsyncIterator["HoldingPhone"]:
    """The organisation's phone over SIP, which takes calls as well; `watch` is told what is said in surveys.

    Raises SipMissingError where there is no SIP stack.
    """
    account, policy = sip_account_of(app.config, app.credentials), sip_policy_of(app.config)
    async with AsyncExitStack() as stack:
        voices, stopping = Voices(app, stack), Stopping()
        reception = Reception(app, voices, stopping, watch)
        sip = SipPhone(account, policy, app.clock, incoming=reception.take if app.config.sip.answers else None)
        stack.push_async_callback(sip.close)
        await sip.start()
        if app.config.sip.answers:
            await reception.prepare()
        try:
            yield HoldingPhone(app, SipDial(sip), voices, watch, stopping)
        finally:
            await reception.close()


@dataclass(frozen=True, slots=True)
class SipDial:
    """Dials numbers through the exchange."""

    phone: SipPhone

    @property
    def trouble(self) -> str:
        return self.phone.trouble

    async def dial(self, number: str) -> Line | CallAttempt:
        """Raises TargetError for what is no number, and NoPlaceError."""
        return await self.phone.call(number)


class HoldingPhone:
    """`workflow.dialling.Phone`: dials, and holds the survey with whoever answers.

    `stopping` ends its calls before their time.
    """

    def __init__(
        self,
        app: Application,
        sip: SipDial,
        voices: Voices,
        watch: Watch | None = None,
        stopping: Stopping | None = None,
    ) -> None:
        self._app, self._sip, self._voices, self._watch = app, sip, voices, watch
        self.stopping = stopping or Stopping()

    async def call(self, about: CallAbout, answered: Callable[[], None]) -> Called:
        if await self._may_have_refused(about):
            raise NotYetError(self._later())
        if self._sip.trouble:
            raise self._out_of_order(self._sip.trouble)
        try:
            voice = await self._voices.of(about.invitation.language)
        except Problem as problem:
            raise self._out_of_order(str(problem)) from problem
        try:
            with only_one(call_lock(self._app, about.invitation.id)):
                came = await self._held(about, voice, answered)
                if came.outcome is CallOutcome.UNWANTED:
                    await keep_refusal(self._app, about.case.phone)
                return came
        except TakenError as taken:
            raise NotYetError(self._later()) from taken

    async def _may_have_refused(self, about: CallAbout) -> bool:
        """Whether a refusal that couldn't be stored in a call may be theirs: then they are judged anew."""
        try:
            stored = await store_unsaved(self._app)
        except StoreUnavailableError:
            return True
        return stored > 0 or not {about.invitation.id, about.case.phone}.isdisjoint(unsaved_of(self._app).all())

    async def _held(self, about: CallAbout, voice: Voice, answered: Callable[[], None]) -> Called:
        ears = await voice.ears()
        try:
            line = await self.stopping.unless_begun(self._sip.dial(about.case.phone))
        except TargetError as error:
            not_allowed = isinstance(error, NotAllowedError)
            outcome = CallOutcome.NOT_ALLOWED if not_allowed else CallOutcome.WRONG_NUMBER
            line = CallAttempt(outcome=outcome, at=self._app.clock.now())
        except NoPlaceError as taken:  # by calls to us: whether it is still right to ring them is judged anew
            await give_back(ears)
            raise NotYetError(self._later()) from taken
        except BaseException:
            await give_back(ears)
            raise
        if line is None:
            await give_back(ears)
            raise NotYetError(self._app.clock.now() + calling_of(self._app.config).soon)
        if isinstance(line, CallAttempt):
            await give_back(ears)
            log.info("called about invitation %d: %s", about.invitation.id, line.outcome)
            return Called(outcome=line.outcome, sip_code=line.sip_code, rang=line.rang)
        answered()
        occasion = occasion_of(about)
        report = await hold_about(self._app, about, line, ears, voice, occasion, self.stopping, self._watch)
        log.info("called about invitation %d: %s after %.0f s", about.invitation.id, report.ending, report.seconds)
        return called(report, lost=lost(line))

    def _out_of_order(self, why: str) -> NotYetError:
        log.warning("nobody can be called: %s", why)
        return OutOfOrderError(self._later(), why)

    def _later(self) -> datetime:
        return self._app.clock.now() + timedelta(seconds=_OUT_OF_ORDER)


def occasion_of(about: CallAbout) -> Occasion:
    """Why we call: being cut off is told before anything else."""
    if about.interrupted:
        return Occasion.INTERRUPTED
    return Occasion.FIRST if about.case.recheck_of is None else Occasion.RECHECK
