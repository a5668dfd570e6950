"""From logits to probabilities that mean what they say, and to the thresholds of accept, confirm and ask again.

Both are chosen on the calibration voices, which the network was never trained on, over every line and SNR. A word is
accepted only above a threshold at which, there, next to nothing else was taken for it; the thresholds never see the
judging voices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.answer_words.examples import OTHER, Example
from tools.answer_words.wordings import CLASSES

WRONG_SHARE = 0.001  # of what isn't the word, accepted as it: half of the stricter requirement
LEAST_ACCEPT = 0.80
MARGIN = 0.3  # of the way from the threshold to 1, for voices that nobody has heard
LEAST_CONFIRM = 0.35
CONFIRM_RIGHT = 0.7  # of the words offered for confirmation, at least so many were said


@dataclass(frozen=True)
class Calibration:
    temperature: float
    accept: dict[str, float]
    confirm: dict[str, float]


def probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    scaled = logits / temperature
    scaled = np.exp(scaled - scaled.max(1, keepdims=True))
    return scaled / scaled.sum(1, keepdims=True)


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The one that makes the targets most probable, of 0.2 to 3."""
    grid = np.geomspace(0.2, 3, 60)
    losses = [-(np.log(probabilities(logits, t) + 1e-9) * targets).sum(1).mean() for t in grid]
    return float(grid[int(np.argmin(losses))])


def calibrate(examples: list[Example], logits: np.ndarray) -> Calibration:
    """`logits` has a row for each example; those of split "calibrate" are used."""
    mine = np.array([example.split == "calibrate" and example.windowed for example in examples])
    chosen = [example for example, use in zip(examples, mine, strict=True) if use]
    targets = np.array([example.target for example in chosen])
    temperature = fit_temperature(logits[mine], targets)
    chances = probabilities(logits[mine], temperature)
    accept, confirm = {}, {}
    for number, word in enumerate(CLASSES):
        if number == OTHER:
            continue
        said = targets[:, number] > 0  # "ganska bra" taken for bra is no wrong answer
        wrong = np.sort(chances[~said, number])
        least = max(LEAST_ACCEPT, float(wrong[-1 - int(WRONG_SHARE * len(wrong))]))
        accept[word] = round(least + MARGIN * (1 - least), 3)
        confirm[word] = accept[word]
        for threshold in np.arange(LEAST_CONFIRM, accept[word], 0.01):
            offered = chances[:, number] >= threshold
            if offered.any() and said[offered].mean() >= CONFIRM_RIGHT:
                confirm[word] = round(float(threshold), 3)
                break
    return Calibration(temperature, accept, confirm)
