"""Every language says the same things, with the same blanks to fill in."""

import string
import unicodedata
from pathlib import Path

import pytest

from models.rating import Rating, Unclear
from omdome.texts import LOCALES, NOT_TEXTS, TextsError, languages, load_texts

FILES = sorted({file.name for file in LOCALES.glob("*/*.toml") if file.stem not in NOT_TEXTS})


def blanks(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("language", [language for language in languages() if language != "sv"])
@pytest.mark.parametrize("name", FILES)
def test_a_language_has_what_swedish_has(language: str, name: str) -> None:
    prefix = name.removesuffix(".toml")
    swedish, other = load_texts("sv").below(prefix), load_texts(language).below(prefix)
    assert set(other) == set(swedish)
    assert {key: blanks(text) for key, text in other.items()} == {key: blanks(text) for key, text in swedish.items()}


@pytest.mark.parametrize("language", languages())
def test_what_code_asks_for_by_name_is_there(language: str) -> None:
    texts = load_texts(language)
    for rating in Rating:
        assert texts.has(f"questions.ratings.{rating.name.lower()}")
        assert texts.has(f"chat.ratings.{rating.name.lower()}")
    assert all(texts.has(f"chat.reprompt.{unclear}") for unclear in Unclear)


def test_keys_start_with_the_file_and_numbers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "sv").mkdir()
    (tmp_path / "sv" / "chat.toml").write_text('thanks = "Tack!"\n[months]\n1 = "januari"\n', "utf-8")
    (tmp_path / "sv" / "lexicon.toml").write_text("anything = 1\n", "utf-8")
    assert load_texts("sv", tmp_path).table == {"chat.thanks": "Tack!", "chat.months.1": "januari"}
    (tmp_path / "sv" / "voice.toml").write_text("seconds = 5\n", "utf-8")
    with pytest.raises(TextsError, match=r"sv/voice\.toml: voice\.seconds is 5; write a text in quotes"):
        load_texts("sv", tmp_path)


def test_an_unknown_language_names_those_there_are() -> None:
    with pytest.raises(TextsError, match="no texts for 'xx'; there are: en, sv"):
        load_texts("xx")


@pytest.mark.parametrize("language", languages())
def test_letters_are_composed(language: str) -> None:
    """ "å" as one character: two look the same, compare differently, and draw badly in some fonts."""
    for key, text in load_texts(language).table.items():
        assert unicodedata.is_normalized("NFC", text), key
