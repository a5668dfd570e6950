"""Greetings as a telephone line delivers them: what `greetings.toml` says, with beeps, music, noise and a codec.

The same seed and the same folder of recordings give the same sounds. Without a folder espeak-ng says everything.
"""

import json
import tomllib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from survey.statistics import wilson
from tests.voice.speech import spoken
from voice.audio_files import read_audio

Sound = NDArray[np.float64]  #: samples at 8 kHz, full scale 1
RATE = 8000
TEXTS = Path(__file__).with_name("greetings.toml")
AFTER = 18.0  #: seconds for which somebody listens, or a machine records
_PAUSES = {"/": (0.15, 0.5), "//": (0.45, 1.0), "///": (1.3, 2.4)}
_IN_PLACES = ("hello", "name", "long", "company", "goes_on")
_SIT = ((985.2, 0.38), (1428.5, 0.38), (1776.7, 0.38))  #: special information tone, ITU-T E.180


@dataclass(frozen=True, slots=True)
class Said:
    """A greeting without a line around it; `parts` are (start, end in seconds, words)."""

    name: str
    group: str  #: "person" or "machine"
    kind: str
    half: str  #: "tune" or "judge"
    engine: str
    sound: Sound
    parts: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """A call from the moment it was answered, as 8 kHz 16-bit PCM."""

    said: Said
    kind: str  #: the greeting's, or that of the noise it was said in
    sound: bytes
    begins: float  #: seconds until the greeting
    beep: float | None  #: when a beep begins


def recorded(folder: Path | None) -> list[Said]:
    """What `tools.greetings` left in the folder (any manifest.jsonl of that form), or what espeak-ng says."""
    if folder is None:
        return list(_by_espeak())
    rows = [json.loads(line) for file in sorted(folder.rglob("manifest.jsonl")) for line in file.open(encoding="utf-8")]
    found = []
    for row in rows:
        file = next(folder.rglob(row["file"]))
        parts = tuple((start, end, words) for start, end, words in row["parts"])
        sound = np.frombuffer(read_audio(file), "<i2") / 32768 if parts or file.stat().st_size > 100 else np.zeros(0)
        found.append(Said(row["file"], row["group"], row["kind"], row["half"], row["engine"], sound, parts))
    return found


def answered(said: Sequence[Said], music: Sequence[Sound] = ()) -> Iterator[Answered]:
    """Each greeting over a line of its own, machines' with tones and music."""
    for each in said:
        rng = np.random.default_rng(zlib.crc32(each.name.encode()))
        yield _machine(rng, each, music) if each.group == "machine" else _person(rng, each, each.kind, None)


def in_noisy_places(said: Sequence[Said], music: Sequence[Sound] = ()) -> Iterator[Answered]:
    """People's greetings, each in one place; real recordings have their own background already."""
    voices = [each.sound for each in said if len(each.sound) > RATE and each.engine != "real"]
    for each in said:
        if each.group == "person" and each.kind in _IN_PLACES and each.engine != "real":
            rng = np.random.default_rng(zlib.crc32(f"{each.name} in noise".encode()))
            place = str(rng.choice(["street", "voices", "television", "music"]))
            yield _person(rng, each, f"in noise: {place}", _place(rng, place, voices, music))


def _by_espeak() -> Iterator[Said]:
    for group, kinds in tomllib.loads(TEXTS.read_text("utf-8")).items():
        for kind, texts in kinds.items():
            for number, text in enumerate(texts):
                name = f"{group}-{kind}-{number:02}"
                rng = np.random.default_rng(zlib.crc32(name.encode()))
                voice = f"{'en' if 'english' in kind else 'sv'}+{rng.choice(['m1', 'm2', 'm3', 'f1', 'f2', 'f4'])}"
                sound, parts = _pieces(rng, text, voice, rate=int(rng.integers(135, 190)))
                yield Said(name, group, kind, ("tune", "judge")[number % 2], "espeak", sound, parts)


