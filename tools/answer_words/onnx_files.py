"""PyTorch modules into ONNX files."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from torch import nn

from voice.answer_words.segment import FRAMES
from voice.answer_words.spectrum import BANDS


def write_onnx(model: nn.Module, path: Path, *, names: tuple[str, str]) -> None:
    """A model of (batch, FRAMES, BANDS) spectra, for any batch size. The weights go into the file itself."""
    batch = torch.export.Dim("batch", min=1, max=4096)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(),
            (torch.zeros(2, FRAMES, BANDS),),
            str(path),
            input_names=[names[0]],
            output_names=[names[1]],
            dynamic_shapes=({0: batch},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
