"""The pronunciations behind the shipped prompts: every word has one, in sounds that the voice knows."""

import pytest

from omdome.texts import load_texts
from tools.prompts.pronunciation import HERE, SWEDISH_SOUNDS, UnknownWordError, swedish

#: Kokoro-82M's symbols, as far as Swedish needs them.
KNOWN = set(" ,.:;!?abdefhijklmnoprstuvyæøŋœɑɔɕɛɡɨɪʂʃʊˈˌː")


def test_every_swedish_word_that_is_said_has_a_pronunciation() -> None:
    for text in load_texts("sv").below("voice").values():
        assert set(swedish(text.replace("{organisation}", "kommunen"))) <= KNOWN, text


def test_an_unknown_word_is_named_with_the_file_to_write_it_in() -> None:
    with pytest.raises(UnknownWordError, match=r"pronunciation_sv\.tsv: räksmörgås"):
        swedish("Hej! Räksmörgås?")


def test_a_few_phrases_are_said_otherwise_than_word_by_word() -> None:
    assert swedish("bra, okej eller dåligt").count(",") == 2  # a breath, so that okej stands alone
    assert swedish("okej, eller dåligt").count(",") == 1


def test_the_lexicon_has_each_word_once() -> None:
    words = [line.split("\t")[0] for line in (HERE / "pronunciation_sv.tsv").read_text("utf-8").splitlines()]
    assert len(words) == len(set(words))


def test_sounds_are_replaced_by_sounds_that_need_no_replacing() -> None:
    assert not set("".join(SWEDISH_SOUNDS.values())) & set(SWEDISH_SOUNDS)
