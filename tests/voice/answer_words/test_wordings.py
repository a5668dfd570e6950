"""What the synthetic speakers are made to say, and that the shipped model knows the same classes."""

from tools.answer_words.wordings import CLASSES, all_wordings, left_out
from voice.answer_words.engine import WORDS
from voice.answer_words.model import OTHER, shipped_model


def test_every_word_is_said_in_many_ways():
    for word in CLASSES:
        ways = [each for wording in all_wordings() if wording.label == word for each in wording.ipa + wording.text]
        assert len(ways) >= 9, word


def test_negations_and_mixed_replies_are_no_answers():
    kinds = {wording.kind: wording for wording in all_wordings() if wording.label == OTHER}
    assert {"negation", "mixed", "near", "speech", "filler"} <= set(kinds)
    assert "inte bra" in {text for wording in all_wordings() if wording.kind == "negation" for text in wording.text}


def test_no_text_is_both_an_answer_and_something_else():
    def texts(other: bool) -> set[str]:
        return {
            each
            for wording in all_wordings()
            if (wording.label == OTHER) is other
            for each in wording.ipa + wording.text
            if each not in left_out()
        }

    assert not texts(True) & texts(False)


def test_the_model_knows_these_classes_and_a_threshold_for_each():
    model = shipped_model()
    assert model.classes == CLASSES
    for word in CLASSES[:-1]:
        assert 0 < model.thresholds.confirm[word] < model.thresholds.accept[word] < 1
    assert {word for words in WORDS.values() for word in words} == set(CLASSES) - {OTHER}
