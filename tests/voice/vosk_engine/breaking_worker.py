"""The real worker, except that it breaks on order: the next audio that it gets does what the orders file says.

`python -m tests.voice.vosk_engine.breaking_worker ORDERS [pretend]`. Its recognisers aren't warmed, so that it is soon
back; sooner still where it only pretends: then it hears "좋아요" in everything, without a model.
"""

import contextlib
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import vosk

from voice.vosk_engine import worker

ORDERS = Path(sys.argv[1])
BREAKS: dict[str, Callable[[vosk.Model], object]] = {}


def breaking(act: Callable[[vosk.Model], object]) -> Callable[[vosk.Model], object]:
    BREAKS[act.__name__] = act
    return act


@breaking
def grammar_without_words(model: vosk.Model) -> None:
    vosk.KaldiRecognizer(model, 16000, "[]").AcceptWaveform(bytes(32000))


@breaking
def grammar_that_is_no_json(model: vosk.Model) -> None:
    vosk.KaldiRecognizer(model, 16000, '{"').AcceptWaveform(bytes(32000))


@breaking
def set_grammar_after_audio(model: vosk.Model) -> None:
    recognizer = vosk.KaldiRecognizer(model, 16000, '["네"]')
    recognizer.AcceptWaveform(bytes(32000))
    recognizer.SetGrammar('["아니요"]')


@breaking
def two_threads_on_one_recognizer(model: vosk.Model) -> None:
    recognizer = vosk.KaldiRecognizer(model, 16000)

    def feed() -> None:
        while True:
            recognizer.AcceptWaveform(os.urandom(32000))
            recognizer.FinalResult()

    for _ in range(4):
        threading.Thread(target=feed, daemon=True).start()
    time.sleep(60)


@breaking
def out_of_memory(model: vosk.Model) -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used, used))
    recognizers = []
    while True:
        recognizers.append(vosk.KaldiRecognizer(model, 16000, '["네"]'))
        recognizers[-1].AcceptWaveform(bytes(8000))


@breaking
def never_answer(_model: vosk.Model) -> None:
    time.sleep(600)


@breaking
def stop_altogether(_model: vosk.Model) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


@breaking
def write_garbage(_model: vosk.Model) -> None:
    for descriptor in range(3, 10):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"neither slot nor kind")


@breaking
def be_killed(_model: vosk.Model) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@breaking
def raise_an_exception(_model: vosk.Model) -> None:
    raise RuntimeError("Failed to process waveform")


@breaking
def print_something(_model: vosk.Model) -> None:
    print("a library says hello")


class Pretending:
    """A decoder that has heard the same word once there was audio."""

    def __init__(self) -> None:
        self._words = ""

    def AcceptWaveform(self, _data: bytes) -> int:  # noqa: N802
        self._words = "좋아요"
        return 0

    def PartialResult(self) -> str:  # noqa: N802
        return json.dumps({"partial": self._words})

    def FinalResult(self) -> str:  # noqa: N802
        words, self._words = self._words, ""
        return json.dumps({"result": [{"word": word, "conf": 1.0, "start": 0.0, "end": 0.5} for word in words.split()]})


class BreakingSlot(worker.Slot):
    def __init__(self, model: vosk.Model | None, decoder: Any) -> None:
        super().__init__({"": decoder}, 16000)
        self._model = model

    def feed(self, audio: bytes) -> str:
        with contextlib.suppress(FileNotFoundError):
            order = ORDERS.read_text()
            ORDERS.unlink()
            BREAKS[order](self._model)
        return super().feed(audio)


def pretend(configuration: Mapping[str, Any]) -> tuple[list[BreakingSlot], list[str]]:
    return [BreakingSlot(None, Pretending()) for _ in range(configuration["recognizers"])], ["이런"]


def build(configuration: Mapping[str, Any]) -> tuple[list[BreakingSlot], list[str]]:
    vosk.SetLogLevel(-1)
    model = vosk.Model(configuration["model"])
    slots = []
    for _ in range(configuration["recognizers"]):
        recognizer = vosk.KaldiRecognizer(model, 16000, '["좋아요", "엉망", "몰라요"]')
        recognizer.SetWords(True)
        slots.append(BreakingSlot(model, recognizer))
    return slots, []


if __name__ == "__main__":
    worker.main(pretend if sys.argv[2:] == ["pretend"] else build)
