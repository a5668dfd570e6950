"""Sounds that are no answer, and backgrounds: all made from random numbers. Mono float, 8 kHz unless said."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, lfilter

RATE = 8000
Rng = np.random.Generator


def unit(sound: np.ndarray) -> np.ndarray:
    """Scaled to an RMS of 1."""
    return sound / (np.sqrt(np.mean(sound**2)) + 1e-9)


def coloured(rng: Rng, samples: int, slope: float) -> np.ndarray:
    """Noise whose power falls by `slope` × 3 dB an octave (0 white, 1 pink, 2 brown)."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    hertz = np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 30.0)
    return unit(np.fft.irfft(spectrum / hertz ** (slope / 2), samples))


def hum(rng: Rng, samples: int) -> np.ndarray:
    seconds = np.arange(samples) / RATE
    partials = [
        rng.uniform(0.1, 1) / n * np.sin(2 * np.pi * 50 * n * seconds + rng.uniform(0, 6.3)) for n in range(1, 16)
    ]
    return unit(np.sum(partials, axis=0))


def music(rng: Rng, samples: int) -> np.ndarray:
    """Chords of a few partials, changing now and then, sometimes with a beat."""
    seconds = np.arange(samples) / RATE
    sound = np.zeros(samples)
    start, root = 0, rng.uniform(80, 300)
    while start < samples:
        length = int(RATE * rng.uniform(0.12, 0.8))
        span = slice(start, min(samples, start + length))
        inside = seconds[span] - seconds[start]
        for step in rng.choice([0, 2, 4, 5, 7, 9, 11, 12, 16], rng.integers(1, 5), replace=False):
            pitch = root * 2 ** (step / 12)
            for partial in range(1, rng.integers(2, 8)):
                sound[span] += (
                    np.exp(-inside * rng.uniform(0.5, 6)) / partial * np.sin(2 * np.pi * pitch * partial * inside)
                )
        if rng.random() < 0.3:
            sound[span] += rng.standard_normal(len(inside)) * np.exp(-inside * 40)
        start += length
    return unit(sound)


def tones(rng: Rng, samples: int) -> np.ndarray:
    """Keypad tones, the tones of a line (425 Hz, in pulses), beeps, a modem's or fax's whistle."""
    seconds = np.arange(samples) / RATE
    kind = rng.integers(4)
    if kind == 0:
        sound = np.zeros(samples)
        start = 0
        while start < samples:
            length = int(RATE * rng.uniform(0.06, 0.4))
            pair = rng.choice([697, 770, 852, 941]), rng.choice([1209, 1336, 1477, 1633])
            span = slice(start, min(start + length, samples))
            sound[span] = sum(np.sin(2 * np.pi * hertz * seconds[span]) for hertz in pair)
            start += length + int(RATE * rng.uniform(0.05, 0.5))
    elif kind == 1:
        period = rng.choice([0.5, 0.25, 1.0])
        sound = np.sin(2 * np.pi * 425 * seconds) * (seconds % (2 * period) < period)
    elif kind == 2:
        sound = np.sin(2 * np.pi * rng.uniform(300, 2500) * seconds) * (seconds < rng.uniform(0.1, 1.2))
    else:
        sound = np.sin(2 * np.pi * np.cumsum(np.linspace(*rng.uniform(200, 3000, 2), samples)) / RATE)
    return unit(sound + 1e-4 * rng.standard_normal(samples))


def breath(rng: Rng, samples: int) -> np.ndarray:
    """Breathing, blowing, rustling: noise in a band with a slow swell."""
    low = rng.uniform(150, 1200)
    b, a = butter(1, [low, min(3900, low * rng.uniform(1.8, 6))], "band", fs=RATE)
    swell = np.interp(np.arange(samples), np.linspace(0, samples, 6), np.concatenate([[0], rng.uniform(0, 1, 4), [0]]))
    return unit(lfilter(b, a, rng.standard_normal(samples)) * swell)


def bark(rng: Rng, samples: int) -> np.ndarray:
    """Short, rough, falling harmonics in a row, as a dog's bark, a cough or a laugh; sometimes a door or a knock."""
    sound = np.zeros(samples)
    start = int(RATE * rng.uniform(0, 0.1))
    pitch, rough = rng.uniform(120, 900), rng.uniform(0.1, 1.5)
    while start < samples:
        length = int(RATE * rng.uniform(0.05, 0.3))
        inside = np.arange(min(length, samples - start)) / RATE
        glide = 2 * np.pi * np.cumsum(pitch * (1 - rng.uniform(0, 0.4) * inside / 0.3)) / RATE
        voice = sum(np.sin(n * glide) / n ** rng.uniform(0.3, 1.5) for n in range(1, 9))
        envelope = np.minimum(inside * 80, 1) * np.exp(-inside * rng.uniform(6, 25))
        sound[start : start + len(inside)] += (voice + rough * rng.standard_normal(len(inside))) * envelope
        start += length + int(RATE * rng.uniform(0.05, 0.7))
    return unit(sound)


def clicks(rng: Rng, samples: int) -> np.ndarray:
    sound = 0.003 * rng.standard_normal(samples)
    for start in rng.integers(0, samples, rng.integers(1, 9)):
        length = int(RATE * rng.uniform(0.002, 0.03))
        burst = rng.standard_normal(length) * np.exp(-np.arange(length) / (0.2 * length))
        sound[start : start + length] += burst[: samples - start]
    return unit(sound)


NO_SPEECH = {"music": music, "tones": tones, "breath": breath, "bark": bark, "clicks": clicks}


def background(rng: Rng, samples: int, voices: list[np.ndarray]) -> np.ndarray:
    """What is behind a caller: mostly coloured noise, with hum, babble of `voices` (8 kHz), music or clicks in some."""
    sound = coloured(rng, samples, rng.uniform(-0.5, 2.2))
    if rng.random() < 0.3:  # traffic, wind: it swells
        swell = np.interp(np.arange(samples), np.linspace(0, samples, 8), rng.uniform(0.3, 1.5, 8))
        sound = unit(sound * swell)
    if rng.random() < 0.25:
        sound += rng.uniform(0.1, 1) * hum(rng, samples)
    if voices and rng.random() < 0.3:
        babble = np.zeros(samples)
        for _ in range(rng.integers(3, 9)):
            voice = voices[rng.integers(len(voices))]
            for start in range(int(rng.integers(0, RATE)), samples, len(voice) + int(rng.integers(1, RATE))):
                babble[start : start + len(voice)] += voice[: samples - start] * rng.uniform(0.2, 1)
        sound += rng.uniform(0.5, 2) * unit(babble)
    if rng.random() < 0.1:
        sound += rng.uniform(0.3, 1.5) * music(rng, samples)
    if rng.random() < 0.1:
        sound += rng.uniform(0.2, 1) * clicks(rng, samples)
    return unit(sound)