def _pieces(
    rng: np.random.Generator, text: str, voice: str, rate: int
) -> tuple[Sound, tuple[tuple[float, float, str], ...]]:
    sounds: list[Sound] = []
    parts, at, words = [], 0.0, ""
    for token in [*text.split(), "."]:
        if token not in _PAUSES and token != ".":
            words += f" {token}"
            continue
        if words:
            samples = np.frombuffer(spoken(words.strip(), voice, rate=rate), "<i2") / 32768
            loud = np.flatnonzero(np.abs(samples) > 0.02)
            samples = samples[loud[0] : loud[-1] + 1] if len(loud) else samples
            parts.append((round(at, 2), round(at + len(samples) / RATE, 2), words.strip()))
            sounds.append(samples)
            at, words = at + len(samples) / RATE, ""
        if token in _PAUSES:
            sounds.append(_quiet(rng.uniform(*_PAUSES[token])))
            at += len(sounds[-1]) / RATE
    return (np.concatenate(sounds) if sounds else _quiet(0)), tuple(parts)


# --- the two ends of a call ------------------------------------------------------------------------------------------


def _person(rng: np.random.Generator, said: Said, kind: str, place: tuple[Sound, float] | None) -> Answered:
    lead = float(rng.uniform(0.15, 1.6))
    sound = np.concatenate((_quiet(lead), _at(said.sound, -20), _quiet(AFTER)))
    noise, snr = place or (_hiss(rng, len(sound)), float(rng.uniform(18, 40)))
    return Answered(said, kind, _line(rng, sound + _at(np.resize(noise, len(sound)), -20 - snr)), lead, None)


def _machine(rng: np.random.Generator, said: Said, music: Sequence[Sound]) -> Answered:
    lead = float(rng.uniform(0.05, 1.3))
    pieces, beep = [_quiet(lead)], None
    if said.kind == "announcement" and rng.random() < 0.5:
        pieces += [*(_tone(hertz, seconds, -18) for hertz, seconds in _SIT), _quiet(0.3)]
        beep = lead
    if said.kind == "queue":
        pieces.append(_at(_excerpt(rng, music, rng.uniform(1.5, 5)), -22))
    begins = sum(map(len, pieces)) / RATE
    pieces.append(_at(said.sound, -19))
    if said.kind in ("announcement", "screening") and rng.random() < 0.5:
        pieces += [_quiet(rng.uniform(0.8, 2)), _at(said.sound, -19)]
    if said.kind == "queue":
        pieces.append(_at(_excerpt(rng, music, AFTER), -22))
    elif said.kind not in ("announcement", "company") and rng.random() < 0.85:
        pieces.append(_quiet(rng.uniform(0.1, 1.2)))
        beep = sum(map(len, pieces)) / RATE
        pieces += _beep(rng)
    sound = np.concatenate((*pieces, _quiet(AFTER)))
    room = said.kind in ("personal", "short") and rng.random() < 0.7
    noise = _at(_hiss(rng, len(sound)), -20 - float(rng.uniform(18, 40))) if room else np.zeros(len(sound))
    return Answered(said, said.kind, _line(rng, sound + noise), begins, beep)


def _beep(rng: np.random.Generator) -> list[Sound]:
    hertz, level = float(rng.uniform(400, 1400)), float(rng.uniform(-28, -10))
    if rng.random() < 0.15:
        return [_tone(hertz, 0.14, level), _quiet(0.1), _tone(hertz, 0.14, level)]
    return [_tone(hertz, float(rng.uniform(0.2, 0.9)), level)]


def _place(
    rng: np.random.Generator, place: str, voices: Sequence[Sound], music: Sequence[Sound]
) -> tuple[Sound, float]:
    """What is heard in a noisy place for half a minute, and how many dB the speaker is above it."""
    length = 30 * RATE
    if place == "street":
        passing = np.interp(np.arange(length) / RATE, np.arange(0, 31, 1.5), rng.uniform(0.3, 1.6, 21))
        return _pink(rng, length) * passing, float(rng.uniform(6, 18))
    if place == "music":
        return _excerpt(rng, music, 30), float(rng.uniform(10, 20))
    crowd = 1 if place == "television" else 6
    tracks = [
        np.concatenate([_at(voices[each], -20) for each in rng.integers(0, len(voices), 40)])[:length]
        for _ in range(crowd)
    ]
    shortest = min(map(len, tracks))
    return np.sum([track[:shortest] for track in tracks], axis=0), float(rng.uniform(10, 20))


