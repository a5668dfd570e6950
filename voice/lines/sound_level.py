"""How loud a microphone is, and whether that is good for being heard. Pure: fed with the frames of a line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

NOTHING_DB = -80.0  #: dBFS; quieter than any microphone with the sound on
QUIET_DB = -40.0  #: speech below is lost in what telephones and recognisers take for silence
CLOSE_TO_FULL = 0.98  #: of full scale
CLIPPED_FRAMES = 3  #: so many that reach it: more than a knock on the table
CLEAR_OF_NOISE_DB = 15.0  #: speech is that much louder than what is heard between words


class Verdict(StrEnum):
    NOTHING = "nothing"  #: muted, or the wrong device
    CLIPPING = "clipping"
    TOO_QUIET = "too quiet"
    NO_SPEECH = "no speech"  #: nobody spoke, or the room is as loud
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Level:
    """What a microphone gave, in dB below full scale (RMS of 20 ms)."""

    verdict: Verdict
    speech: float  #: what the loudest tenth of the time exceeds
    noise: float  #: what the quietest tenth stays below
    clipped_frames: int


def loudness(frame: bytes) -> float:
    """RMS of 8 kHz PCM in dB below full scale; -100 for silence."""
    samples = np.frombuffer(frame, "<i2").astype(np.float64) / 32768
    power = float(np.mean(samples**2)) if len(samples) else 0.0
    return max(-100.0, 10 * math.log10(power)) if power else -100.0


def judged(frames: Sequence[bytes]) -> Level:
    """A microphone after some seconds of somebody's speaking."""
    levels = [loudness(frame) for frame in frames] or [-100.0]
    noise, speech = (float(each) for each in np.percentile(levels, [10, 90]))
    clipped = sum(_reaches_full_scale(frame) for frame in frames)
    return Level(_verdict(speech, noise, clipped), speech, noise, clipped)


def _verdict(speech: float, noise: float, clipped: int) -> Verdict:
    if speech < NOTHING_DB:
        return Verdict.NOTHING
    if clipped >= CLIPPED_FRAMES:
        return Verdict.CLIPPING
    if speech - noise < CLEAR_OF_NOISE_DB:
        return Verdict.NO_SPEECH
    return Verdict.TOO_QUIET if speech < QUIET_DB else Verdict.GOOD


def _reaches_full_scale(frame: bytes) -> bool:
    return bool(np.abs(np.frombuffer(frame, "<i2").astype(np.int32)).max(initial=0) >= CLOSE_TO_FULL * 32767)


def tone(hertz: float, seconds: float, level: float = 0.1) -> bytes:
    """A test tone of `level` (amplitude, 0..1), faded in and out: 8 kHz, 16-bit mono."""
    times = np.arange(round(seconds * 8000)) / 8000
    edge = np.minimum(1, np.minimum(times, seconds - times) / 0.02)
    return (32767 * level * edge * np.sin(2 * np.pi * hertz * times)).astype("<i2").tobytes()
