"""From where a prompt can be answered. Every prompt is 2 s here."""

import pytest

from voice.answerable import Answerable, answerable

QUESTION = ("heard.bra", "question.leverans.full")


def known(*say: str, asked_before: bool = False) -> Answerable:
    return answerable(say, asked_before=asked_before, seconds=lambda key: 2.0)


def test_a_question_half_a_second_into_it_after_all_that_leads_to_it() -> None:
    assert known(*QUESTION) == Answerable(by_key=2.5, by_voice=2.5)
    assert known("consent.full") == Answerable(by_key=0.5, by_voice=0.5)


def test_a_question_asked_before_by_key_at_once_but_never_by_voice() -> None:
    again = known("no_match.unknown", "question.leverans.short", asked_before=True)
    assert again == Answerable(by_key=0.0, by_voice=2.5)


@pytest.mark.parametrize("asked_before", [False, True])
def test_is_that_right_when_the_rating_has_been_said_and_what_is_asked(asked_before: bool) -> None:
    right = known("no_match.unknown", "confirm.daligt.short", asked_before=asked_before)
    assert right.by_key == right.by_voice == pytest.approx(2.9)


def test_what_went_wrong_when_that_has_been_asked() -> None:
    asked = known("reason.full", "reason.choice.annat", "reason.press.1", "reason.skip")
    assert asked == Answerable(by_key=2.0, by_voice=2.0)


def test_what_asks_none_of_these() -> None:
    assert known("no_match.stop_question") == Answerable(by_key=0.5, by_voice=0.5)
    assert known() == Answerable(by_key=0.5, by_voice=0.5)
