"""Between a sound device's blocks, of any rate and number of channels, and a line's 20 ms frames of 8 kHz.

One thread (PortAudio's) fills or empties, another (asyncio's) does the opposite. Both ends are `deque`s, whose `append`
and `popleft` are atomic; nothing here waits for a lock, which the thread that feeds a sound card must not.
"""

from collections import deque

import numpy as np
import soxr
from numpy.typing import NDArray

from voice.line import FRAME_BYTES, FRAME_SECONDS, RATE
from voice.lines.caller import frames_of

KEPT_SECONDS = 60  #: of what came in while nobody listened; what is older is lost


class Intake:
    """What the microphone hears."""

    def __init__(self, rate: int, channels: int) -> None:
        self._channels = channels
        self._resampler = _resampler(rate, RATE)
        self._rest = b""
        self._frames: deque[bytes] = deque(maxlen=round(KEPT_SECONDS / FRAME_SECONDS))

    def take(self, block: bytes) -> None:
        """A block from the device, in its thread."""
        samples = np.frombuffer(block, "<i2").reshape(-1, self._channels).mean(axis=1, dtype=np.float32)
        self._rest += _pcm(_resampled(self._resampler, samples))
        while len(self._rest) >= FRAME_BYTES:
            self._frames.append(self._rest[:FRAME_BYTES])
            self._rest = self._rest[FRAME_BYTES:]

    def next(self) -> bytes | None:
        """The next frame, or None if it hasn't come yet."""
        return self._frames.popleft() if self._frames else None

    def __len__(self) -> int:
        """Frames that wait."""
        return len(self._frames)


class Playback:
    """What the loudspeaker is to say. Silence where nothing is queued, and where a device asks too often."""

    def __init__(self, rate: int, channels: int) -> None:
        self.latency = 0.0  #: seconds from a block's being given to its coming back through the microphone
        self._channels = channels
        self._resampler = _resampler(RATE, rate)
        self._frames: deque[bytes] = deque()
        self._rest = np.zeros(0, np.float32)
        self._cut = False
        self._sounding = 0  # frames until the last one given will have been heard

    @property
    def playing(self) -> bool:
        """Whether something is queued or still under way to the microphone."""
        return bool(self._frames) or (self._sounding > 0 and not self._cut)

    def queue(self, audio: bytes) -> None:
        self._frames.extend(frames_of(audio))

    def cut(self) -> None:
        """Forget what is queued."""
        self._frames.clear()
        self._cut = True

    def give(self, samples: int) -> bytes:
        """A block of so many samples for the device, in its thread."""
        if self._cut:
            self._cut, self._sounding = False, 0
            self._rest = np.zeros(0, np.float32)
            if self._resampler is not None:
                self._resampler.clear()
        while len(self._rest) < samples:
            self._rest = np.concatenate((self._rest, self._next()))
        block, self._rest = self._rest[:samples], self._rest[samples:]
        return np.repeat(np.frombuffer(_pcm(block), "<i2"), self._channels).tobytes()

    def _next(self) -> NDArray[np.float32]:
        try:
            frame = self._frames.popleft()
            self._sounding = round(self.latency / FRAME_SECONDS)
        except IndexError:  # also when `cut` has just emptied it
            frame = bytes(FRAME_BYTES)
            self._sounding = max(0, self._sounding - 1)
        return _resampled(self._resampler, np.frombuffer(frame, "<i2").astype(np.float32))


def _resampler(from_rate: int, to_rate: int) -> soxr.ResampleStream | None:
    return None if from_rate == to_rate else soxr.ResampleStream(from_rate, to_rate, 1, "float32", "HQ")


def _resampled(resampler: soxr.ResampleStream | None, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return samples if resampler is None else np.asarray(resampler.resample_chunk(samples), np.float32)


def _pcm(samples: NDArray[np.float32]) -> bytes:
    return samples.round().clip(-32768, 32767).astype("<i2").tobytes()
