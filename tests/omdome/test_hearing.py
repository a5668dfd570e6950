"""What a recording is taken for: every utterance in it counts, and the least sure of them decides."""

import pytest

from models.rating import Rating
from omdome.hearing import judged
from omdome.lexicons import load_lexicon
from voice.outcomes import Utterance
from voice.recognition import Expecting, Hearing, Trust

BRA, OK, DALIGT = Rating
ACCEPT, CONFIRM, AGAIN = Trust


def utterance(words: str, trust: Trust = ACCEPT, *, seconds: float = 0.6, confidence: float = 0.9) -> Utterance:
    return Utterance(Hearing(words=words, confidence=confidence, trust=trust, engine="x/1"), seconds)


def decided(*utterances: Utterance, expecting: Expecting = Expecting.RATING) -> tuple[str, Rating | None, Trust]:
    found = judged(utterances, expecting, load_lexicon("sv"))
    return found.heard, found.rating, found.decision


@pytest.mark.parametrize(
    ("words", "trust", "rating", "decision"),
    [
        ("bra", ACCEPT, BRA, ACCEPT),
        ("okej", ACCEPT, OK, ACCEPT),
        ("dåligt", CONFIRM, DALIGT, CONFIRM),
        ("tre", ACCEPT, DALIGT, CONFIRM),
        ("inte bra", ACCEPT, DALIGT, ACCEPT),
        ("bra", AGAIN, None, AGAIN),
        ("bra men lite dåligt", ACCEPT, None, AGAIN),
        ("ja", ACCEPT, None, AGAIN),
        ("upprepa", ACCEPT, None, ACCEPT),
        ("upprepa", CONFIRM, None, ACCEPT),
        ("", AGAIN, None, AGAIN),
    ],
)
def test_engine_and_rules_must_both_be_sure(words: str, trust: Trust, rating: Rating | None, decision: Trust) -> None:
    assert decided(utterance(words, trust)) == (words, rating, decision)


def test_two_answers_in_one_recording_are_one_reply() -> None:
    assert decided(utterance("bra"), utterance("bra", CONFIRM)) == ("bra bra", BRA, CONFIRM)
    assert decided(utterance("bra"), utterance("dåligt")) == ("bra dåligt", None, AGAIN)
    assert decided(utterance("inte"), utterance("bra"))[1] is not BRA


def test_something_else_beside_the_answer_is_a_reason_to_ask() -> None:
    assert decided(utterance("", AGAIN, seconds=0.9), utterance("bra")) == ("bra", BRA, CONFIRM)


def test_a_click_beside_the_answer_is_not() -> None:
    assert decided(utterance("", AGAIN, seconds=0.12), utterance("bra")) == ("bra", BRA, ACCEPT)


def test_who_talks_on_and_on_is_never_taken_at_their_word() -> None:
    long = Utterance(Hearing(words="bra", confidence=0.99, trust=ACCEPT, engine="x/1"), 8.0, cut_off=True)
    assert decided(long)[1:] == (BRA, CONFIRM)


def test_silence_is_nothing() -> None:
    found = judged([], Expecting.RATING, load_lexicon("sv"))
    assert (found.heard, found.confidence, found.rating, found.decision, found.seconds) == ("", 0.0, None, AGAIN, 0.0)


@pytest.mark.parametrize(
    ("words", "decision"), [("ja", ACCEPT), ("nej", ACCEPT), ("ett", ACCEPT), ("bra", AGAIN), ("ja nej", AGAIN)]
)
def test_yes_and_no(words: str, decision: Trust) -> None:
    assert decided(utterance(words), expecting=Expecting.YES_NO) == (words, None, decision)
    assert decided(utterance(words, CONFIRM), expecting=Expecting.YES_NO) == (words, None, AGAIN)
