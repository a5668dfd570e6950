"""The caller of a call by recording: what answers which prompt."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from models.rating import Rating
from omdome.console import Problem
from omdome.lexicons import load_lexicon
from omdome.recorded_caller import HangUp, Press, RecordedCaller, Recording, Reply, caller_of, keys_of, replies_of
from voice.audio_files import write_wav
from voice.transcript import Entry, Who

BRA, OKEJ, DALIGT = (Recording(bytes(320 * number), rating) for number, rating in enumerate(Rating, 1))
QUESTIONS = ("bemotande", "tillganglighet", "leverans")


def done(caller: RecordedCaller, *prompts: str) -> list[Reply | HangUp | None]:
    """What the caller did, when each prompt was said and then answered."""
    acts = []
    for prompt in prompts:
        acts.append(caller.reply_to(Entry(who=Who.WE, seconds=0, prompt=prompt)))
        if acts[-1] is not None:
            caller.reply_to(Entry(who=Who.CALLER, seconds=0))
    return acts


def by_question(*replies: Reply) -> RecordedCaller:
    return caller_of(replies, QUESTIONS, in_order=False, say_consent=False)


def test_each_reply_answers_the_next_question_after_a_yes_by_key() -> None:
    caller = by_question(BRA, OKEJ, DALIGT)
    assert done(
        caller,
        "hello",
        "consent.full",
        "question.bemotande.full",
        "heard.bra",
        "question.tillganglighet.full",
        "question.leverans.full",
        "reason.full",
        "comment.full",
        "thanks.completed",
    ) == [None, Press("1"), BRA, None, OKEJ, DALIGT, Press("#"), Press("#"), None]


def test_a_question_asked_again_is_answered_again() -> None:
    caller = by_question(BRA, OKEJ)
    asked = ("question.bemotande.full", "question.bemotande.short", "question.bemotande.keys")
    assert done(caller, *asked, "question.tillganglighet.full") == [BRA, BRA, BRA, OKEJ]


def test_what_was_heard_is_confirmed_or_denied_by_whoever_knows_what_they_said() -> None:
    caller = by_question(BRA)
    assert done(caller, "question.bemotande.full", "confirm.daligt.full", "question.bemotande.short") == [
        BRA,
        Press("2"),
        BRA,
    ]
    assert done(caller, "confirm.bra.full") == [Press("1")]


def test_a_recording_whose_name_tells_nothing_is_said_once_more_to_be_confirmed() -> None:
    unnamed = Recording(bytes(320))
    assert done(by_question(unnamed), "question.bemotande.full", "confirm.bra.full") == [unnamed, unnamed]


def test_one_prompt_of_several_parts_is_answered_once() -> None:
    caller = by_question(BRA)
    parts = ("no_match.unknown", "question.bemotande.short", "reason.full", "reason.choice.annat", "reason.keys")
    acts = [caller.reply_to(Entry(who=Who.WE, seconds=0, prompt=part)) for part in parts]
    assert acts == [None, BRA, None, None, None]


def test_after_silence_that_was_meant_to_be_a_reply_it_is_given_again() -> None:
    caller = by_question(BRA)
    parts = ("question.bemotande.full", "no_input.first", "question.bemotande.short")
    assert [caller.reply_to(Entry(who=Who.WE, seconds=0, prompt=part)) for part in parts] == [BRA, None, BRA]


def test_whoever_has_no_reply_left_hangs_up() -> None:
    assert done(by_question(BRA), "question.bemotande.full", "question.leverans.full") == [BRA, HangUp()]


def test_in_order_every_prompt_that_asks_takes_the_next_reply() -> None:
    replies: Sequence[Reply] = (Press("1"), DALIGT, Press("1"), Press("2"))
    caller = caller_of(replies, QUESTIONS, in_order=True, say_consent=False)
    asked = ("consent.full", "question.bemotande.full", "confirm.daligt.full", "reason.full", "question.leverans.full")
    assert done(caller, *asked) == [*replies, HangUp()]


def test_consent_may_be_said() -> None:
    caller = caller_of((OKEJ, BRA), QUESTIONS, in_order=False, say_consent=True)
    assert done(caller, "consent.full", "question.bemotande.full") == [OKEJ, BRA]


def test_more_replies_than_questions_are_a_mistake() -> None:
    with pytest.raises(Problem, match="4 replies to 3 questions; give one each, or use --in-order"):
        by_question(BRA, BRA, BRA, BRA)


def test_files_and_keys_become_replies(tmp_path: Path) -> None:
    write_wav(tmp_path / "inte_bra.wav", bytes(1000))
    write_wav(tmp_path / "svar1.wav", bytes(320))
    named, unnamed, key = replies_of(
        [str(tmp_path / "inte_bra.wav"), str(tmp_path / "svar1.wav"), "key:#"], load_lexicon("sv")
    )
    assert named == Recording(bytes(1280), Rating.DALIGT)
    assert unnamed == Recording(bytes(320), None)
    assert key == Press("#")
    assert keys_of("1, 1,3") == [Press("1"), Press("1"), Press("3")]


@pytest.mark.parametrize(
    ("given", "said"),
    [("key:", "'' is no key"), ("key:12", "pressed one at a time"), ("key:x", "'x' is no key"), ("no.wav", "no.wav")],
)
def test_what_is_neither_is_told(given: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        replies_of([given], load_lexicon("sv"))
    with pytest.raises(Problem, match="--keys 1,11: '11' is no key"):
        keys_of("1,11")


@pytest.mark.parametrize("given", ["1,2,#", "1 2 #", " 1, 2 ,  # "])
def test_keys_may_have_blanks_between_them(given: str) -> None:
    assert keys_of(given) == [Press("1"), Press("2"), Press("#")]
