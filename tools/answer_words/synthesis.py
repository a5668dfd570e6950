"""Speaks the wordings with every synthetic voice into a folder of clips; stops and goes on where it was.

Clip number n of a stream is a pure function of (seed, stream, n), whatever was spoken before, so that a shorter run is
a prefix of a longer one and two processes can share the work. Three streams are Kokoro's: "kokoro" says everything,
"words" only what is short: the answer words, the hardest most often, and what is nearest to them; "nonsense" says words
that don't exist.
"""

from __future__ import annotations

import io
import json
import subprocess
import wave
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly
from tqdm import tqdm

from tools.answer_words.syllables import nonsense
from tools.answer_words.voices import CALIBRATORS, JUDGES, RATE, UVULAR, Joe, Kokoro, trimmed
from tools.answer_words.wordings import Wording, all_wordings, left_out, swedish_ipa

SEED = 20261121
ENDINGS = ("", ".", ".", "!", "?", " .")  # Kokoro's melody follows the mark


@dataclass(frozen=True)
class Clip:
    """One spoken clip; `path` is relative to the clip folder, 16 kHz 16-bit mono."""

    path: str
    engine: str
    voice: str
    split: str  # "train", "calibrate" or "judge"
    label: str
    sure: float
    kind: str
    said: str


def _wording(rng: np.random.Generator, *, words: bool = False) -> tuple[Wording, str, str]:
    wordings = all_wordings()
    shares = np.array([wording.share_of_words if words else wording.share for wording in wordings])
    wording = wordings[rng.choice(len(wordings), p=shares / shares.sum())]
    if wording.ipa:
        said = ipa = str(rng.choice(wording.ipa))
    else:
        said = str(rng.choice(wording.text))
        ipa = swedish_ipa(said)
    return wording, said, ipa


def _voice(rng: np.random.Generator, names: list[str], ipa: str) -> tuple[str, dict[str, float]]:
    """Which split, and which voice or blend of two training voices."""
    split = str(rng.choice(["train", "calibrate", "judge"], p=[0.78, 0.1, 0.12]))
    if "ʁ" in ipa:  # only the training voices know one who can say it
        other = str(rng.choice([name for name in names if name not in JUDGES + CALIBRATORS + UVULAR]))
        part = float(rng.uniform(0.0, 0.4))
        return "train", {UVULAR[0]: 1 - part, other: part}
    if split != "train":
        return split, {str(rng.choice(JUDGES if split == "judge" else CALIBRATORS)): 1.0}
    one, two = rng.choice([name for name in names if name not in JUDGES + CALIBRATORS], 2, replace=False)
    part = float(rng.uniform(0.2, 0.8)) if rng.random() < 0.6 else 1.0
    return split, {str(one): part} if part == 1.0 else {str(one): part, str(two): 1 - part}


def _kokoro(work: Path) -> Callable[[np.random.Generator], tuple[Clip, np.ndarray]]:
    engine = Kokoro(work)

    def speak(rng: np.random.Generator) -> tuple[Clip, np.ndarray]:
        wording, said, ipa = _wording(rng)
        split, blend = _voice(rng, engine.names, ipa)
        # the quicker paces shorten Kokoro's slow way with single words
        speed = float(rng.uniform(0.75, 1.45))
        sound = engine.speak(ipa + str(rng.choice(ENDINGS)), blend, speed)
        voice = "+".join(sorted(blend))
        return Clip("", "kokoro", voice, split, wording.label, wording.sure, wording.kind, said), sound

    return speak


