"""From a clip to what a telephone delivers: another throat, a room, a background, a line. 16 kHz in, 8 kHz out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyworld
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

from tools.answer_words.sounds import RATE, Rng, background
from tools.answer_words.voices import RATE as WIDE

PERIOD = 8.0  # ms between the vocoder's frames


@dataclass(frozen=True)
class Line:
    """How a sound reaches us. `snr` in dB, None for no background; `codec` as in `coded`."""

    snr: float | None
    low: float  # band edges, Hz
    high: float
    codec: str
    level: float  # dBFS, of speech
    loss: float  # share of 20 ms packets that are lost
    room: float  # reverberation time in seconds, 0 for none
    clip: float  # how far above full scale the peaks would reach, 1 for none


JUDGED = Line(
    snr=20, low=300, high=3400, codec="alaw", level=-22, loss=0, room=0, clip=1
)  # phone quality, as the issue has it


def any_line(rng: Rng) -> Line:
    """A random line, from very good to hardly usable."""
    return Line(
        snr=None if rng.random() < 0.07 else float(rng.uniform(3, 40)),
        low=float(rng.choice([300, rng.uniform(60, 450)])),
        high=float(rng.choice([3400, rng.uniform(2600, 3700)])),
        codec=str(rng.choice(["alaw", "ulaw", "gsm", "none"], p=[0.55, 0.1, 0.2, 0.15])),
        level=float(rng.uniform(-36, -10)),
        loss=float(rng.choice([0, rng.uniform(0.01, 0.06)], p=[0.85, 0.15])),
        room=float(rng.choice([0, rng.uniform(0.06, 0.5)], p=[0.45, 0.55])),
        clip=float(rng.choice([1, rng.uniform(1.2, 4)], p=[0.88, 0.12])),
    )


def another_throat(rng: Rng, sound: np.ndarray) -> np.ndarray:
    """The same words by somebody else: pitch, melody, formants, pace, breath, each on its own (WORLD vocoder)."""
    sound = sound.astype(np.float64)
    pitch, at = pyworld.dio(sound, WIDE, f0_floor=60, f0_ceil=600, frame_period=PERIOD)
    pitch = pyworld.stonemask(sound, pitch, at, WIDE)
    envelope = pyworld.cheaptrick(sound, pitch, at, WIDE)
    roughness = pyworld.d4c(sound, pitch, at, WIDE)
    frames, bins = envelope.shape

    place = np.linspace(0, 1, frames)
    voiced = pitch[pitch > 0]
    middle = float(np.median(voiced)) if len(voiced) else 150.0
    target = float(np.clip(middle * 2 ** rng.uniform(-0.8, 0.9), 70, 420))
    melody = (
        np.interp(place, np.linspace(0, 1, 4), rng.normal(0, 0.12, 4))
        + rng.choice([0, rng.uniform(-0.3, 0.5)]) * place**2
    )
    lively = rng.uniform(0.3, 1.6)
    pitch = np.where(pitch > 0, target * (np.maximum(pitch, 1) / middle) ** lively * 2**melody, 0)
    if rng.random() < 0.06:  # whispered
        pitch[:] = 0
        roughness[:] = 1
    elif rng.random() < 0.25:  # breathy or hoarse
        roughness = np.clip(roughness + rng.uniform(0.05, 0.5), 0, 1)

    warp = float(
        np.clip(2 ** (rng.normal(0, 0.16) + 0.12 * np.log2(target / 160)), 0.8, 1.3)
    )  # high voices have short throats
    source = np.clip(np.arange(bins) / warp, 0, bins - 1)
    lower = np.floor(source).astype(int)
    part = source - lower
    log = np.log(envelope + 1e-12)
    log = log[:, lower] * (1 - part) + log[:, np.minimum(lower + 1, bins - 1)] * part
    tilt = rng.normal(0, 1.5) * np.log2(np.maximum(np.arange(bins) * WIDE / 2 / bins, 100) / 1000) * 0.23
    pace = np.cumsum(2 ** np.interp(place, np.linspace(0, 1, 5), rng.normal(0, 0.3, 5)))
    stretch = rng.uniform(0.75, 1.35)
    new = np.interp(np.linspace(pace[0], pace[-1], max(8, int(frames * stretch))), pace, np.arange(frames))
    pick = np.round(new).astype(int)
    spoken = pyworld.synthesize(pitch[pick], np.exp(log + tilt)[pick].copy(), roughness[pick].copy(), WIDE, PERIOD)
    peak = np.abs(spoken).max()
    return (0.5 * spoken / peak).astype(np.float32) if peak > 1e-4 else sound.astype(np.float32)


def resized(rng: Rng, sound: np.ndarray) -> np.ndarray:
    """Quicker and higher or slower and lower, as a tape: 0.84 to 1.2."""
    return resample_poly(sound, 100, int(rng.integers(84, 121))).astype(np.float32)


def in_room(rng: Rng, sound: np.ndarray, seconds: float) -> np.ndarray:
    length = int(seconds * RATE) + 40
    tail = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length) * rng.uniform(0.02, 0.25)
    tail[: int(rng.integers(8, 40))] = 0
    tail[0] = 1
    return fftconvolve(sound, tail)[: len(sound)]


def through(rng: Rng, line: Line, sound: np.ndarray, voices: list[np.ndarray]) -> np.ndarray:
    """`sound` (8 kHz, silence around it included) as `line` delivers it, before the codec."""
    if line.room:
        sound = in_room(rng, sound, line.room)
    energy = np.sort(np.mean(sound[: len(sound) // 80 * 80].reshape(-1, 80) ** 2, axis=1))
    loud = np.sqrt(energy[-max(1, len(energy) // 8) :].mean())
    sound = sound / (loud + 1e-6)
    if line.snr is not None:
        # the loudest eighth is about 4 dB above the level of active speech, which an SNR is counted from
        sound = sound + background(rng, len(sound), voices) * 10 ** (-(line.snr + 4) / 20)
    else:
        sound = sound + 1e-4 * rng.standard_normal(len(sound))
    sound = sosfilt(butter(4, [line.low, line.high], "band", fs=RATE, output="sos"), sound)
    sound = np.clip(sound * 10 ** ((line.level + 4) / 20) * line.clip, -0.99, 0.99)
    return sound / line.clip


def lossy(rng: Rng, sound: np.ndarray, loss: float) -> np.ndarray:
    """Some 20 ms packets are silence, as on a bad line."""
    packets = sound[: len(sound) // 160 * 160].reshape(-1, 160).copy()
    packets[rng.random(len(packets)) < loss] = 0
    return packets.reshape(-1)


def silence_around(rng: Rng, sound: np.ndarray) -> np.ndarray:
    before, after = int(rng.uniform(0.05, 0.8) * RATE), int(rng.uniform(0.15, 0.6) * RATE)
    return np.concatenate([np.zeros(before), sound, np.zeros(after)])


def narrow(sound: np.ndarray) -> np.ndarray:
    """16 kHz to 8 kHz."""
    return resample_poly(sound, 1, 2).astype(np.float32)
