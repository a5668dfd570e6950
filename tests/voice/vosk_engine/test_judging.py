"""What a result is worth. An answer traced back from a mishearing is confirmed, however sure Vosk was of that."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omdome.vocabularies import load_vocabulary
from voice.recognition import Expecting, Hearing, Trust
from voice.vosk_engine.judging import judged
from voice.vosk_engine.settings import Thresholds

SWEDISH = load_vocabulary("sv")
THRESHOLDS = Thresholds()


def free(*result: tuple[str, float], expecting: Expecting = Expecting.RATING) -> Hearing:
    return judged(result, expecting, SWEDISH, THRESHOLDS, "vosk/test", by_grammar=False)


@pytest.mark.parametrize(
    ("confidence", "trust"),
    [(1.0, Trust.ACCEPT), (0.9, Trust.ACCEPT), (0.89, Trust.CONFIRM), (0.5, Trust.CONFIRM), (0.49, Trust.ASK_AGAIN)],
)
def test_the_confidence_decides(confidence: float, trust: Trust) -> None:
    hearing = free(("dåligt", confidence))
    assert (hearing.words, hearing.confidence, hearing.trust) == ("dåligt", confidence, trust)


def test_it_is_as_sure_as_its_least_sure_word() -> None:
    assert free(("inte", 0.6), ("bra", 1.0)).trust is Trust.CONFIRM


def test_nothing_heard_is_asked_again() -> None:
    assert free() == Hearing(words="", confidence=0.0, trust=Trust.ASK_AGAIN, engine="vosk/test")
    assert free(("[unk]", 1.0)).words == ""


def test_something_unknown_beside_the_answer_is_a_reason_to_ask() -> None:
    hearing = free(("<UNK>", 1.0), ("bra", 1.0))
    assert (hearing.words, hearing.trust) == ("bra", Trust.CONFIRM)


def test_an_answer_in_much_else_that_was_not_understood_is_confirmed() -> None:
    surroundings = {1.5: Trust.ACCEPT, 4.0: Trust.CONFIRM}
    for unexplained, trust in surroundings.items():
        hearing = judged(
            [("bra", 1.0)], Expecting.RATING, SWEDISH, THRESHOLDS, "x", by_grammar=False, unexplained=unexplained
        )
        assert hearing.trust is trust


def test_a_word_list_without_other_words_is_not_believed_outright() -> None:
    closed = replace(SWEDISH, others=())
    assert judged([("bra", 1.0)], Expecting.RATING, closed, THRESHOLDS, "x", by_grammar=True).trust is Trust.CONFIRM
    assert judged([("bra", 1.0)], Expecting.RATING, closed, THRESHOLDS, "x", by_grammar=False).trust is Trust.ACCEPT


def test_the_models_own_spelling_of_okej_is_as_sure_as_it_was_heard() -> None:
    hearing = free(("uːkɛj", 0.9))
    assert (hearing.words, hearing.trust) == ("okej", Trust.ACCEPT)


@pytest.mark.parametrize(("heard", "words"), [("bar", "bra"), ("doligt", "dåligt"), ("inte bar", "inte bra")])
def test_a_misheard_answer_is_confirmed(heard: str, words: str) -> None:
    hearing = free(*((word, 1.0) for word in heard.split()))
    assert (hearing.words, hearing.trust) == (words, Trust.CONFIRM)


@pytest.mark.parametrize("heard", ["bara", "roligt", "dagligt", "grå", "det var bar", "på bar backe"])
def test_other_words_stay_what_they_are(heard: str) -> None:
    assert free(*((word, 1.0) for word in heard.split())).words == heard


def test_no_command_is_made_of_a_mishearing() -> None:
    assert free(("skuta", 1.0)).words == "skuta"  # it sounds like "sluta", which would opt out for good
    assert free(("upprepar", 1.0)).words == "upprepar"


def test_jag_is_left_to_the_lexicon_which_takes_it_for_a_yes() -> None:
    hearing = free(("jag", 1.0), expecting=Expecting.YES_NO)
    assert (hearing.words, hearing.trust) == ("jag", Trust.ACCEPT)


def test_with_a_grammar_the_other_words_are_there_to_be_heard() -> None:
    hearing = judged([("bar", 1.0)], Expecting.RATING, SWEDISH, THRESHOLDS, "vosk/test", by_grammar=True)
    assert hearing.words == "bar"


def test_a_comment_is_kept_as_transcribed_and_is_as_sure_as_its_least_sure_word() -> None:
    said = ["de", "hade", "doligt", "med", "tid", "men", "det", "gick", "bar"]
    hearing = free(*((word, 0.3) for word in said), expecting=Expecting.COMMENT)
    assert (hearing.words, hearing.trust) == (" ".join(said), Trust.ASK_AGAIN)


@given(
    st.lists(st.tuples(st.text(st.characters(categories=["Ll"]), min_size=1, max_size=8), st.floats(0, 1)), max_size=5)
)
def test_nothing_is_accepted_that_was_not_heard_as_it_stands(result: list[tuple[str, float]]) -> None:
    hearing = free(*result)
    if hearing.trust is Trust.ACCEPT:
        assert hearing.words.split() == [SWEDISH.spellings.get(word, word) for word, _ in result]
    assert 0 <= hearing.confidence <= 1
