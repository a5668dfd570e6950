"""The network and its thresholds, loaded once and shared by every call of the process."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime

from voice.answer_words.spectrum import Floats
from voice.recognition import Trust

OTHER = "other"  #: the class of everything that is no answer word


@dataclass(frozen=True)
class Thresholds:
    """From which probability on a word is accepted, and from which on it is offered for confirmation."""

    accept: Mapping[str, float]
    confirm: Mapping[str, float]

    def trust(self, word: str, chance: float) -> Trust:
        if chance >= self.accept[word]:
            return Trust.ACCEPT
        return Trust.CONFIRM if chance >= self.confirm[word] else Trust.ASK_AGAIN


class Model:
    """Safe to use from several threads at once: the session is, and nothing else changes."""

    def __init__(self, folder: Path) -> None:
        settings = tomllib.loads((folder / "model.toml").read_text(encoding="utf-8"))
        self.version: str = settings["version"]
        self.classes: tuple[str, ...] = tuple(settings["classes"])
        self.thresholds = Thresholds(settings["accept"], settings["confirm"])
        self._temperature: float = settings["temperature"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # a few ms on one core; calls share the others
        options.log_severity_level = 3
        path = str(folder / "answer_words.onnx")
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def probabilities(self, features: Floats) -> dict[str, float]:
        """Calibrated probability of every class, summing to 1, of a `segment.Window`'s features."""
        logits = self._session.run(None, {"features": features[None]})[0][0].astype(np.float64) / self._temperature
        chances = np.exp(logits - logits.max())
        return dict(zip(self.classes, (chances / chances.sum()).tolist(), strict=True))


@cache
def shipped_model() -> Model:
    """The model beside this file."""
    return Model(Path(__file__).parent)
