"""One worker process, from the supervisor's side: requests go out, replies are matched to them, silence is noticed."""

import asyncio
import contextlib
import json
import logging
import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from voice.recognition import RecognizerLostError
from voice.vosk_engine.framing import HEADER, WORKER, Kind, packed, unpacked

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "voice.vosk_engine.worker")
_CHECKOUT = Path(__file__).parent.parent.parent
_TOLD_LINES = 5  #: of what a worker last wrote to standard error, when it has ended
_LOOK_SECONDS = 0.25  #: how often silence is looked for


@dataclass(slots=True)
class _Owed:
    """A reply that is due."""

    kind: Kind
    utterance: int
    since: float  #: the loop's time
    reply: asyncio.Future[bytes] | None  #: who waits for it


class RemoteSlot:
    """One recogniser of a worker. Whoever has leased it is its only user."""

    def __init__(self, process: "WorkerProcess", number: int) -> None:
        self.leased = False
        self.partial = ""  #: the latest words of this utterance
        self.fault = ""  #: why this utterance is lost; "" while it isn't
        self._process = process
        self._number = number
        self._utterance = 0
        self._owed: deque[_Owed] = deque()
        self._moved = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether it can be leased: what an abandoned utterance left behind has been worked off."""
        return not self.leased and not self._owed and self._process.alive

    @property
    def waited_since(self) -> float | None:
        """Since when (the loop's time) the oldest reply is due; None when none is."""
        return self._owed[0].since if self._owed else None

    def start(self, expecting: str) -> None:
        self._utterance += 1
        self.partial = self.fault = ""
        self._request(Kind.START, expecting.encode())

    def feed(self, audio: bytes) -> None:
        self._request(Kind.AUDIO, audio)

    async def finish(self) -> bytes:
        """The JSON of the result. Raises RecognizerLostError when the worker ends first."""
        reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._request(Kind.FINISH, reply=reply)
        return await reply

    async def caught_up(self, behind: int) -> None:
        """Return when at most `behind` replies are due, or the utterance is lost."""
        while len(self._owed) > behind and not self.fault:
            self._moved.clear()
            await self._moved.wait()

    def take(self, kind: Kind, payload: bytes) -> None:
        """A reply came."""
        owed = self._owed.popleft()
        mine = owed.utterance == self._utterance
        if kind is Kind.FAILED:
            if mine:
                self.fault = payload.decode(errors="replace")
            if owed.reply and not owed.reply.done():
                owed.reply.set_exception(RecognizerLostError(self.fault))
        elif owed.reply and not owed.reply.done():
            owed.reply.set_result(payload)
        elif kind is Kind.PARTIAL and mine:
            self.partial = payload.decode()
        self._moved.set()

    def lose(self, why: str) -> None:
        """The worker has gone: nothing that is due will come."""
        self.fault = why
        for owed in self._owed:
            if owed.reply and not owed.reply.done():
                owed.reply.set_exception(RecognizerLostError(why))
        self._owed.clear()
        self._moved.set()

    def _request(self, kind: Kind, payload: bytes = b"", reply: asyncio.Future[bytes] | None = None) -> None:
        if not self._process.alive:
            raise RecognizerLostError(self.fault or "the worker has ended")
        self._owed.append(_Owed(kind, self._utterance, asyncio.get_running_loop().time(), reply))
        self._process.send(packed(self._number, kind, payload))


class WorkerProcess:
    """A worker that runs, or has ended."""

    def __init__(self, process: asyncio.subprocess.Process, recognizers: int) -> None:
        self.alive = False  #: the model is loaded and nothing has gone wrong since
        self.slots = [RemoteSlot(self, number) for number in range(recognizers)]
        self.missing: Sequence[str] = ()  #: words to listen for that the model lacks
        self._process = process
        self._last_words: deque[str] = deque(maxlen=_TOLD_LINES)
        self._ready = asyncio.Event()

    @classmethod
    async def launch(
        cls, configuration: dict[str, object], recognizers: int, command: Sequence[str]
    ) -> "WorkerProcess":
        """Start a worker; it isn't ready before `run` has heard so."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=_CHECKOUT,
            start_new_session=True,  # Ctrl-C is for the supervisor, who ends it
        )
        worker = cls(process, recognizers)
        worker.send(packed(WORKER, Kind.CONFIGURE, json.dumps(configuration).encode()))
        return worker

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, frame: bytes) -> None:
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(frame)

    async def run(self, load_seconds: float, hang_seconds: float, on_ready: Callable[[], None]) -> str:
        """Serve until it ends; `on_ready` is called when it can be used. Returns why it ended."""
        serving = asyncio.create_task(self._take_replies(on_ready))
        watching = asyncio.create_task(self._watch(load_seconds, hang_seconds))
        listening = asyncio.create_task(self._take_last_words())
        try:
            await asyncio.wait((serving, watching), return_when=asyncio.FIRST_COMPLETED)
            why = (serving if serving.done() else watching).result()
        finally:
            self.alive = False
            for slot in self.slots:
                slot.lose("the worker has ended")
            await self._reap()
            serving.cancel()
            watching.cancel()
            await asyncio.gather(serving, watching, listening, return_exceptions=True)
        return self._told(why)

    async def _reap(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
            with contextlib.suppress(OSError):
                await self._process.stdin.wait_closed()

    async def _take_replies(self, on_ready: Callable[[], None]) -> str:
        assert self._process.stdout is not None
        try:
            while True:
                slot, kind, length = unpacked(await self._process.stdout.readexactly(HEADER.size))
                payload = await self._process.stdout.readexactly(length)
                if slot != WORKER:
                    self.slots[slot].take(kind, payload)
                elif kind is Kind.READY:
                    self.missing = json.loads(payload)["missing"]
                    self.alive = True
                    self._ready.set()
                    on_ready()
                else:
                    return f"could not load the model: {payload.decode(errors='replace')}"
        except asyncio.IncompleteReadError:
            return ""
        except (ValueError, IndexError) as error:
            return f"it sent what is no reply ({error})"

    async def _watch(self, load_seconds: float, hang_seconds: float) -> str:
        try:
            await asyncio.wait_for(self._ready.wait(), load_seconds)
        except TimeoutError:
            return f"not ready after {load_seconds:.0f} s"
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            waits = [slot.waited_since for slot in self.slots if slot.waited_since is not None]
            if waits and loop.time() - min(waits) > hang_seconds:
                return f"no answer for {hang_seconds:.0f} s"

    async def _take_last_words(self) -> None:
        assert self._process.stderr is not None
        while line := await self._process.stderr.read(4096):
            self._last_words.extend(line.decode(errors="replace").splitlines())

    def _told(self, why: str) -> str:
        """Why it ended, with the signal and its last words."""
        code = self._process.returncode
        ended = why or (f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}")
        return "; ".join([ended, *(line.strip() for line in self._last_words if line.strip())])