# --- sounds ----------------------------------------------------------------------------------------------------------


def _quiet(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE))


def _tone(hertz: float, seconds: float, level: float) -> Sound:
    times = np.arange(round(seconds * RATE)) / RATE
    return np.sin(2 * np.pi * hertz * times) * 10 ** (level / 20) * np.sqrt(2)


def _hiss(rng: np.random.Generator, length: int) -> Sound:
    white = rng.normal(0, 1, length)
    return white if rng.random() < 0.5 else _pink(rng, length)


def _pink(rng: np.random.Generator, length: int) -> Sound:
    whole = _fast(length)
    spectrum = np.fft.rfft(rng.normal(0, 1, whole))
    frequencies = np.maximum(np.fft.rfftfreq(whole, 1 / RATE), 50)
    return np.fft.irfft(spectrum / np.sqrt(frequencies), whole)[:length]


def _fast(length: int) -> int:
    """A length, no shorter, whose spectrum is quickly made."""
    return -(-length // 8192) * 8192


def _excerpt(rng: np.random.Generator, music: Sequence[Sound], seconds: float) -> Sound:
    """Of real music where there is any, else of plucked chords."""
    if music:
        piece = music[int(rng.integers(len(music)))]
        start = int(rng.integers(0, max(1, len(piece) - round(seconds * RATE))))
        return np.resize(piece[start : start + round(seconds * RATE)], round(seconds * RATE))
    chords = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
    beat = np.arange(RATE // 2) / RATE
    played = [
        sum((np.sin(2 * np.pi * note * beat) + 0.4 * np.sin(4 * np.pi * note * beat) for note in chord), np.zeros(4000))
        * np.exp(-3 * beat)
        for chord in chords
    ]
    return np.resize(np.concatenate(played), round(seconds * RATE))


def _at(sound: Sound, level: float) -> Sound:
    """Its louder half at `level` dBFS."""
    if len(sound) < RATE // 50 or not sound.any():
        return sound
    power = np.mean(sound[: len(sound) // 160 * 160].reshape(-1, 160) ** 2, axis=1)
    return sound * 10 ** (level / 20) / np.sqrt(np.mean(np.sort(power)[len(power) // 2 :]))


def _line(rng: np.random.Generator, sound: Sound) -> bytes:
    """300–3400 Hz, a level of its own, A-law, sometimes a lost packet in thirty."""
    whole = _fast(len(sound))
    spectrum = np.fft.rfft(sound, whole)
    hertz = np.fft.rfftfreq(whole, 1 / RATE)
    band = 1 / np.sqrt(1 + (300 / np.maximum(hertz, 1)) ** 8) / np.sqrt(1 + (hertz / 3400) ** 16)
    carried = np.fft.irfft(spectrum * band, whole)[: len(sound)] * 10 ** (rng.uniform(-14, 6) / 20)
    if rng.random() < 0.25:
        packets = carried[: len(carried) // 160 * 160].reshape(-1, 160)
        packets[rng.random(len(packets)) < rng.uniform(0, 0.03)] = 0
    return bytes((_alaw(np.clip(carried, -1, 1)) * 32767).astype("<i2").tobytes())


def _alaw(sound: Sound) -> Sound:
    """To G.711 A-law and back, by its continuous law (within half a step of the segmented one)."""
    a, scale = 87.6, 1 + np.log(87.6)
    size = np.abs(sound)
    law = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1))) / scale
    law = (np.floor(law * 127) + 0.5) / 127
    return np.sign(sound) * np.where(law < 1 / scale, law * scale / a, np.exp(law * scale - 1) / a)


def share(part: int, of: int) -> str:
    """ "3/60 (1.7–13.7 %)": with its Wilson interval at 95 %."""
    interval = wilson(part, of)
    return f"{part}/{of} ({100 * interval.low:.1f}–{100 * interval.high:.1f} %)"
