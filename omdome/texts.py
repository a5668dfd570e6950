"""Loads a language's texts from `locales/<language>/*.toml`."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from models.texts import Texts

LOCALES = Path(__file__).parent.parent / "locales"
NOT_TEXTS = frozenset({"lexicon", "hearing"})  # words to understand, not to say


class TextsError(ValueError):
    """A file of texts that can't be used. The message says which, where, and what would be right."""


def languages(locales: Path = LOCALES) -> list[str]:
    """The languages that have texts."""
    return sorted(folder.name for folder in locales.iterdir() if any(folder.glob("*.toml")))


def load_texts(language: str, locales: Path = LOCALES) -> Texts:
    """All texts of a language, the file's name first in each key: `chat.thanks`, `questions.leverans.ask`."""
    files = sorted(file for file in (locales / language).glob("*.toml") if file.stem not in NOT_TEXTS)
    if not files:
        raise TextsError(f"no texts for {language!r}; there are: {', '.join(languages(locales))}")
    table: dict[str, str] = {}
    for file in files:
        try:
            table.update(_flattened(tomllib.loads(file.read_text("utf-8")), file.stem))
        except ValueError as error:
            raise TextsError(f"{language}/{file.name}: {error}") from error
    return Texts(language, table)


def _flattened(branch: Mapping[str, object], path: str) -> Iterator[tuple[str, str]]:
    for key, value in branch.items():
        here = f"{path}.{key}"
        if isinstance(value, Mapping):
            yield from _flattened(value, here)
        elif isinstance(value, str):
            yield here, value
        else:
            raise TextsError(f'{here} is {value!r}; write a text in quotes, "…"')
