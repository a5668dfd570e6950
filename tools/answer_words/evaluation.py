"""How well it hears: what became of each example, counted by SNR, word, kind and voice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from tools.answer_words.calibration import Calibration, probabilities
from tools.answer_words.examples import OTHER, Example
from tools.answer_words.wordings import CLASSES

OUTCOMES = ("accepted", "confirmed", "asked again", "offered wrong", "accepted wrong")


@dataclass(frozen=True)
class Verdict:
    example: Example
    heard: str  # a class; "other" where nothing is offered
    trust: str  # "accept", "confirm" or "ask_again"
    chance: float

    @property
    def outcome(self) -> str:
        if self.trust == "ask_again":
            return "asked again"
        right = self.heard == self.example.label
        if self.trust == "accept":
            return "accepted" if right else "accepted wrong"
        return "confirmed" if right else "offered wrong"


def verdicts(examples: list[Example], logits: np.ndarray, calibration: Calibration) -> list[Verdict]:
    """As the engine decides, but with every word allowed at once: stricter than any call, which expects only some."""
    chances = probabilities(logits, calibration.temperature)
    found = []
    for example, row in zip(examples, chances, strict=True):
        best = int(row[:OTHER].argmax())
        word, chance = CLASSES[best], float(row[best])
        if not example.windowed or chance < calibration.confirm[word]:
            found.append(Verdict(example, "other", "ask_again", float(row[OTHER])))
        else:
            found.append(Verdict(example, word, "accept" if chance >= calibration.accept[word] else "confirm", chance))
    return found


def shares(found: Iterable[Verdict]) -> dict[str, float]:
    """The share of each outcome, and "n"."""
    outcomes = [verdict.outcome for verdict in found]
    return {"n": len(outcomes)} | {name: outcomes.count(name) / max(1, len(outcomes)) for name in OUTCOMES}


def by(found: Iterable[Verdict], key: Callable[[Example], object]) -> dict[str, list[Verdict]]:
    groups: dict[str, list[Verdict]] = {}
    for verdict in found:
        groups.setdefault(str(key(verdict.example)), []).append(verdict)
    return dict(sorted(groups.items()))


def table(groups: dict[str, list[Verdict]], title: str) -> str:
    """Markdown: a row for each group, its size and the shares of the outcomes in per cent."""
    lines = [f"| {title} | n | " + " | ".join(OUTCOMES) + " |", "|---|--:|" + "--:|" * len(OUTCOMES)]
    for name, members in groups.items():
        figures = shares(members)
        lines.append(f"| {name} | {figures['n']} | " + " | ".join(f"{100 * figures[o]:.1f} %" for o in OUTCOMES) + " |")
    return "\n".join(lines)


def confusion(found: list[Verdict]) -> str:
    """Markdown: what was said (rows) against what was heard and accepted or offered (columns); "other": asked again."""
    lines = ["| said \\ heard | " + " | ".join(CLASSES) + " |", "|---|" + "--:|" * len(CLASSES)]
    for said in CLASSES:
        row = [verdict.heard for verdict in found if verdict.example.label == said and verdict.example.sure in (1.0,)]
        lines.append(
            f"| {said} | " + " | ".join(str(row.count(heard)) if heard in row else "" for heard in CLASSES) + " |"
        )
    return "\n".join(lines)
