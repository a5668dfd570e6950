"""The clips that the tests use: judging voices at phone quality and 20 dB, the first few of every sort."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from tools.answer_words.augmentation import JUDGED, narrow, through
from tools.answer_words.codecs import coded
from tools.answer_words.examples import load
from tools.answer_words.synthesis import SEED, Clip, spoken
from tools.answer_words.wordings import left_out

WANTED = {"word": 1, "negation": 3, "mixed": 2, "near": 3, "speech": 1}  # of a word: so many of each


def ship_clips(work: Path, folder: Path) -> None:
    """Writes bra-1.wav … and negation-not-1.wav … (8 kHz 16-bit), from at most one voice each."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: dict[str, list[Clip]] = {}
    for clip in spoken(work):
        sort = clip.label if clip.kind == "word" else clip.kind
        mine = taken.setdefault(sort, [])
        fits = clip.engine == "kokoro" and clip.split == "judge" and clip.said not in left_out()
        if fits and len(mine) < WANTED.get(clip.kind, 0) and clip.voice not in {each.voice for each in mine}:
            mine.append(clip)
    rng = np.random.default_rng(SEED)
    for sort, clips in sorted(taken.items()):
        for number, clip in enumerate(clips, 1):
            sound = np.concatenate([np.zeros(800), narrow(load(work, clip)), np.zeros(1200)])
            sound = through(rng, JUDGED, sound, [])
            plain = sort.replace("å", "a")  # file systems differ in how they write it
            name = f"{plain}-{number}" if clip.kind == "word" else f"{plain}-not-{number}"
            with wave.open(str(folder / f"{name}.wav"), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(coded([sound], [JUDGED.codec])[0])
