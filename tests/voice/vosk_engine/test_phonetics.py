"""What a misheard answer may have been, in Swedish."""

import pytest

from voice.vosk_engine.phonetics import neighbour, sounds

ANSWERS = ("bra", "okej", "dåligt", "ett", "två", "tre", "toppen")


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("bar", "bra"),
        ("brå", "bra"),
        ("pra", "bra"),
        ("okay", "okej"),
        ("ockej", "okej"),
        ("okaj", "okej"),
        ("dolit", "dåligt"),
        ("doligt", "dåligt"),
        ("dålit", "dåligt"),
        ("dåli", "dåligt"),
        ("tåligt", "dåligt"),
        ("tvo", "två"),
        ("trä", "tre"),
        ("toppe", "toppen"),
    ],
)
def test_a_mishearing_is_traced_back(heard: str, said: str) -> None:
    assert neighbour(heard, ANSWERS, "sv") == said


@pytest.mark.parametrize(
    "heard",
    ["grå", "blå", "kra", "barbro", "roligt", "dagligt", "dåd", "åka", "på", "så", "att", "ja", "", "x", "123"],
)
def test_what_sounds_different_is_left_alone(heard: str) -> None:
    assert neighbour(heard, ANSWERS, "sv") is None


def test_a_word_between_two_answers_is_neither() -> None:
    assert neighbour("nej", ("nä", "ne"), "sv") is None
    assert neighbour("bri", ("bra", "bry"), "sv") is None


def test_a_language_that_we_know_nothing_of_has_no_neighbours() -> None:
    assert neighbour("좋아", ("좋아요",), "ko") is None
    assert sounds("좋아", "ko") == "좋아"
