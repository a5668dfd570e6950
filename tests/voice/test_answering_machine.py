"""Who answered: told by how long there was voice, and by what only machines say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.answering_machine import Callee, Greeting, GreetingPolicy, Overlap, heard, overlapped, talks_on

POLICY = GreetingPolicy(phrases=frozenset({"efter tonen", "lämna ett meddelande"}))
FRAME = 0.02


def judged(*pattern: tuple[float, bool]) -> Callee | None:
    greeting = Greeting()
    for seconds, voice in pattern:
        for _ in range(round(seconds / FRAME)):
            greeting = heard(greeting, POLICY, FRAME, voice)
    return greeting.callee


def test_a_short_hello_and_a_pause_is_a_person() -> None:
    assert judged((0.5, False), (0.4, True), (0.58, False)) is None
    assert judged((0.5, False), (0.4, True), (0.6, False)) is Callee.PERSON


def test_two_and_a_half_seconds_are_still_a_person() -> None:
    assert judged((1.0, True), (0.3, False), (1.2, True), (0.6, False)) is Callee.PERSON


def test_a_longer_greeting_is_a_person_after_a_longer_pause() -> None:
    assert judged((3.2, True), (0.78, False)) is None
    assert judged((3.2, True), (0.8, False)) is Callee.PERSON


def test_who_talks_for_more_than_seven_seconds_is_a_machine() -> None:
    assert judged((1.5, True), (0.4, False), (5.1, True)) is None
    assert judged((1.5, True), (0.4, False), (5.2, True)) is Callee.MACHINE


def test_a_long_greeting_then_hello_is_a_person() -> None:
    assert judged((3.0, True), (0.7, False), (0.4, True), (0.6, False)) is Callee.PERSON


def test_who_still_talks_after_ten_seconds_is_a_machine() -> None:
    assert judged(*[(3.0, True), (0.7, False)] * 3) is Callee.MACHINE


def test_nobody_says_anything() -> None:
    assert judged((1.78, False)) is None
    assert judged((1.8, False)) is Callee.SILENT


def test_clicks_are_nobody() -> None:
    assert judged(*[(0.04, True), (0.2, False)] * 9) is Callee.SILENT


def test_a_beep_is_a_machine() -> None:
    assert heard(Greeting(), POLICY, FRAME, False, beep=True).callee is Callee.MACHINE


@pytest.mark.parametrize("words", ["hej lämna ett meddelande", "tala efter tonen"])
def test_what_only_machines_say(words: str) -> None:
    assert heard(Greeting(), POLICY, FRAME, True, words=words).callee is Callee.MACHINE
    assert heard(Greeting(), POLICY, FRAME, True, words="hallå det är anna").callee is None


def overlap(*pattern: tuple[float, bool]) -> Overlap:
    """What they said while we spoke."""
    said = Overlap()
    for seconds, voice in pattern:
        for _ in range(round(seconds / FRAME)):
            said = overlapped(said, FRAME, voice)
    return said


def test_who_talks_through_half_of_our_first_six_seconds_is_a_machine() -> None:
    assert talks_on(overlap((1.0, True), (0.7, False), (2.0, True)), POLICY)
    assert not talks_on(overlap((1.0, True), (0.7, False), (1.9, True)), POLICY)


def test_gaps_between_words_are_part_of_a_sentence() -> None:
    assert talks_on(overlap(*[(0.6, True), (0.3, False)] * 3, (0.4, True)), POLICY)
    assert not talks_on(overlap(*[(0.6, True), (0.5, False)] * 3, (0.4, True)), POLICY)


def test_who_says_hello_again_and_then_listens_is_a_person() -> None:
    assert not talks_on(overlap((1.2, True), (5.0, False), (2.5, True)), POLICY)


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=60))
def test_it_is_always_decided_within_ten_seconds(pattern: list[tuple[int, bool]]) -> None:
    sounds = [(count * FRAME, voice) for count, voice in pattern]
    assert judged(*sounds, (10.0, False)) is not None
