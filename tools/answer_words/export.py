"""Writes what the application ships: one ONNX file (embedding and classifier) and model.toml."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from torch import nn

from tools.answer_words.calibration import Calibration
from tools.answer_words.embedding import SpeechEmbedding
from tools.answer_words.onnx_files import write_onnx
from tools.answer_words.wordings import CLASSES


class Whole(nn.Module):
    """(batch, FRAMES, BANDS) features → (batch, classes) logits."""

    def __init__(self, embedding: SpeechEmbedding, ensemble: nn.Module) -> None:
        super().__init__()
        self.embedding, self.ensemble = embedding, ensemble

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.ensemble(self.embedding.lower(features))


def export(
    folder: Path, whole: nn.Module, calibration: Calibration, version: str, notes: dict[str, str | int | float]
) -> None:
    """`answer_words.onnx` and `model.toml` into `folder`; `notes` are the seed and the measured figures."""
    onnx_path = folder / "answer_words.onnx"
    write_onnx(whole, onnx_path, names=("features", "logits"), half=True)
    digest = hashlib.sha256(onnx_path.read_bytes()).hexdigest()
    lines = [
        "# Written by `python -m tools.answer_words build`; docs/answer-words.md has the whole account.",
        f'version = "{version}"',
        f'sha256 = "{digest}"',
        f"classes = {list(CLASSES)}".replace("'", '"'),
        f"temperature = {calibration.temperature:.4f}",
        "",
        "# a word is acted on from `accept` on, offered for confirmation from `confirm` on, below it asked again",
        "[accept]",
        *(f'"{word}" = {chance}' for word, chance in calibration.accept.items()),
        "",
        "[confirm]",
        *(f'"{word}" = {chance}' for word, chance in calibration.confirm.items()),
        "",
        "[made]",
        *(f"{name} = {value!r}".replace("'", '"') for name, value in notes.items()),
    ]
    (folder / "model.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