def _short(work: Path, nonsensical: bool) -> Callable[[np.random.Generator], tuple[Clip, np.ndarray]]:
    """Answer words and what is nearest to them; or words that don't exist, which don't judge."""
    engine = Kokoro(work)
    training = [name for name in engine.names if name not in JUDGES + CALIBRATORS + UVULAR]
    parts = [0.88, 0.12, 0.0] if nonsensical else [0.62, 0.16, 0.22]

    def speak(rng: np.random.Generator) -> tuple[Clip, np.ndarray]:
        if nonsensical:
            said = ipa = nonsense(rng)
            label, sure, kind = "other", 1.0, "nonsense"
        else:
            wording, said, ipa = _wording(rng, words=True)
            while said in left_out():
                wording, said, ipa = _wording(rng, words=True)
            label, sure, kind = wording.label, wording.sure, wording.kind
        split = str(rng.choice(["train", "calibrate", "judge"], p=parts))
        if split == "train":
            names = rng.choice(training, int(rng.integers(1, 4)), replace=False)
            blend = dict(zip(map(str, names), map(float, rng.dirichlet([1.0] * len(names))), strict=True))
        else:
            blend = {str(rng.choice(JUDGES if split == "judge" else CALIBRATORS)): 1.0}
        speed = float(rng.uniform(0.8, 1.6))
        sound = engine.speak(ipa.replace("ʁ", "r") + str(rng.choice(ENDINGS)), blend, speed)
        return Clip("", "kokoro", "+".join(sorted(blend)), split, label, sure, kind, said), sound

    return speak


def _words(work: Path) -> Callable[[np.random.Generator], tuple[Clip, np.ndarray]]:
    return _short(work, nonsensical=False)


def _nonsense(work: Path) -> Callable[[np.random.Generator], tuple[Clip, np.ndarray]]:
    return _short(work, nonsensical=True)


def _joe(work: Path) -> Callable[[np.random.Generator], tuple[Clip, np.ndarray]]:
    engine = Joe()

    def speak(rng: np.random.Generator) -> tuple[Clip, np.ndarray]:
        wording, said, ipa = _wording(rng)
        sound = engine.speak(ipa, float(rng.uniform(0.8, 1.5)), float(rng.uniform(0.3, 0.8)))
        return Clip("", "joe", "joe", "judge", wording.label, wording.sure, wording.kind, said), sound

    return speak


def _espeak(work: Path) -> Callable[[np.random.Generator], tuple[Clip, np.ndarray]]:
    variants = ["", *(f"+f{n}" for n in range(1, 6)), *(f"+m{n}" for n in range(1, 9)), "+klatt", "+klatt4", "+whisper"]

    def speak(rng: np.random.Generator) -> tuple[Clip, np.ndarray]:
        wording, said, _ = _wording(rng)
        text = said if wording.text else {"ok": "okej"}.get(wording.label, wording.label)
        kind = wording.kind
        if wording.ipa and wording.label == "other":  # espeak-ng reads spelling, so it takes another wording
            return speak(rng)
        variant = str(rng.choice(variants))
        options = ["-s", str(rng.integers(110, 200)), "-p", str(rng.integers(15, 85))]
        wav = subprocess.run(
            ["espeak-ng", "-v", f"sv{variant}", *options, "--stdout", text], capture_output=True, check=True
        ).stdout
        with wave.open(io.BytesIO(wav)) as file:
            sound = np.frombuffer(file.readframes(-1)[: 2 * (len(wav) // 2)], np.int16) / 32768
        split = str(rng.choice(["train", "judge"], p=[0.85, 0.15]))
        clip = Clip("", "espeak", f"sv{variant}", split, wording.label, wording.sure, kind, text)
        return clip, trimmed(resample_poly(sound, 320, 441))

    return speak


STREAMS = {"kokoro": _kokoro, "words": _words, "nonsense": _nonsense, "joe": _joe, "espeak": _espeak}


def speak_all(work: Path, stream: str, clips: int, *, part: int = 0, parts: int = 1) -> None:
    """Clips 0…clips-1 of a stream into work/clips, skipping what is there; this process takes every `parts`-th."""
    folder = work / "clips" / stream
    folder.mkdir(parents=True, exist_ok=True)
    speak = STREAMS[stream](work)
    for number in tqdm(range(part, clips, parts), desc=f"{stream} {part + 1}/{parts}", mininterval=5):
        path = folder / f"{number:06d}.wav"
        if path.with_suffix(".json").exists():
            continue
        rng = np.random.default_rng([SEED, sum(stream.encode()), number])
        clip, sound = speak(rng)
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes((sound * 32767).astype("<i2").tobytes())
        row = asdict(clip) | {"path": f"{stream}/{path.name}"}
        path.with_suffix(".json").write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")


def spoken(work: Path) -> Iterator[Clip]:
    """Every clip there is, in a fixed order."""
    for path in sorted((work / "clips").glob("*/*.json")):
        yield Clip(**json.loads(path.read_text(encoding="utf-8")))
