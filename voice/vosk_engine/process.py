"""One worker process, from the supervisor's side: requests go out, replies are matched to them, silence is noticed."""

import asyncio
import json
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from voice.child_process import ChildProcess
from voice.recognition import RecognizerLostError
from voice.vosk_engine.framing import HEADER, WORKER, Kind, packed, unpacked
from voice.vosk_engine.speech_model import SpeechModel

COMMAND = (sys.executable, "-m", "voice.vosk_engine.worker")
_LOOK_SECONDS = 0.25  #: how often silence is looked for
_FAULTS = 3  #: requests that raise in a row before the worker is replaced


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
    def seconds_due(self) -> float:
        """For how long the oldest reply has been due; 0.0 when none is."""
        return asyncio.get_running_loop().time() - self._owed[0].since if self._owed else 0.0

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
        if owed.utterance == self._utterance:
            if kind is Kind.FAILED:
                self.fault = payload.decode(errors="replace")
            elif kind is Kind.PARTIAL:
                self.partial = payload.decode()
        if owed.reply and not owed.reply.done():
            if self.fault:  # also when it was an earlier request that failed: what was heard then lacks a part
                owed.reply.set_exception(RecognizerLostError(self.fault))
            else:
                owed.reply.set_result(payload)
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

    def __init__(self, process: ChildProcess, recognizers: int) -> None:
        self.alive = False  #: the model is loaded and nothing has gone wrong since
        self.slots = [RemoteSlot(self, number) for number in range(recognizers)]
        self.missing: Sequence[str] = ()  #: words to listen for that the model lacks
        self._process = process
        self._ready = asyncio.Event()

    @classmethod
    async def launch(
        cls, model: SpeechModel, grammars: Mapping[str, Sequence[str]], recognizers: int, command: Sequence[str]
    ) -> "WorkerProcess":
        """Start a worker; it isn't ready before `run` has heard so. `grammars`: phrases, by what is expected.

        Raises OSError where no process can be started.
        """
        configuration = {
            "model": str(model.directory.resolve()),
            "rate": model.rate,
            "recognizers": recognizers,
            "grammars": grammars,
        }
        process = await ChildProcess.launch(command)
        worker = cls(process, recognizers)
        worker.send(packed(WORKER, Kind.CONFIGURE, json.dumps(configuration).encode()))
        return worker

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, frame: bytes) -> None:
        self._process.send(frame)

    async def run(self, load_seconds: float, hang_seconds: float, on_ready: Callable[[], None]) -> str:
        """Serve until it ends; `on_ready` is called when it can be used. Returns why it ended."""
        serving = asyncio.create_task(self._take_replies(on_ready))
        watching = asyncio.create_task(self._watch(load_seconds, hang_seconds))
        try:
            await asyncio.wait((serving, watching), return_when=asyncio.FIRST_COMPLETED)
            why = (serving if serving.done() else watching).result()
        finally:
            self.alive = False
            for slot in self.slots:
                slot.lose("the worker has ended")
            await self._process.reap()
            serving.cancel()
            watching.cancel()
            await asyncio.gather(serving, watching, return_exceptions=True)
        return self._process.told(why)

    async def _take_replies(self, on_ready: Callable[[], None]) -> str:
        faults = 0
        try:
            while True:
                slot, kind, length = unpacked(await self._process.replies.readexactly(HEADER.size))
                payload = await self._process.replies.readexactly(length)
                if slot != WORKER:
                    self.slots[slot].take(kind, payload)
                    if kind is Kind.RESULT and not self.slots[slot].fault:
                        faults = 0
                    faults += kind is Kind.FAILED
                    if faults == _FAULTS:
                        return f"{payload.decode(errors='replace')}, {_FAULTS} times in a row"
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
        while max(slot.seconds_due for slot in self.slots) < hang_seconds:  # noqa: ASYNC110 - silence is no event
            await asyncio.sleep(_LOOK_SECONDS)
        return f"no answer for {hang_seconds:.0f} s"
