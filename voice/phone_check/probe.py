"""A sound that is found again in what comes back: how late, how loud, and how much like itself."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voice.line import RATE

_FROM, _TO = 400.0, 3000.0  #: Hz, within every telephone line
_SWEEPS = (0.7, 0.4, 0.55)  #: seconds; of different lengths, so that none is taken for another
_GAP = 0.15  #: seconds of silence between them
_LEVEL = 0.2  #: amplitude of full scale: as loud as speech
_PART = 0.1  #: seconds: what is looked for at once; packets that are lost or late part it
_ALIKE = 0.6  #: correlation, of 0..1, from which a part is found
_TOGETHER = 0.5  #: seconds within which the delays of parts agree: lost packets make what follows them earlier
_FEWEST = 0.3  #: share of the parts


@dataclass(frozen=True, slots=True)
class Echo:
    """The test sound as it came back."""

    delay: float  #: seconds, from its being sent
    gain: float  #: dB; 0 is as loud as it was sent
    found: float  #: share of its parts, 0..1


def probe() -> bytes:
    """8 kHz 16-bit mono PCM: sweeps up and down. Tones that glide pass where noise and steady tones are suppressed."""
    return (32767 * _LEVEL * np.concatenate(list(_sweeps()))).astype("<i2").tobytes()


def echo_in(heard: bytes) -> Echo | None:
    """Where the probe is in what was heard, in 8 kHz PCM, since it began to be sent; None: nowhere."""
    signal = np.frombuffer(heard[: len(heard) // 2 * 2], "<i2").astype(np.float64) / 32768
    size = round(_PART * RATE)
    if len(signal) < size:
        return None
    parts = list(_parts(size))
    within = _Within(signal, size)
    hits = np.array([(place - at, gain) for at, part in parts for place, gain in within.places(part)]).reshape(-1, 2)
    agree = hits[np.abs(hits[:, 0] - np.median(hits[:, 0])) < _TOGETHER * RATE] if len(hits) else hits
    if len(agree) < _FEWEST * len(parts):
        return None
    delay, gain = float(np.percentile(agree[:, 0], 75)) / RATE, float(np.median(agree[:, 1]))
    return Echo(max(0.0, delay), gain, len(agree) / len(parts)) if delay > -_PART else None


def _sweeps() -> Iterator[NDArray[np.float64]]:
    """Of amplitude 1, each with the silence after it."""
    for number, seconds in enumerate(_SWEEPS):
        times = np.arange(round(seconds * RATE)) / RATE
        start, end = (_FROM, _TO) if number % 2 == 0 else (_TO, _FROM)
        edge = np.minimum(1, np.minimum(times, seconds - times) / 0.02)
        phase = 2 * np.pi * (start * times + (end - start) * times**2 / (2 * seconds))
        yield np.concatenate((edge * np.sin(phase), np.zeros(round(_GAP * RATE))))


def _parts(size: int) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Each part with where it begins, in samples; silence is none."""
    sweep_at = 0
    for sweep in _sweeps():
        sounding = len(sweep) - round(_GAP * RATE)
        for at in range(0, sounding - size + 1, size):
            yield sweep_at + at, _LEVEL * sweep[at : at + size]
        sweep_at += len(sweep)


class _Within:
    """What was heard, to look for parts of one size in."""

    def __init__(self, signal: NDArray[np.float64], size: int) -> None:
        self._length = len(signal) - size + 1
        self._fft_size = 1 << (len(signal) + size - 1).bit_length()
        self._spectrum = np.fft.rfft(signal, self._fft_size)
        sums = np.concatenate(([0.0], np.cumsum(signal**2)))
        self._energy = sums[size:] - sums[:-size]

    def places(self, part: NDArray[np.float64]) -> list[tuple[int, float]]:
        """The sample where it is found, and its gain there (dB); none where it isn't."""
        cross = np.fft.irfft(self._spectrum * np.conj(np.fft.rfft(part, self._fft_size)), self._fft_size)
        cross = np.abs(cross[: self._length])  # abs: some lines turn the sound upside down
        own = float(np.sum(part**2))
        likeness = cross / np.sqrt(np.maximum(self._energy, 1e-4 * own) * own)
        place = int(np.argmax(likeness))
        return [(place, float(20 * np.log10(cross[place] / own)))] if likeness[place] >= _ALIKE else []
