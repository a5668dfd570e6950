"""Calls over SIP: dialled here, held in a process of its own, which is started again when it dies."""

import asyncio
import importlib.util
import json
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from models.calling import CallAttempt, CallOutcome
from survey.calling import outcome_of
from voice.child_process import ChildProcess, keep_running
from voice.lines.sip.exchange import configured, reached, shown
from voice.lines.sip.framing import GONE, HEADER, NO_AUDIO, PROCESS, UNSAFE, Kind, packed, unpacked
from voice.lines.sip.incoming import Answering, IncomingCall, caller_of, taken
from voice.lines.sip.line import LOST, Closed, RemoteCall, SipLine
from voice.lines.sip.settings import SipAccount, SipPolicy
from voice.lines.sip.targets import Exchange, Target, number
from voice.lines.sip.wording import presentable
from workflow.backoff import without_text
from workflow.ports import Clock

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "voice.lines.sip.worker")
_LOOKS = 5  #: in a row at which nothing came since the last: one alone may be our own loop that was busy
_GRACE_SECONDS = 6.0  #: for the process to hang up and end
_LONGEST_WHY = 500  #: characters, of why the process ended
_CAUSES = {
    NO_AUDIO: CallOutcome.NO_AUDIO,
    GONE: CallOutcome.NO_AUDIO,
    UNSAFE: CallOutcome.FAULT,
    LOST: CallOutcome.FAULT,
}


class SipMissingError(Exception):
    """This machine can't call over SIP: what is missing, and how to get it."""


class NoPlaceError(Exception):
    """As many calls are up as may be."""


