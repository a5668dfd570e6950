"""What the synthetic speakers are made to say, and that the shipped model knows the same classes."""

import numpy as np
import pytest

from tools.answer_words.syllables import far_from_answers, nonsense
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


def test_the_shares_of_each_stream_make_a_whole():
    assert sum(wording.share for wording in all_wordings()) == pytest.approx(1, abs=0.15)
    assert sum(wording.share_of_words for wording in all_wordings()) == pytest.approx(1, abs=0.15)
    assert all(wording.share + wording.share_of_words > 0 for wording in all_wordings())


@pytest.mark.parametrize("near", ["brˈɑː", "brˈoː", "ˈɛt", "jˈɑːs", "nˈɛj", "dˈoːlɪkt", "ʊkˈɛjs", "tvˈɑː"])
def test_what_is_near_an_answer_word_is_no_nonsense(near):
    assert not far_from_answers(near)


@pytest.mark.parametrize("far", ["stˈɜz", "kvəvbrˈɪd", "blˈʊlt", "smˈɑːst"])
def test_nonsense_is_far_from_every_answer_word(far):
    assert far_from_answers(far)


def test_nonsense_is_the_same_for_the_same_seed_and_always_far_from_answers():
    words = [nonsense(np.random.default_rng(seed)) for seed in range(30)]
    assert words == [nonsense(np.random.default_rng(seed)) for seed in range(30)]
    assert len(set(words)) > 25
    assert all(far_from_answers(word) for word in words)
