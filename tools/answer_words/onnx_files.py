"""PyTorch modules into ONNX files."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn

from voice.answer_words.segment import FRAMES
from voice.answer_words.spectrum import BANDS


def write_onnx(model: nn.Module, path: Path, *, names: tuple[str, str], half: bool = False) -> None:
    """A model of (batch, FRAMES, BANDS) spectra, for any batch size. The weights go into the file itself.

    `half` keeps them in 16 bits, for half the size; they are made 32 again when the file is loaded.
    """
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
    if half:
        _halve(path)


def _halve(path: Path) -> None:
    graph = onnx.load(str(path))
    casts = []
    for tensor in graph.graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if weights.dtype == np.float32 and weights.size > 256:
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(weights.astype(np.float16), f"{name}/half"))
            casts.append(helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    onnx.save(graph, str(path))
