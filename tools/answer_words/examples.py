"""Clips made into examples: what the network sees, and what it should say. Kept on disk group by group.

A group is GROUP neighbouring clips of a stream; its examples are a function of those clips and the seed, so groups can
be made while synthesis still runs, and nothing is made twice.
"""

from __future__ import annotations

import json
import wave
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from tqdm import tqdm

from tools.answer_words.augmentation import (
    JUDGED,
    Line,
    another_throat,
    any_line,
    lossy,
    narrow,
    resized,
    silence_around,
    through,
)
from tools.answer_words.codecs import coded
from tools.answer_words.sounds import NO_SPEECH, RATE, Rng
from tools.answer_words.synthesis import SEED, Clip, spoken
from tools.answer_words.wordings import CLASSES, left_out
from voice.answer_words.segment import FRAMES, Window, window
from voice.answer_words.spectrum import BANDS, samples_of, spectrum

GROUP = 64
SNRS = (None, 20.0, 10.0, 5.0)
PIECES = 100  # the repeat that is not of the clips themselves, but of pieces of them
OTHER = CLASSES.index("other")


@dataclass(frozen=True)
class Example:
    """What is known of an example beside its sound."""

    split: str
    engine: str
    voice: str
    kind: str  # "word", "carried", "negation", …, "spliced", "cut", "music", …
    label: str
    sure: float
    said: str
    snr: float | None
    seconds: float = 0.0
    windowed: bool = True  # False: it never reaches the network (silence, too long)

    @property
    def target(self) -> np.ndarray:
        aim = np.zeros(len(CLASSES), np.float32)
        aim[CLASSES.index(self.label)] = self.sure
        aim[OTHER] += 1 - self.sure
        return aim


Sounding = tuple[Example, np.ndarray, Line]  # before the codec, at 8 kHz


def load(work: Path, clip: Clip) -> np.ndarray:
    with wave.open(str(work / "clips" / clip.path)) as file:
        return np.frombuffer(file.readframes(-1), "<i2").astype(np.float32) / 32768


def window_of(sound: bytes) -> tuple[np.ndarray | None, float]:
    """The network's input for a whole utterance, by the very code that a call uses; and the seconds of speech."""
    found = window(*spectrum(samples_of(sound)))
    return (found.features if isinstance(found, Window) else None), found.seconds


def varied(rng: Rng, sound: np.ndarray, throat: float) -> np.ndarray:
    """Said by somebody else with probability `throat`, at another size, sometimes with a cut edge; 8 kHz."""
    if len(sound) > 2000 and rng.random() < throat:
        sound = another_throat(rng, sound)
    if rng.random() < 0.6:
        sound = resized(rng, sound)
    if rng.random() < 0.12:  # the voice detector came late, or went early
        cut = int(rng.uniform(0.01, 0.045) * 16_000) + 640
        sound = sound[cut:] if rng.random() < 0.6 else sound[:-cut]
    return narrow(sound)


def _spliced(rng: Rng, work: Path, clips: list[Clip], split: str) -> tuple[Example, np.ndarray] | None:
    """Two replies in one breath: whatever they are, it is no bare word. Or one half of a long word."""
    one, two = (clips[n] for n in rng.choice(len(clips), 2, replace=False))
    if rng.random() < 0.25:
        if one.label not in ("dåligt", "ok", "upprepa") or one.kind != "word" or len(one.said.split()) > 1:
            return None
        sound = narrow(load(work, one))
        at = int(len(sound) * rng.uniform(0.35, 0.5))
        half = sound[:at] if rng.random() < 0.5 else sound[-at:]
        return Example(split, one.engine, one.voice, "cut", "other", 1.0, one.said, None), half
    if one.label == two.label != "other" or "upprepa" in (one.label, two.label):
        return None
    label, sure = "other", 1.0
    if one.kind == "filler" and two.kind == "word":  # "öh, bra"
        label, sure = two.label, 0.4
    parts = [varied(rng, load(work, clip), 0.15) * rng.uniform(0.5, 1) for clip in (one, two)]
    gap = np.zeros(int(RATE * rng.choice([0.0, rng.uniform(0.0, 0.4)])))
    parts[0] = parts[0][: len(parts[0]) - int(rng.choice([0, 250]))]  # words run into each other
    said = f"{one.said} + {two.said}"
    return Example(split, one.engine, one.voice, "spliced", label, sure, said, None), np.concatenate(
        [parts[0], gap, parts[1]]
    )


