"""Speaks `bench/greetings.toml` with synthetic voices, for `bench.answering_machines` to hear: dry, at 8 kHz.

    python -m tools.greetings FOLDER WORK       # WORK: tools.answer_words' folder, with Kokoro and its voices

Needs what tools/answer_words needs. Each text is said several times: by Kokoro (Swedish by espeak-ng's phonemes), by
Piper's Joe, by espeak-ng. Texts and voices are split into halves that share neither: one to tune by, one to judge by.
A recording is a pure function of its name, so what is there already isn't made again.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import wave
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from tools.answer_words.voices import RATE, Joe, Kokoro, trimmed
from tools.answer_words.wordings import swedish_ipa

TEXTS = Path(__file__).parent.parent / "bench" / "greetings.toml"
TAKES = ("espeak", "kokoro", "joe", "kokoro2", "espeak2", "kokoro3")
PAUSES = {"/": (0.15, 0.5), "//": (0.45, 1.0), "///": (1.3, 2.4)}  #: seconds, drawn for each anew
PACE = {"person": (0.9, 1.3), "machine": (0.85, 1.2)}
ENGLISH = re.compile(
    r"\b(hello\?|hi|yes hello|the person|please|your call|the subscriber|who is|the number|speaking|yeah)\b"
)
#: where espeak-ng's Swedish is wrong enough to matter
SAID = {
    "hallå": "halˈoː", "hallå?": "halˈoː", "berit": "bˈeːrɪt", "faktura": "faktˈʉːra", "skicka": "ʃˈɪka", "mm": "m",
    "många": "mˈɔŋa", "radion": "rˈɑːdjɔn", "restaurang": "restorˈaŋ", "jag": "jɑː", "det": "deː", "är": "ɛː",
    "och": "ɔ",
}  # fmt: skip


@dataclass(frozen=True)
class Recording:
    """One greeting; `parts` are (start, end in seconds, words)."""

    file: str
    group: str  # "person" or "machine"
    kind: str
    half: str  # "tune" or "judge"
    engine: str
    voice: str
    text: str
    parts: tuple[tuple[float, float, str], ...]


def main() -> None:
    folder, work = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    speakers = Speakers(work)
    texts = [
        (group, kind, number, text)
        for group, kinds in tomllib.loads(TEXTS.read_text("utf-8")).items()
        for kind, said in kinds.items()
        for number, text in enumerate(said)
    ]
    recordings = []
    for take in TAKES:
        for group, kind, number, text in texts:
            recordings.append(_recorded(folder, speakers, take, group, kind, number, text))
        lines = [json.dumps(asdict(recording), ensure_ascii=False) for recording in recordings]
        (folder / "manifest.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        print(take, len(recordings), flush=True)


class Speakers:
    """All engines; each half has its own voices."""

    def __init__(self, work: Path) -> None:
        self._kokoro, self._joe = Kokoro(work), Joe()

    def voice(self, rng: np.random.Generator, engine: str, half: str, *, english: bool) -> str:
        if engine == "joe":
            return "joe"
        if engine == "espeak":
            variants = ("m1", "f1", "m3", "f3", "m5") if half == "tune" else ("m2", "f2", "m4", "f4", "m7")
            return f"{'en' if english else 'sv'}+{rng.choice(variants)}"
        return str(rng.choice(self._kokoro.names[half == "judge" :: 2]))

    def speak(self, engine: str, voice: str, words: str, pace: float) -> np.ndarray:
        """`words` at 16 kHz, without silence around them."""
        if engine == "espeak":
            return _espeak(words, voice, pace)
        ipa = _english(words) if ENGLISH.search(words) else " ".join(_swedish(word) for word in words.split())
        if engine == "joe":
            return self._joe.speak(ipa, 1 / pace, 0.667)
        return self._kokoro.speak(ipa + ".", {voice: 1.0}, pace)


def _recorded(folder: Path, speakers: Speakers, take: str, group: str, kind: str, number: int, text: str) -> Recording:
    engine, half = take.rstrip("23"), ("tune", "judge")[number % 2]
    file = f"{group}-{kind}-{number:02}-{take}.wav"
    rng = np.random.default_rng(zlib.crc32(file.encode()))
    voice = speakers.voice(rng, engine, half, english="english" in kind or bool(ENGLISH.search(text)))
    sidecar = folder / file.replace(".wav", ".json")
    if not sidecar.exists():
        pace = float(rng.uniform(*PACE[group]))
        sound, parts = _said(rng, speakers, engine, voice, text, pace, two=kind == "two", child=kind == "child")
        _write(folder / file, sound)
        sidecar.write_text(json.dumps(parts, ensure_ascii=False), "utf-8")
    parts = tuple((start, end, words) for start, end, words in json.loads(sidecar.read_text("utf-8")))
    return Recording(file, group, kind, half, engine, voice, text, parts)


def _said(
    rng: np.random.Generator,
    speakers: Speakers,
    engine: str,
    voice: str,
    text: str,
    pace: float,
    *,
    two: bool,
    child: bool,
) -> tuple[np.ndarray, list[tuple[float, float, str]]]:
    pieces: list[np.ndarray] = []
    parts: list[tuple[float, float, str]] = []
    at, turn = 0.0, 0
    for piece in re.split(r"\s*(/+)\s*", text):
        if piece in PAUSES:
            sound = np.zeros(int(rng.uniform(*PAUSES[piece]) * RATE), np.float32)
            turn += 1
        elif piece:
            sound = speakers.speak(engine, voice, piece, pace)
            if child or (two and turn % 2):
                sound = resample_poly(sound, 4, 5).astype(np.float32) * (0.35 if two else 1.0)
            parts.append((round(at, 2), round(at + len(sound) / RATE, 2), piece))
        else:
            continue
        pieces.append(sound)
        at += len(sound) / RATE
    return (np.concatenate(pieces) if pieces else np.zeros(0, np.float32)), parts


def _swedish(word: str) -> str:
    return SAID.get(word.lower()) or swedish_ipa(word)


def _english(words: str) -> str:
    import subprocess

    spoken = subprocess.run(["espeak-ng", "-v", "en", "-q", "--ipa", words], capture_output=True, text=True, check=True)
    return spoken.stdout.strip()


def _espeak(words: str, voice: str, pace: float) -> np.ndarray:
    import io
    import subprocess

    command = ["espeak-ng", "-v", voice, "-s", str(round(150 * pace)), "--stdout", words]
    with wave.open(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout)) as file:
        sound = np.frombuffer(file.readframes(1 << 30), "<i2") / np.float32(32768)
        return trimmed(resample_poly(sound, RATE, file.getframerate()))


def _write(path: Path, sound: np.ndarray) -> None:
    narrow = resample_poly(sound, 1, 2) if len(sound) else sound
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE // 2)
        file.writeframes((np.clip(narrow, -1, 1) * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
