"""What a recording is taken for: every utterance in it counts, and the least sure of them decides."""

import pytest

from models.rating import Rating
from omdome.hearing import judged
from omdome.lexicons import load_lexicon
from tests.voice.scripts import call
from voice.outcomes import Key, Utterance
from voice.recognition import Expecting, Hearing, Trust

BRA, OK, DALIGT = Rating
ACCEPT, CONFIRM, AGAIN = Trust


def utterance(words: str, trust: Trust = ACCEPT, *, seconds: float = 0.6, confidence: float = 0.9) -> Utterance:
    return Utterance(Hearing(words=words, confidence=confidence, trust=trust, engine="x/1"), seconds)


def decided(*utterances: Utterance, expecting: Expecting | None = Expecting.RATING) -> tuple[str, Rating | None, Trust]:
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
    assert decided(utterance("inte"), utterance("bra")) == ("inte bra", DALIGT, CONFIRM)  # a call hears "inte" first
    assert decided(utterance("bra"), utterance("tack")) == ("bra tack", BRA, ACCEPT)


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


@pytest.mark.parametrize("trust", Trust)
@pytest.mark.parametrize("words", ["ja", "nej", "upprepa"])
def test_where_anything_may_have_been_asked_a_yes_is_worth_its_trust_and_rates_nothing(
    words: str, trust: Trust
) -> None:
    assert decided(utterance(words, trust), expecting=None) == (words, None, trust)


@pytest.mark.parametrize(
    ("words", "trust", "rating", "decision"),
    [
        ("bra", ACCEPT, BRA, ACCEPT),
        ("okej", CONFIRM, OK, CONFIRM),
        ("dåligt", AGAIN, None, AGAIN),
        ("två", ACCEPT, OK, CONFIRM),
        ("tryck två", ACCEPT, OK, CONFIRM),
        ("eller dåligt", ACCEPT, DALIGT, CONFIRM),
        ("jag förstår", ACCEPT, None, AGAIN),
        ("ja bra", CONFIRM, BRA, CONFIRM),
        ("ring inte mer", ACCEPT, None, ACCEPT),
        ("ring inte mer", CONFIRM, None, CONFIRM),
    ],
)
def test_and_a_rating_is_what_it_is_in_a_call(words: str, trust: Trust, rating: Rating | None, decision: Trust) -> None:
    assert decided(utterance(words, trust), expecting=None) == (words, rating, decision)
    assert decided(utterance(words, trust)) == (words, rating, decision)


@pytest.mark.parametrize("expecting", [None, Expecting.RATING])
@pytest.mark.parametrize("words", ["bra", "dåligt", "inte bra", "ja", "två", "eller bra", "fisk", "ja bra", "alls bra"])
@pytest.mark.parametrize("trust", Trust)
def test_what_is_accepted_here_a_call_stores(words: str, trust: Trust, expecting: Expecting | None) -> None:
    heard = utterance(words, trust)
    _, rating, decision = decided(heard, expecting=expecting)
    talk = call(Key("1"), heard)
    if rating and decision is ACCEPT:
        assert talk.answers == {"bemotande": rating}
    else:
        assert talk.answers == {}
    assert (talk.said[0].startswith("confirm.")) is (rating is not None and decision is CONFIRM)