def _on_any_line(rng: Rng, made: list[tuple[Example, np.ndarray]], voices: list[np.ndarray]) -> list[Sounding]:
    sounding = []
    for known, sound in made:
        line = any_line(rng)
        whole = through(rng, line, silence_around(rng, sound), voices)
        sounding.append((replace(known, snr=line.snr), lossy(rng, whole, line.loss), line))
    return sounding


def _pieces(rng: Rng, work: Path, clips: list[Clip], split: str) -> list[tuple[Example, np.ndarray]]:
    """Pieces of running speech, and speech backwards: short, with a voice's sounds, and no word at all."""
    answers = {"bra", "okej", "ok", "dåligt", "ja", "nej", "upprepa", "ett", "två", "tre"}
    running = [clip for clip in clips if clip.kind in ("speech", "near") and not answers & set(clip.said.split())]
    made = []
    for _ in range(len(clips) // 2 if running else 0):
        clip = running[rng.integers(len(running))]
        sound = varied(rng, load(work, clip), 0.2)
        length = int(RATE * rng.uniform(0.18, 0.7))
        start = int(rng.integers(max(1, len(sound) - length)))
        piece = sound[start : start + length] * np.hanning(len(sound[start : start + length])) ** 0.2
        made.append((Example(split, clip.engine, clip.voice, "piece", "other", 1.0, clip.said, None), piece))
    for _ in range(len(clips) // 6):
        clip = clips[rng.integers(len(clips))]
        sound = varied(rng, load(work, clip), 0.2)[::-1]
        made.append((Example(split, clip.engine, clip.voice, "backwards", "other", 1.0, clip.said, None), sound))
    splices = [_spliced(rng, work, clips, split) for _ in range(len(clips) // 6 if len(clips) > 1 else 0)]
    return made + [splice for splice in splices if splice]


def _varied_all(rng: Rng, work: Path, clips: list[Clip], voices: list[np.ndarray], split: str) -> list[Sounding]:
    """Each clip once on some line, splices of them, and sounds that are no speech."""
    made: list[tuple[Example, np.ndarray]] = []
    for clip in clips:
        known = Example(split, clip.engine, clip.voice, clip.kind, clip.label, clip.sure, clip.said, None)
        made.append((known, varied(rng, load(work, clip), 0.35)))
    splices = [_spliced(rng, work, clips, split) for _ in range(len(clips) // 3 if len(clips) > 1 else 0)]
    made += [splice for splice in splices if splice]
    for kind, make in NO_SPEECH.items():
        sound = make(rng, int(RATE * rng.uniform(0.2, 1.9)))
        made.append((Example(split, "noise", "", kind, "other", 1.0, "", None), sound * 0.1))
    sounding = _on_any_line(rng, made, voices)
    for _ in range(2):
        known = Example(split, "noise", "", "background", "other", 1.0, "", 0.0)
        line = replace(any_line(rng), snr=-40.0)
        sounding.append(
            (known, through(rng, line, rng.standard_normal(int(RATE * rng.uniform(0.8, 2.5))), voices), line)
        )
    return sounding


def _phone_quality(rng: Rng, work: Path, clips: list[Clip], voices: list[np.ndarray]) -> list[Sounding]:
    """Each clip as it is, at phone quality, clean and at each SNR."""
    sounding = []
    for clip in clips:
        sound = silence_around(rng, narrow(load(work, clip)))
        for snr in SNRS:
            line = replace(JUDGED, snr=snr)
            known = Example(clip.split, clip.engine, clip.voice, clip.kind, clip.label, clip.sure, clip.said, snr)
            sounding.append((known, through(rng, line, sound, voices), line))
    return sounding


def _windows(sounding: list[Sounding]) -> tuple[list[Example], np.ndarray]:
    sounds = coded([sound for _, sound, _ in sounding], [line.codec for _, _, line in sounding])
    examples, features = [], []
    for (known, _, _), sound in zip(sounding, sounds, strict=True):
        found, seconds = window_of(sound)
        examples.append(replace(known, seconds=seconds, windowed=found is not None))
        features.append(np.zeros((FRAMES, BANDS), np.float32) if found is None else found)
    return examples, np.array(features, np.float32).reshape(-1, FRAMES, BANDS)


def make_group(work: Path, name: str, clips: list[Clip], repeat: int) -> tuple[list[Example], np.ndarray]:
    rng = np.random.default_rng([SEED, sum(name.encode()), int(name.split("-")[-1]), repeat])
    clips = [clip for clip in clips if clip.said not in left_out()]
    train = [clip for clip in clips if clip.split == "train"]
    voices = [narrow(load(work, clip)) for clip in train if clip.kind == "speech"]
    tuning = [clip for clip in clips if clip.split == "calibrate"]
    if repeat == PIECES:
        return _windows(
            [
                *_on_any_line(rng, _pieces(rng, work, train, "train"), voices),
                *_on_any_line(rng, _pieces(rng, work, tuning, "calibrate"), voices),
            ]
        )
    sounding = _varied_all(rng, work, train, voices, "train")
    if tuning:
        sounding += _varied_all(rng, work, tuning, voices, "calibrate")
    if repeat == 0:
        sounding += _phone_quality(rng, work, [clip for clip in clips if clip.split != "train"], voices)
    return _windows(sounding)


def make_examples(work: Path, repeats: dict[str, int]) -> None:
    """Every whole group of clips, `repeats[stream]` times over, into work/examples; and of some its pieces."""
    folder = work / "examples"
    folder.mkdir(exist_ok=True)
    todo = []
    for (stream, number), members in groupby(
        spoken(work), lambda clip: (clip.path.split("/")[0], int(Path(clip.path).stem) // GROUP)
    ):
        clips = list(members)
        if len(clips) == GROUP:
            again = [*range(repeats[stream]), *([PIECES] if stream == "kokoro" else [])]
            todo += [(f"{stream}-{number}", clips, repeat) for repeat in again]
    for name, clips, repeat in tqdm(todo, desc="examples", mininterval=5):
        path = folder / f"{name}-{repeat}.npz"
        if path.exists():
            continue
        examples, features = make_group(work, name, clips, repeat)
        rows = json.dumps([vars(example) for example in examples], ensure_ascii=False)
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            np.savez(file, rows=np.array(rows), features=features.astype(np.float16))
        part.rename(path)


def examples_of(work: Path, lower: Callable[[np.ndarray], np.ndarray]) -> tuple[list[Example], np.ndarray]:
    """All examples made so far, and what `lower` makes of their features, which is kept beside them."""
    examples: list[Example] = []
    arrays = []
    for path in tqdm(sorted((work / "examples").glob("*.npz")), desc="embedding", mininterval=5):
        with np.load(path) as file:
            rows = [Example(**row) for row in json.loads(str(file["rows"]))]
            kept = path.with_suffix(".npy")
            if not kept.exists():
                np.save(kept, lower(file["features"]))
        used = [n for n, example in enumerate(rows) if example.said not in left_out()]
        examples += [rows[n] for n in used]
        arrays.append(np.load(kept)[used])
    return examples, np.concatenate(arrays)
