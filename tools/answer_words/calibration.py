"""From logits to probabilities that mean what they say, and to the thresholds of accept, confirm and ask again.

Both are chosen on the calibration voices, which the network was never trained on, over every line and SNR. A word is
accepted only above a threshold at which, there, next to nothing else was taken for it. It is offered from where nearly
all who said it over good lines are offered it: an offer costs a moment, and the caller decides. The judging voices have
no say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.answer_words.examples import OTHER, Example
from tools.answer_words.wordings import CLASSES

WRONG_SHARE = 0.001  # of what isn't the word, accepted as it
WRONG_SHARE_YES_NO = 0.002  # a yes or no rates nothing by itself: the rating that it confirms was offered before
YES_NO = ("ja", "nej")
LEAST_ACCEPT = 0.9
LEAST_ACCEPT_DIGIT = 0.993  # short, like much else, and there are keys for them: nearly always confirmed
DIGITS = ("ett", "två", "tre")
MARGIN = 0.25  # of the way from the threshold to 1, for voices that nobody has heard
HEARD_SHARE = 0.98  # of the words said over good lines: accepted or offered for confirmation
LEAST_CONFIRM, MOST_CONFIRM = 0.12, 0.35


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


def on_good_line(example: Example) -> bool:
    return example.snr is None or example.snr >= 20


def calibrate(examples: list[Example], logits: np.ndarray) -> Calibration:
    """`examples` of split "calibrate", and a row of `logits` for each."""
    mine = np.array([example.windowed for example in examples])
    chosen = [example for example, use in zip(examples, mine, strict=True) if use]
    targets = np.array([example.target for example in chosen])
    temperature = fit_temperature(logits[mine], targets)
    chances = probabilities(logits[mine], temperature)
    accept, confirm = {}, {}
    for number, word in enumerate(CLASSES):
        if number == OTHER:
            continue
        said = targets[:, number] > 0  # "ganska bra" taken for bra is no wrong answer
        accept[word] = round(_accept(word, chances[~said, number]), 3)
        alone = [example.label == word and example.kind == "word" and on_good_line(example) for example in chosen]
        confirm[word] = round(_confirm(chances[np.array(alone), number]), 3)
    return Calibration(temperature, accept, confirm)


def _accept(word: str, wrong: np.ndarray) -> float:
    """`wrong` are the chances that the word got where it wasn't said."""
    share = WRONG_SHARE_YES_NO if word in YES_NO else WRONG_SHARE
    reached = float(np.sort(wrong)[-1 - int(share * len(wrong))])
    least = max(LEAST_ACCEPT_DIGIT if word in DIGITS else LEAST_ACCEPT, reached)
    return least + MARGIN * (1 - least)


def _confirm(chances: np.ndarray) -> float:
    """`chances` are those that the word got where it was said, over good lines."""
    return float(np.clip(np.quantile(chances, 1 - HEARD_SHARE), LEAST_CONFIRM, MOST_CONFIRM))
