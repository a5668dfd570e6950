"""A sound that is found again in what comes back: how late, how loud, and how much like itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voice.line import RATE

_FROM, _TO = 400.0, 3000.0  #: Hz, within every telephone line
_SWEEPS = (0.7, 0.4, 0.55)  #: seconds; of different lengths, so that none is taken for another
_GAP = 0.15  #: seconds of silence between them
_LEVEL = 0.2  #: amplitude of full scale: as loud as speech
_ALIKE = 0.5  #: correlation, of 0..1, from which it is the same sound


@dataclass(frozen=True, slots=True)
class Echo:
    """The probe as it came back."""

    delay: float  #: seconds, from its being sent
    gain: float  #: dB; 0 is as loud as it was sent
    likeness: float  #: correlation, 0..1, of the sweep that was found best
    found: float  #: share of the sweeps that were found, 0..1


def probe() -> bytes:
    """8 kHz 16-bit mono PCM: sweeps up and down. Tones that glide pass where noise and steady tones are suppressed."""
    return (32767 * _LEVEL * np.concatenate([each for _, each in _pieces()])).astype("<i2").tobytes()


def echo_in(heard: bytes, sent_at: float) -> Echo | None:
    """Where the probe is in what was heard; None: nowhere.

    `heard`: 8 kHz PCM, without gaps; `sent_at`: seconds in it at which the probe was sent.
    """
    signal = np.frombuffer(heard[: len(heard) // 2 * 2], "<i2").astype(np.float64) / 32768
    found, at = [], 0
    for is_sweep, piece in _pieces():
        if is_sweep and len(signal) > len(piece) and (hit := _hit(piece * _LEVEL, signal)):
            place, likeness, gain = hit
            found.append((likeness, place - at, gain))
        at += len(piece)
    likely = [each for each in found if each[0] >= _ALIKE and each[1] / RATE >= sent_at - 0.02]
    if not likely:
        return None
    likeness, start, gain = max(likely)
    agree = sum(abs(each[1] - start) < 0.1 * RATE for each in likely)
    return Echo(max(0.0, start / RATE - sent_at), gain, likeness, agree / len(_SWEEPS))


def _pieces() -> list[tuple[bool, NDArray[np.float64]]]:
    """The probe's parts in their order, of amplitude 1, each with whether it is a sweep."""
    pieces = []
    for number, seconds in enumerate(_SWEEPS):
        times = np.arange(round(seconds * RATE)) / RATE
        start, end = (_FROM, _TO) if number % 2 == 0 else (_TO, _FROM)
        edge = np.minimum(1, np.minimum(times, seconds - times) / 0.02)
        phase = 2 * np.pi * (start * times + (end - start) * times**2 / (2 * seconds))
        pieces += [(True, edge * np.sin(phase)), (False, np.zeros(round(_GAP * RATE)))]
    return pieces


def _hit(piece: NDArray[np.float64], signal: NDArray[np.float64]) -> tuple[int, float, float] | None:
    """The sample where it fits best, how well (0..1), and its gain there (dB)."""
    size = len(signal) + len(piece)
    cross = np.fft.irfft(np.fft.rfft(signal, size) * np.conj(np.fft.rfft(piece, size)), size)
    cross = np.abs(cross[: len(signal) - len(piece) + 1])  # abs: some lines turn the sound upside down
    sums = np.concatenate(([0.0], np.cumsum(signal**2)))
    energy = sums[len(piece) :] - sums[: -len(piece)]
    own = float(np.sum(piece**2))
    likeness = cross / np.sqrt(np.maximum(energy, 1e-4 * own) * own)
    place = int(np.argmax(likeness))
    if likeness[place] <= 0:
        return None
    return place, float(likeness[place]), float(20 * np.log10(cross[place] / own))
