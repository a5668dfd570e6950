"""From a recording or a render to a prompt: trimmed, levelled, and what a telephone carries of it. Pure.

All prompts are equally loud, or a caller hears where one ends and the next begins: -23 LUFS (EBU R 128, measured after
BS.1770) and no peak above -3 dBFS. At 8 kHz only 300–3400 Hz is kept, the telephone's band (ITU-T G.712).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray

from voice.prompts.loudness import SILENT_LUFS, Samples, loudness

PHONE_RATE, MASTER_RATE = 8000, 16000
LOUDNESS = -23.0  #: LUFS
CEILING = 10 ** (-3 / 20)  #: of full scale
MARGIN_SECONDS = 0.08  #: of silence before and after the words
FRAME_SECONDS = 0.01
FADE_SECONDS = 0.01
LIMITER_SECONDS = 0.005
LEVELLINGS = 3
BELOW_TOP_DB = 40.0  # a frame this much below the loudest is no speech
TOO_QUIET_DBFS = -60.0  # nobody spoke, or the microphone was off
FULL_SCALE = 0.99
NOISY_DB = 20.0  # a room's noise nearer the speech than this is heard on the phone


class UnusableSoundError(Exception):
    """Why no prompt can be made of a recording, as the rest of a sentence that begins with its name."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How a prompt came out, or how a recording was."""

    seconds: float
    lufs: float  #: loudness, see `voice.prompts.loudness`
    peak_dbfs: float
    clipped: int  #: samples in runs of full scale: what the recorder cut off
    signal_to_noise_db: float  #: loudest against quietest tenth; says little of a render with digital silence

    @property
    def complaints(self) -> list[str]:
        """What a listener would hear of the recording's faults; empty when it is fine."""
        faults = []
        if self.clipped:
            faults.append(f"{self.clipped} samples are clipped: record again with the level turned down")
        if self.signal_to_noise_db < NOISY_DB:
            faults.append(f"the room is only {self.signal_to_noise_db:.0f} dB quieter than the voice: find a quiet one")
        return faults


def shaped(samples: Samples, rate: int, to_rate: int = PHONE_RATE) -> Samples:
    """A recording or render as a prompt of `to_rate` samples a second. Raises UnusableSoundError for silence."""
    sound = np.asarray(soxr.resample(samples, rate, to_rate, "VHQ"), np.float32) if rate != to_rate else samples
    if to_rate == PHONE_RATE:
        sound = _filtered(sound, _telephone_band(to_rate))
    sound = trimmed(sound, to_rate)
    level = loudness(sound, to_rate)
    if level <= SILENT_LUFS:
        raise UnusableSoundError("holds no speech, only silence")
    levelled = sound
    for _ in range(LEVELLINGS):  # what the limiter takes away from a peak is given back to the rest
        levelled = _limited(levelled * np.float32(10 ** ((LOUDNESS - level) / 20)), to_rate)
        level = loudness(levelled, to_rate)
    return _faded(levelled, to_rate)


def trimmed(samples: Samples, rate: int) -> Samples:
    """The words with MARGIN_SECONDS around them. Raises UnusableSoundError where there are none."""
    levels = _frame_levels(samples, rate)
    top = levels.max(initial=-120.0)
    if top < TOO_QUIET_DBFS:
        raise UnusableSoundError("holds no speech, only silence")
    noise = np.percentile(levels, 10)
    speech = np.flatnonzero(levels > max(top - BELOW_TOP_DB, min(noise + 6, top - NOISY_DB)))
    frame, margin = round(FRAME_SECONDS * rate), round(MARGIN_SECONDS * rate)
    start, end = speech[0] * frame - margin, (speech[-1] + 1) * frame + margin
    before, after = max(0, -start), max(0, end - len(samples))
    return np.pad(samples[max(0, start) : end], (before, after))


def measured(samples: Samples, rate: int) -> Measured:
    """Length, loudness, peak, clipping and noise of a sound."""
    peak = float(np.abs(samples).max(initial=0.0))
    levels = _frame_levels(samples, rate)
    spread = np.percentile(levels, 95) - np.percentile(levels, 5) if len(levels) else 0.0
    return Measured(
        len(samples) / rate,
        loudness(samples, rate),
        20 * float(np.log10(max(peak, 1e-6))),
        _clipped(samples),
        float(spread),
    )


def _frame_levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Each frame's RMS in dB of full scale."""
    frame = round(FRAME_SECONDS * rate)
    whole = samples[: len(samples) - len(samples) % frame].reshape(-1, frame).astype(np.float64)
    return np.asarray(10 * np.log10(np.maximum((whole**2).mean(axis=1), 1e-12)))


def _clipped(samples: Samples) -> int:
    """Samples that stand at full scale beside another such: one alone may be a lucky peak."""
    full = np.abs(samples) >= FULL_SCALE
    same = full[1:] & full[:-1] & (np.sign(samples[1:]) == np.sign(samples[:-1]))
    return int((np.append(same, False) | np.append(False, same)).sum()) if len(samples) else 0


def _limited(samples: Samples, rate: int) -> Samples:
    """Peaks above the ceiling turned down with what is 5 ms around them, so that nothing is cut off."""
    reach = round(LIMITER_SECONDS * rate)
    needed = np.minimum(1, CEILING / np.maximum(np.abs(samples), 1e-9))
    if needed.min() == 1:
        return samples
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(needed, 2 * reach, mode="edge"), 2 * reach + 1)
    lowest = windows.min(axis=1)
    smooth = np.convolve(lowest, np.full(2 * reach + 1, 1 / (2 * reach + 1)), mode="valid")
    return (samples * smooth).astype(np.float32)


def _faded(samples: Samples, rate: int) -> Samples:
    length = round(FADE_SECONDS * rate)
    ramp = np.linspace(0, 1, length, dtype=np.float32)
    faded = samples.copy()
    faded[:length] *= ramp
    faded[-length:] *= ramp[::-1]
    return faded


def _filtered(samples: Samples, taps: NDArray[np.float64]) -> Samples:
    return np.convolve(samples, taps, mode="same").astype(np.float32) if len(samples) else samples


@cache
def _telephone_band(rate: int) -> NDArray[np.float64]:
    """A linear-phase band-pass of 300–3400 Hz (windowed sinc, 100 Hz wide slopes, 60 dB down beyond them)."""
    at = np.arange(-150, 151)
    ideal = [2 * edge / rate * np.sinc(2 * edge / rate * at) for edge in (300 - 50, 3400 + 50)]
    return np.asarray((ideal[1] - ideal[0]) * np.kaiser(len(at), 5.65))
