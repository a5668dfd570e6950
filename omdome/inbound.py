"""Calls to us over SIP: who rings back is asked what their number is asked about, and others hear who we are."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress

from omdome.call_ends import called, lost
from omdome.call_holding import Watch, call_lock, hold_about
from omdome.console import Problem
from omdome.lexicons import load_lexicon
from omdome.only_one import TakenError, only_one
from omdome.stopping import Stopping
from omdome.unsaved_refusals import surely
from omdome.voices import Voice, Voices, give_back
from omdome.wiring import Application
from voice.call import CallReport, Ending
from voice.inbound import tell_caller
from voice.line import FRAME_BYTES, FRAME_SECONDS
from voice.lines.sip.incoming import IncomingCall
from voice.lines.sip.line import SipLine
from voice.recognition import Recognizer
from voice.rendering import Occasion, who_we_are
from workflow import inbound
from workflow.backoff import patiently
from workflow.call_plan import CUT_OFF, Called
from workflow.dialling import CallAbout
from workflow.ports import StoreUnavailableError

log = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0  #: that the store may take to tell who calls, while it rings
_RINGS_SECONDS = 1.0  #: whoever is answered sooner hasn't the telephone at their ear yet
_WAITS = 20  #: looks at whether another call about the same survey is over, while it rings
_WAIT_SECONDS = 0.5  #: between them
_PATIENCE = (1.0, 5.0, 15.0, 60.0, 240.0)  #: seconds, for a store that is away when a call has ended


class Reception:
    """Takes the calls to us of one process: `take` is what `SipPhone` wants. `close` lets those that are up end."""

    def __init__(
        self,
        app: Application,
        voices: Voices,
        stopping: Stopping,
        watch: Watch | None = None,
    ) -> None:
        """`watch` is told what is said in surveys."""
        self._app, self._voices, self._stopping, self._watch = app, voices, stopping, watch
        self._held = set[asyncio.Task[None]]()

    async def prepare(self) -> None:
        """Load what most calls need, so that the first caller isn't kept waiting for it."""
        try:
            await self._voices.of(self._app.config.organisation.language)
        except Problem as problem:
            log.warning("calls to us can't be taken: %s", problem)

    async def take(self, call: IncomingCall) -> None:
        """Hold it. What we can't hold just now hears that we are busy."""
        task = asyncio.current_task()
        if self._stopping.begun or task is None:
            return
        self._held.add(task)
        try:
            await self._taken(call)
        except (StoreUnavailableError, TimeoutError):
            log.warning("a call to us was not taken: the store is away")
        except (Problem, TakenError) as why:
            log.warning("a call to us was not taken: %s", why)
        finally:
            self._held.discard(task)

    async def close(self) -> None:
        """Take no more, and wait until those that are up have ended."""
        self._stopping.begin()
        if self._held:
            await asyncio.wait(self._held)

    async def _taken(self, call: IncomingCall) -> None:
        survey = await self._open_survey(call.caller)
        language = survey.invitation.language if survey else self._app.config.organisation.language
        voice = await self._voices.of(language)
        if survey is None:
            await self._tell(call, voice, language)
            return
        async with _alone(self._app, survey.invitation.id):
            await self._ask(call, survey, voice)

    async def _open_survey(self, number: str) -> CallAbout | None:
        if not number:
            return None
        async with asyncio.timeout(_LOOK_SECONDS), self._app.store.look() as tx:
            return await inbound.open_survey(tx, number, self._app.clock.now())

    async def _ask(self, call: IncomingCall, about: CallAbout, voice: Voice) -> None:
        """Hold the survey where it stands."""
        for _ in range(_WAITS):
            async with asyncio.timeout(_LOOK_SECONDS), self._app.store.step() as tx:
                attempt = await inbound.begin(tx, about, self._app.clock.now())
            if attempt is not None:
                break
            await asyncio.sleep(_WAIT_SECONDS)  # our call to them is just over, or another machine's goes on
        else:
            return
        try:
            came = await self._asked(call, about, voice)
        except BaseException:  # we stop, most likely
            await self._settle(attempt, about, CUT_OFF)
            raise
        await _patiently(lambda: self._settle(attempt, about, came))

    async def _asked(self, call: IncomingCall, about: CallAbout, voice: Voice) -> Called | None:
        """What the call came to; None: they don't know who we are."""
        ears = await voice.ears()
        line = await _answered(call, ears)
        if line is None:
            return None
        mended = about.case.recheck_of is not None
        occasion = Occasion.INBOUND_RECHECK if mended else Occasion.INBOUND
        report = await hold_about(self._app, about, line, ears, voice, occasion, self._stopping, self._watch)
        log.info(
            "a call to us about invitation %d: %s after %.0f s", about.invitation.id, report.ending, report.seconds
        )
        return called(report, lost=lost(line)) if _know_us(report, voice) else None

    async def _settle(self, attempt: int, about: CallAbout, came: Called | None) -> None:
        async with self._app.store.step() as tx:
            await inbound.end(tx, attempt, about, came, self._app.clock.now())

    async def _tell(self, call: IncomingCall, voice: Voice, language: str) -> None:
        """Say who we are to somebody whom we have nothing to ask, or who hides their number."""
        ears = await voice.ears()
        line = await _answered(call, ears)
        if line is None:
            return
        leave_alone = (lambda: self._leave_alone(call.caller)) if call.caller else None
        with self._stopping.stoppable(line) as held:
            visit = await tell_caller(held, ears, voice.prompts, load_lexicon(language), leave_alone)
        whose = "somebody with nothing to answer" if call.caller else "a hidden number"
        log.info("a call to us by %s: %.0f s%s", whose, visit.seconds, ", never to be called" if visit.refused else "")
        if visit.refusal_unsaved:
            await _patiently(lambda: self._leave_alone(call.caller))

    async def _leave_alone(self, number: str) -> None:
        async def left_alone() -> None:
            async with self._app.store.step() as tx:
                await inbound.leave_alone(tx, number, self._app.clock.now())

        await surely(self._app, number, left_alone)


async def _answered(call: IncomingCall, ears: Recognizer | None) -> SipLine | None:
    """None: they have hung up, and the ears are given back."""
    line = None
    try:
        await asyncio.sleep(_RINGS_SECONDS)
        line = await call.answer()
    finally:
        if line is None:
            await give_back(ears)
    return line


def _know_us(report: CallReport, voice: Voice) -> bool:
    """Whether they stayed for the name of who they had called: a slip of the finger is over before that."""
    named = sum(len(voice.prompts.audio(key)) for key in who_we_are(Occasion.INBOUND)) / FRAME_BYTES * FRAME_SECONDS
    return report.ending is not Ending.HUNG_UP or report.seconds >= named


@asynccontextmanager
async def _alone(app: Application, invitation_id: int) -> AsyncIterator[None]:
    """Hold the survey's lock, as every call about it does. Raises TakenError when it isn't free in time: whom we are
    just calling is busy for our call, and who was cut off rings again before we have noticed."""
    for left in reversed(range(_WAITS)):
        with ExitStack() as stack:
            try:
                stack.enter_context(only_one(call_lock(app, invitation_id)))
            except TakenError:
                if not left:
                    raise
            else:
                yield
                return
        await asyncio.sleep(_WAIT_SECONDS)


async def _patiently(step: Callable[[], Awaitable[None]]) -> None:
    with suppress(StoreUnavailableError):
        await patiently(step, _PATIENCE)
        return
    log.error("what came of a call to us could not be stored; a refusal in it is kept until it can be")