class SipPhone:
    """Makes calls and takes them.

    `start` before use, `close` after; a process that ends takes its calls with it and nothing else.
    """

    def __init__(
        self,
        account: SipAccount,
        policy: SipPolicy,
        clock: Clock,
        command: Sequence[str] = COMMAND,
        *,
        incoming: Answering | None = None,
        traced: Callable[[str], None] | None = None,
    ) -> None:
        """`incoming` is run for each call that the exchange has for us while a place is free among `calls_at_once`.

        What it leaves unanswered hears that we are busy, and what it leaves up is hung up. Without it everybody hears
        busy. `traced` is told of every SIP message (`voice.lines.sip.framing.Kind.TRACE`), numbers and all.
        """
        self.account, self.policy = account, policy
        self.trouble = ""  #: why calls can't be made just now; "" while they can
        self._clock, self._command = clock, command
        self._incoming, self._traced = incoming, traced
        self._free = asyncio.Semaphore(policy.calls_at_once)
        self._child: ChildProcess | None = None  # once it is ready
        self._exchange: Exchange | None = None
        self._calls: dict[int, RemoteCall] = {}
        self._number = 0
        self._keeping: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._answering = set[asyncio.Task[None]]()
        self._ready = asyncio.Event()  # or has failed to become so
        self._heard = 0  # messages so far

    async def start(self) -> None:
        """Returns when calls can be made, or `trouble` tells why not yet. Raises SipMissingError."""
        if importlib.util.find_spec("baresip") is None:
            raise SipMissingError(
                "the SIP stack baresip-python has no wheel for this system: use Linux on x86_64 or aarch64, or macOS 15"
            )
        self._keeping = asyncio.create_task(
            keep_running("SIP process", self._run_one, self.policy.backoff, self._ready.set)
        )
        await self._ready.wait()

    async def close(self) -> None:
        """End all calls, and the process."""
        self._incoming = None
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        if self._keeping:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
            self._keeping = None
        if self._ending:
            await self._ending

    @property
    def exchange(self) -> Exchange | None:
        """Ours, resolved; None where there is none, or not yet."""
        return self._exchange

    @property
    def pid(self) -> int:
        """Of the process that holds the calls; 0 while there is none."""
        return self._child.pid if self._child else 0

    async def call(self, e164: str) -> SipLine | CallAttempt:
        """Call a number through the exchange. Raises TargetError for what is none, or none that may be called."""
        if self._exchange is None:
            return self._attempt(CallOutcome.FAULT, reason=self.trouble or "no exchange is configured")
        return await self.dial(number(e164, self._exchange, self.account.countries))

    async def dial(self, target: Target) -> SipLine | CallAttempt:
        """Call, and wait until somebody answers: a line that is up, or what came of it instead.

        Raises NoPlaceError at once while as many calls are up as may be: who waited would ring later than whoever
        calls has judged to be right. Whoever cancels it hangs up.
        """
        if self._free.locked():
            raise NoPlaceError
        await self._free.acquire()  # at once, as one is free and nobody waits
        if self._child is None or self.trouble:
            self._free.release()
            return self._attempt(CallOutcome.UNREACHED if self._child else CallOutcome.FAULT, reason=self.trouble)
        call = self._begin(target, self._child)
        call.closed.add_done_callback(lambda _: self._free.release())
        try:
            return await self._answered(call)
        except BaseException:
            await call.hang_up(0)
            raise

    def _begin(self, target: Target, child: ChildProcess) -> RemoteCall:
        self._number += 1
        call = self._held(self._number, child)
        child.send(
            packed(self._number, Kind.DIAL, json.dumps({"uri": target.uri, "headers": shown(self.account)}).encode())
        )
        return call

    def _held(self, this: int, child: ChildProcess) -> RemoteCall:
        call = self._calls[this] = RemoteCall(lambda kind, payload: child.send(packed(this, kind, payload)))
        call.closed.add_done_callback(lambda _: self._calls.pop(this, None))
        return call

    def _rung(self, this: int, child: ChildProcess, said: dict[str, str]) -> None:
        caller = caller_of(said, self.account.region)
        call = self._held(this, child)  # at once: that they have gone may be told next
        task = asyncio.create_task(
            self._admit(call, IncomingCall(call, caller, self._clock, self.policy.hang_up_seconds))
        )
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _admit(self, call: RemoteCall, incoming: IncomingCall) -> None:
        """Whoever calls us while no place is free, or nobody is there to answer, hears that we are busy."""
        if self._incoming is None or self._free.locked():
            await incoming.refuse()
            return
        await self._free.acquire()  # at once, as one is free and nobody waits
        call.closed.add_done_callback(lambda _: self._free.release())
        await taken(incoming, self._incoming)

    async def _answered(self, call: RemoteCall) -> SipLine | CallAttempt:
        loop = asyncio.get_running_loop()
        attempt, began = self._attempt(CallOutcome.ANSWERED), loop.time()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.policy.ring_seconds):
                await asyncio.wait_for(call.noted.wait(), self.policy.silence_seconds)
                await call.decided.wait()
        rang = replace(attempt, ring_seconds=round(loop.time() - began, 1))
        if call.closed.done():
            return _unanswered(rang, call.closed.result())
        if call.answered:
            return SipLine(call, rang, self.policy.hang_up_seconds)
        ended = await call.hang_up(self.policy.hang_up_seconds)
        if call.ringing:
            return replace(rang, outcome=CallOutcome.NO_ANSWER, reason="rang out", rang=ended.rang)
        return replace(rang, outcome=CallOutcome.UNREACHED, reason="no response")

    def _attempt(self, outcome: CallOutcome, reason: str = "") -> CallAttempt:
        return CallAttempt(outcome=outcome, at=self._clock.now(), reason=reason)

    async def _run_one(self) -> str:
        """One process, from its start to its end. Returns why it ended."""
        try:
            exchange = self._exchange = await reached(self.account)
            answers, traces = self._incoming is not None, self._traced is not None
            configuration = configured(self.account, self.policy, exchange, answers=answers, traces=traces)
            child = await ChildProcess.launch(self._command)
        except OSError as error:
            self.trouble = f"{self.account.host or 'the SIP process'}: {error.strerror or error}"
            return self.trouble
        child.send(packed(PROCESS, Kind.CONFIGURE, json.dumps(configuration).encode()))
        taking, watching = asyncio.create_task(self._take(child)), asyncio.create_task(self._watch())
        grace = _GRACE_SECONDS
        why = "it was ended"
        try:
            await asyncio.wait((taking, watching), return_when=asyncio.FIRST_COMPLETED)
            why, grace = (taking if taking.done() else watching).result(), 0.0
        finally:
            self._child = None
            for call in list(self._calls.values()):
                call.close(Closed(cause=LOST, text="the SIP process has ended", rang=call.ringing))
            watching.cancel()
            self._ending = asyncio.create_task(_end(child, taking, grace))
            await asyncio.shield(self._ending)  # to its end, also where we are told to end meanwhile
            self.trouble = presentable(child.told(why), _LONGEST_WHY)
        return self.trouble

    async def _take(self, child: ChildProcess) -> str:
        """Hand each report to whom it is about, until there are no more. Returns what was wrong with the last."""
        while True:
            try:
                about, kind, length = unpacked(await child.replies.readexactly(HEADER.size))
                payload = await child.replies.readexactly(length)
            except asyncio.IncompleteReadError:
                return ""
            except ValueError as error:
                return f"it sent what is no report ({error})"
            self._heard += 1
            try:
                self._hand_on(child, about, kind, payload)
            except Exception as error:
                log.exception("a report (%s) made us stumble", kind.name, exc_info=without_text(error))
                self._drop(child, about)

    def _hand_on(self, child: ChildProcess, about: int, kind: Kind, payload: bytes) -> None:
        if about == PROCESS:
            self._told(child, kind, payload)
        elif kind is Kind.INCOMING:
            self._rung(about, child, json.loads(payload))
        elif call := self._calls.get(about):
            call.take(kind, payload)

    def _drop(self, child: ChildProcess, about: int) -> None:
        """What a far end has said must cost its own call alone."""
        if about != PROCESS:
            child.send(packed(about, Kind.HANG_UP))
        if call := self._calls.get(about):
            call.close(Closed(cause=LOST, text="a fault of ours", rang=call.ringing))

    def _told(self, child: ChildProcess, kind: Kind, payload: bytes) -> None:
        match kind:
            case Kind.READY:
                self._child = child
                self.trouble = "not registered yet" if self.account.registers else ""
            case Kind.REGISTERED:
                self.trouble = ""
            case Kind.TRACE if self._traced:
                self._traced(payload.decode())
            case Kind.UNREGISTERED:
                self.trouble = f"{self.account.host} doesn't register us: {presentable(json.loads(payload)['text'])}"
                if self.account.transport == "tls" and "[71]" in self.trouble:  # "Protocol error"
                    self.trouble += "; TLS failed, so its certificate or who signed it may have changed"
                log.warning("%s", self.trouble)
        if kind is Kind.UNREGISTERED or (kind in (Kind.READY, Kind.REGISTERED) and not self.trouble):
            self._ready.set()

    async def _watch(self) -> str:
        """Returns when the process has been silent for too long."""
        looks, seen, loop = 0, self._heard, asyncio.get_running_loop()
        began = loop.time()
        while looks < _LOOKS:
            await asyncio.sleep(self.policy.silent_seconds / _LOOKS)
            if self._child is None and loop.time() < began + self.policy.ready_seconds:
                continue
            looks, seen = (looks + 1, seen) if self._heard == seen else (0, self._heard)
        return f"no sign of life for {self.policy.silent_seconds:.0f} s"


async def _end(child: ChildProcess, taking: asyncio.Task[str], grace: float) -> None:
    await child.reap(grace)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)


def _unanswered(attempt: CallAttempt, closed: Closed) -> CallAttempt:
    code = closed.code if 200 <= closed.code < 700 else 0  # any other means nothing
    outcome = _CAUSES[closed.cause] if closed.cause else outcome_of(code, closed.q850)
    if outcome is CallOutcome.ANSWERED:  # and was over before we knew
        outcome = CallOutcome.NO_AUDIO
    reason = closed.text
    if closed.q850:
        reason += f" (Q.850 cause {closed.q850})"
    return replace(attempt, outcome=outcome, sip_code=closed.code, reason=reason, rang=closed.rang)
