"""Ears for calls, from supervised Vosk workers."""

import asyncio
import json
import logging
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import TypeVar

from voice.child_process import keep_running
from voice.line import FRAME_BYTES
from voice.recognition import Expecting, Hearing, RecognizerLostError
from voice.vosk_engine.framing import UNKNOWN_WORDS
from voice.vosk_engine.judging import judged
from voice.vosk_engine.process import COMMAND, RemoteSlot, WorkerProcess
from voice.vosk_engine.settings import VoskSettings
from voice.vosk_engine.speech_model import SpeechModel
from voice.vosk_engine.vocabulary import Vocabulary

Result = TypeVar("Result")

log = logging.getLogger(__name__)

_BATCH = 5 * FRAME_BYTES  #: 100 ms: what one request carries
_BEHIND = 4  #: batches a worker may be behind; then `feed` waits, which only happens when there is too little processor
_STUCK_SECONDS = 0.5  #: a recogniser that owes a reply for this long isn't given to anybody


class VoskRecognizers:
    """Ears for calls (`voice.recognition.Recognizers`).

    A recogniser is leased from its worker for one utterance at a time, so that a few serve many calls. `start` before
    use; a worker that ends is started again, ever more slowly.
    """

    def __init__(
        self, model: SpeechModel, vocabulary: Vocabulary, settings: VoskSettings, command: Sequence[str] = COMMAND
    ) -> None:
        self.model = model
        self.vocabulary = vocabulary
        self.settings = settings
        self._command = command
        self._workers: dict[int, WorkerProcess] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()
        self._told: set[str] = set()

    @property
    def engine(self) -> str:
        return self.model.engine

    async def start(self) -> None:
        """Start the workers and wait until one is ready, or has failed to become so. Doesn't raise for that: calls
        go by keypad until a worker is there."""
        self._tasks = [asyncio.create_task(self._keep(number)) for number in range(self.settings.workers)]
        await self._ready.wait()

    async def recognizer(self) -> "VoskRecognizer":
        """Ears for one call. Raises RecognizerLostError after `close`; a worker that is down shows in `start`."""
        if not self._tasks:
            raise RecognizerLostError(f"{self.engine} isn't running")
        return VoskRecognizer(self)

    async def close(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def pids(self) -> list[int]:
        """The processes of the workers that are ready."""
        return [worker.pid for worker in self._workers.values() if worker.alive]

    def lease(self) -> RemoteSlot:
        """A free recogniser, from the worker that is least busy. Raises RecognizerLostError when there is none."""
        workers = sorted(
            (worker for worker in self._workers.values() if worker.alive),
            key=lambda worker: sum(slot.leased for slot in worker.slots),
        )
        for worker in workers:
            # one that still works off an abandoned utterance will do, unless it has stopped answering
            free = [slot for slot in worker.slots if not slot.leased and slot.seconds_due < _STUCK_SECONDS]
            if free:
                slot = min(free, key=lambda slot: slot.seconds_due)
                slot.leased = True
                return slot
        raise RecognizerLostError("all recognisers are busy" if workers else "no worker is running")

    async def _keep(self, number: int) -> None:
        """Run a worker, and another when it has ended; nobody is to wait for a model that doesn't load."""
        run = partial(self._run_one, number)
        await keep_running(f"speech worker {number}", run, self.settings.backoff, self._ready.set)

    async def _run_one(self, number: int) -> str:
        grammars = self.vocabulary.grammars() if self.model.dynamic else {}
        try:
            worker = await WorkerProcess.launch(self.model, grammars, self.settings.recognizers, self._command)
        except OSError as error:
            return f"could not be started: {error.strerror}"
        self._workers[number] = worker
        try:
            return await worker.run(
                self.settings.load_seconds, self.settings.hang_seconds, lambda: self._is_ready(worker)
            )
        finally:
            del self._workers[number]

    def _is_ready(self, worker: WorkerProcess) -> None:
        self._ready.set()
        missing = sorted(set(worker.missing) - self._told)
        if missing:
            log.info("%s lacks these words, which are not listened for: %s", self.engine, ", ".join(missing))
            self._told.update(missing)


class VoskRecognizer:
    """One caller's ears (`voice.recognition.Recognizer`)."""

    transcribes = True

    def __init__(self, home: VoskRecognizers) -> None:
        self._home = home
        self._slot: RemoteSlot | None = None
        self._batch = b""
        self._expecting = Expecting.RATING

    @property
    def engine(self) -> str:
        return self._home.engine

    async def start(self, expecting: Expecting) -> None:
        if self._slot is None or self._slot.fault:
            self._give_back()
            self._slot = self._home.lease()
        self._batch, self._expecting = b"", expecting
        self._slot.start(expecting)

    async def feed(self, frame: bytes) -> str:
        slot = self._sound()
        self._batch += frame
        if len(self._batch) >= _BATCH:
            self._send(slot)
            await self._in_time(slot.caught_up(_BEHIND))
        spellings = self._home.vocabulary.spellings
        return " ".join(spellings.get(word, word) for word in slot.partial.split() if word not in UNKNOWN_WORDS)

    async def finish(self) -> Hearing:
        slot = self._sound()
        try:
            self._send(slot)
            result = await self._in_time(slot.finish())
        finally:
            self._give_back()
        home, expecting = self._home, self._expecting
        by_grammar = home.model.dynamic and home.vocabulary.listens_for_words(expecting)
        heard = json.loads(result)
        return judged(
            heard["words"],
            expecting,
            home.vocabulary,
            home.settings.thresholds,
            self.engine,
            by_grammar=by_grammar,
            unexplained=heard["unexplained"],
        )

    async def close(self) -> None:
        self._give_back()

    def _sound(self) -> RemoteSlot:
        """The recogniser of this utterance, if nothing has happened to it."""
        if self._slot is None:
            raise RecognizerLostError("no utterance has been started")
        if self._slot.fault:
            fault = self._slot.fault
            self._give_back()
            raise RecognizerLostError(fault)
        return self._slot

    def _send(self, slot: RemoteSlot) -> None:
        if self._batch:
            slot.feed(self._batch)
            self._batch = b""

    async def _in_time(self, waiting: Coroutine[None, None, Result]) -> Result:
        try:
            return await asyncio.wait_for(waiting, self._home.settings.finish_seconds)
        except TimeoutError:
            self._give_back()
            raise RecognizerLostError("no answer in time") from None

    def _give_back(self) -> None:
        if self._slot is not None:
            self._slot.leased = False
            self._slot = None
