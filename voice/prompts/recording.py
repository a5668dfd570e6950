"""Recording prompts at this machine's microphone, and playing them back."""

import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import soxr

from voice.lines.sound_devices import Opened, open_stream
from voice.prompts.importing import LONGEST_SECONDS, RECORDING_RATE
from voice.prompts.loudness import Samples

Device = int | str | None  #: a device's number, part of its name, or the system's own choice


class Take(Protocol):
    """One recording under way."""

    @property
    def level(self) -> float:
        """How loud it is just now: the latest block's peak, 0..1."""

    def stop(self) -> Samples:
        """End it: what was recorded, at RECORDING_RATE."""


class Studio(Protocol):
    """Where prompts are recorded."""

    def record(self) -> Take:
        """Begin a recording, now."""

    def play(self, samples: Samples, rate: int) -> None:
        """Play something to its end."""


class SoundcardStudio:
    """The microphone and loudspeaker of this machine. Its methods raise SoundcardError."""

    def __init__(self, microphone: Device, loudspeaker: Device) -> None:
        self._microphone, self._loudspeaker = microphone, loudspeaker

    def record(self) -> "MicrophoneTake":
        take = MicrophoneTake()
        take.opened = open_stream("input", self._microphone, take.callback, _nothing)
        return take

    def play(self, samples: Samples, rate: int) -> None:
        rest = b""

        def callback(device_rate: int, channels: int) -> Callable[..., None]:
            nonlocal rest
            sound = soxr.resample(samples, rate, device_rate)
            whole = (sound * 32767).round().clip(-32768, 32767).astype("<i2")
            rest = np.repeat(whole, channels).tobytes()

            def give(block: Any, _frames: int, _time: object, _status: object) -> None:
                nonlocal rest
                now, rest = rest[: len(block)], rest[len(block) :]
                block[:] = now + bytes(len(block) - len(now))

            return give

        opened = open_stream("output", self._loudspeaker, callback, _nothing)
        try:
            while rest:
                time.sleep(0.05)
            time.sleep(opened.stream.latency)  # until the device has played what it was given
        finally:
            opened.stream.close()


class MicrophoneTake:
    """What the microphone has heard since the take began."""

    opened: Opened

    def __init__(self) -> None:
        self._blocks: list[Samples] = []
        self._level = 0.0

    @property
    def level(self) -> float:
        return self._level

    def callback(self, rate: int, channels: int) -> Callable[..., None]:
        """What PortAudio is to call with every block, in its thread."""
        longest = LONGEST_SECONDS * rate

        def take(block: Any, _frames: int, _time: object, _status: object) -> None:
            samples = np.frombuffer(bytes(block), "<i2").reshape(-1, channels).mean(axis=1, dtype=np.float32) / 32768
            self._level = float(np.abs(samples).max(initial=0.0))
            if len(self._blocks) * len(samples) < longest:
                self._blocks.append(samples)

        return take

    def stop(self) -> Samples:
        self.opened.stream.close()
        heard = np.concatenate([np.zeros(0, np.float32), *self._blocks])
        return np.asarray(soxr.resample(heard, self.opened.rate, RECORDING_RATE), np.float32)


def _nothing() -> None:
    """A stream's end is no news here."""
