"""The worker process: `python -m voice.vosk_engine.worker`, spoken to over its standard input and output.

One model, several slots; a slot is one caller's recogniser and has a thread of its own, for Vosk kills the process
when two threads touch one recogniser. For the same reason `SetGrammar` is never called: a slot has a recogniser for
each grammar. The process ends when its standard input does, whatever its threads are doing: it leaves no orphans.
"""

import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import Any, BinaryIO, Protocol, TypedDict

import numpy as np
import soxr

from voice.line import RATE
from voice.vosk_engine.framing import HEADER, UNKNOWN_WORDS, WORKER, Kind, packed, unpacked

_OOM_SCORE = b"500"  #: where memory runs out, rather this process than the service or the database


class Decoder(Protocol):
    """What is used of `vosk.KaldiRecognizer`."""

    def AcceptWaveform(self, data: bytes) -> int: ...  # noqa: N802
    def Result(self) -> str: ...  # noqa: N802
    def PartialResult(self) -> str: ...  # noqa: N802
    def FinalResult(self) -> str: ...  # noqa: N802


Message = tuple[Kind, bytes]
Words = list[tuple[str, float, float]]  #: word, confidence, seconds


class Result(TypedDict):
    """What was heard in an utterance."""

    words: list[tuple[str, float]]  #: each with its confidence, 0..1
    unexplained: float  #: seconds of the audio that aren't in any word


class Slot:
    """One caller's recogniser: a decoder for each grammar, and one that decodes freely (the key "")."""

    def __init__(self, decoders: Mapping[str, Decoder], rate: int) -> None:
        self._decoders = decoders
        self._rate = rate
        self._decoder = next(iter(decoders.values()))
        self._heard: Words = []
        self._seconds = 0.0  #: of this utterance's audio
        self._resampler = self._new_resampler()

    def answer(self, kind: Kind, payload: bytes) -> bytes:
        """Do what a request says. Returns the reply's frame without its slot's number."""
        match kind:
            case Kind.START:
                self.start(payload.decode())
                return packed(0, Kind.STARTED)
            case Kind.AUDIO:
                return packed(0, Kind.PARTIAL, self.feed(payload).encode())
            case Kind.FINISH:
                return packed(0, Kind.RESULT, json.dumps(self.finish(), ensure_ascii=False).encode())
            case _:
                raise ValueError(f"{kind.name} is no request")

    def start(self, expecting: str) -> None:
        # Not Reset: it would keep the last speaker's adaptation. FinalResult starts afresh with the next audio.
        self._decoder.FinalResult()
        self._decoder = self._decoders.get(expecting) or self._decoders[""]
        self._heard = []
        self._seconds = 0.0
        self._resampler = self._new_resampler()

    def feed(self, audio: bytes) -> str:
        """Returns the words so far."""
        self._seconds += len(audio) / 2 / RATE
        self._decode(self._resampler.resample_chunk(np.frombuffer(audio, "<i2")))
        partial = json.loads(self._decoder.PartialResult()).get("partial", "")  # none before any audio
        return " ".join([*(word for word, _, _ in self._heard), *partial.split()])

    def finish(self) -> Result:
        self._decode(self._resampler.resample_chunk(np.zeros(0, dtype="<i2"), last=True))
        self._heard += _words(self._decoder.FinalResult())
        self._resampler = self._new_resampler()
        heard, self._heard = self._heard, []
        unexplained = max(0.0, self._seconds - sum(seconds for _, _, seconds in heard))
        return {"words": [(word, confidence) for word, confidence, _ in heard], "unexplained": unexplained}

    def _decode(self, samples: np.ndarray[Any, Any]) -> None:
        if len(samples) and self._decoder.AcceptWaveform(samples.astype("<i2").tobytes()):
            self._heard += _words(self._decoder.Result())  # a pause: what came before it is settled

    def _new_resampler(self) -> soxr.ResampleStream:
        return soxr.ResampleStream(RATE, self._rate, 1, dtype="int16")


def _words(result: str) -> Words:
    words = json.loads(result).get("result", [])
    return [(word["word"], float(word["conf"]), float(word["end"]) - float(word["start"])) for word in words]


