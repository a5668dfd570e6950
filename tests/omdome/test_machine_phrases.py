"""What only machines say, held against what people and machines say when they answer."""

import tomllib
from pathlib import Path

import pytest

from omdome.vocabularies import load_machine_phrases

GREETINGS = tomllib.loads((Path(__file__).parents[2] / "bench" / "greetings.toml").read_text("utf-8"))
PHRASES = load_machine_phrases("sv") | load_machine_phrases("en")


def phrases_in(text: str) -> list[str]:
    words = " ".join(text.replace("/", " ").lower().split())
    return [phrase for phrase in PHRASES if phrase in words]


@pytest.mark.parametrize("kind", GREETINGS["person"])
def test_no_person_says_them(kind: str) -> None:
    assert not [text for text in GREETINGS["person"][kind] if phrases_in(text)]


@pytest.mark.parametrize("kind", ["operator", "operator_english", "announcement"])
def test_nearly_every_operators_machine_does(kind: str) -> None:
    texts = GREETINGS["machine"][kind]
    assert sum(bool(phrases_in(text)) for text in texts) >= len(texts) - 1