def build_slots(configuration: Mapping[str, Any]) -> tuple[list[Slot], list[str]]:
    """Load the model and build its slots, warm. Returns them and the words that the model doesn't know."""
    import vosk

    vosk.SetLogLevel(-1)
    model = vosk.Model(configuration["model"])  # by its path: by language it would download
    rate = int(configuration["rate"])
    grammars: Mapping[str, Sequence[str]] = configuration["grammars"]
    missing = sorted({word for grammar in grammars.values() for word in _unknown(model, grammar)})
    phrases = {name: _known(model, grammar) for name, grammar in grammars.items()}
    warm_up = np.random.default_rng(1).normal(0, 300, 8 * RATE // 10).astype("<i2").tobytes()
    slots = []
    for _ in range(int(configuration["recognizers"])):
        decoders = {"": _decoder(vosk.KaldiRecognizer(model, rate))}
        for name, known in phrases.items():
            if known:  # Vosk crashes on a grammar without words; such a one is decoded freely
                # Vosk doesn't decode \u escapes: words that hold them would be left out without a word
                grammar = json.dumps([*known, *_unknown_word(model)], ensure_ascii=False)
                decoders[name] = _decoder(vosk.KaldiRecognizer(model, rate, grammar))
        slot = Slot(decoders, rate)
        for name in decoders:
            slot.start(name)
            slot.feed(warm_up)
            slot.finish()
        slots.append(slot)
    return slots, missing


def _decoder(recognizer: Any) -> Decoder:
    recognizer.SetWords(True)
    decoder: Decoder = recognizer
    return decoder


def _known(model: Any, phrases: Sequence[str]) -> list[str]:
    return [phrase for phrase in phrases if all(model.vosk_model_find_word(word) >= 0 for word in phrase.split())]


def _unknown(model: Any, phrases: Sequence[str]) -> list[str]:
    return [word for phrase in phrases for word in phrase.split() if model.vosk_model_find_word(word) < 0]


def _unknown_word(model: Any) -> list[str]:
    return [word for word in UNKNOWN_WORDS if model.vosk_model_find_word(word) >= 0][:1]


class Worker:
    """Reads requests, hands each to its slot's thread, and sends the replies."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO, build: Callable[[Mapping[str, Any]], Any]) -> None:
        self._requests = requests
        self._replies = replies
        self._build = build
        self._sending = threading.Lock()
        self._queues: list[SimpleQueue[Message]] = []

    def run(self) -> None:
        """Until the requests end. The caller then ends the process, for threads may still be decoding."""
        for slot, kind, payload in iter(self._next, None):
            if kind is Kind.CONFIGURE:
                configuration = json.loads(payload)
                self._queues = [SimpleQueue() for _ in range(int(configuration["recognizers"]))]
                threading.Thread(target=self._set_up, args=(configuration,), daemon=True).start()
            else:
                self._queues[slot].put((kind, payload))

    def _next(self) -> tuple[int, Kind, bytes] | None:
        header = self._requests.read(HEADER.size)
        if len(header) < HEADER.size:
            return None
        slot, kind, length = unpacked(header)
        payload = self._requests.read(length)
        return (slot, kind, payload) if len(payload) == length else None

    def _set_up(self, configuration: Mapping[str, Any]) -> None:
        try:
            slots, missing = self._build(configuration)
        except Exception as error:
            self._send(WORKER, packed(0, Kind.FAILED, f"{type(error).__name__}: {error}".encode()))
            return
        for number, slot in enumerate(slots):
            threading.Thread(target=self._serve, args=(number, slot), daemon=True).start()
        self._send(WORKER, packed(0, Kind.READY, json.dumps({"missing": missing}).encode()))

    def _serve(self, number: int, slot: Slot) -> None:
        while True:
            kind, payload = self._queues[number].get()
            try:
                reply = slot.answer(kind, payload)
            except Exception as error:  # this utterance is lost, the process isn't
                reply = packed(0, Kind.FAILED, f"{type(error).__name__}: {error}".encode())
            self._send(number, reply)

    def _send(self, slot: int, reply: bytes) -> None:
        with self._sending:
            self._replies.write(bytes([slot]) + reply[1:])
            self._replies.flush()


def main(build: Callable[[Mapping[str, Any]], Any] = build_slots) -> None:
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not come among the replies
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as score:  # noqa: PTH123
        score.write(_OOM_SCORE)
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        Worker(sys.stdin.buffer, replies, build).run()
    os._exit(0)


if __name__ == "__main__":
    main()
