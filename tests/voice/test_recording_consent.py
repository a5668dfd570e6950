"""May we record? Asked once, after the yes to the questions, and only a sure yes is one."""

import pytest
from hypothesis import given, settings

from models.conversation import RecordOptOut
from models.rating import Rating
from tests.voice.scripts import DEAF, SILENCE, Held, call, endless, keys, mumbled, sure, unsure
from tests.voice.test_dialogue_properties import MOST_TURNS, calls
from voice.answerable import answerable
from voice.moves import NOT_RECORDED, RECORDED, Ending, Recording
from voice.outcomes import Gone, Key, Outcome, Utterance
from voice.recognition import Expecting, Trust

YES = sure("ja")
FIRST = ("how_to_answer", "question.bemotande.full")


def asked(*outcomes: Outcome) -> Held:
    """Somebody who has agreed to the questions, and then did these things."""
    return call(YES, *outcomes, recording=Recording.TO_ASK)


def test_it_is_asked_before_the_first_question_which_then_comes() -> None:
    talk = asked()
    assert talk.said == ("recording.full",)
    assert talk.dialogue.expecting is Expecting.YES_NO
    assert talk.hears(YES) == (RECORDED, *FIRST)
    assert talk.dialogue.recording is Recording.AGREED
    talk.hears(sure("bra"))
    assert talk.answers == {"bemotande": Rating.BRA}


@pytest.mark.parametrize("yes", [sure("ja"), sure("det går bra"), sure("okej"), sure("det får ni"), Key("1")])
def test_a_sure_yes(yes: Outcome) -> None:
    assert asked(yes).dialogue.recording is Recording.AGREED


@pytest.mark.parametrize(
    "no",
    [sure("nej"), unsure("nej"), sure("nej tack"), sure("nej det får ni inte"), sure("helst inte"), Key("2"), Key("#"),
     sure("hoppa över")],
)  # fmt: skip
def test_a_no_is_believed_though_unsurely_heard_and_the_survey_goes_on(no: Outcome) -> None:
    talk = asked(no)
    assert talk.said == (NOT_RECORDED, *FIRST)
    assert talk.dialogue.recording is Recording.DECLINED
    assert talk.hears(sure("bra"))[0] == "heard.bra"


@pytest.mark.parametrize("unclear", [SILENCE, unsure("ja"), mumbled("ja"), endless("ja"), sure("fisk"), Key("5")])
def test_whoever_is_not_understood_has_not_agreed(unclear: Outcome) -> None:
    talk = asked(unclear)
    assert talk.said[-1] == "recording.short"
    talk.hears(unclear)
    assert talk.said[-1] == "recording.keys"
    talk.hears(unclear)
    assert talk.said == (NOT_RECORDED, *FIRST)


@pytest.mark.parametrize("yes", [sure("yes"), sure("you may"), sure("go ahead"), Key("1")])
def test_a_yes_in_english(yes: Outcome) -> None:
    assert call(sure("yes"), yes, language="en", recording=Recording.TO_ASK).dialogue.recording is Recording.AGREED


def test_without_ears_the_keys_are_explained() -> None:
    talk = asked(DEAF)
    assert talk.said == ("no_match.use_keys", "recording.keys")
    assert talk.hears(Key("1"))[0] == RECORDED


def test_it_can_be_repeated() -> None:
    assert asked(sure("upprepa")).said == ("recording.full",)
    assert asked(Key("0")).said == ("recording.full",)


@pytest.mark.parametrize("stop", [Key("9"), sure("ring inte mer")])
def test_stop_stops_here_too(stop: Outcome) -> None:
    talk = asked(stop)
    assert talk.ending is Ending.OPTED_OUT
    assert RecordOptOut() in talk.effects
    assert talk.dialogue.recording is Recording.ASKING


def test_an_unsure_wish_to_be_left_alone_is_asked_about_and_then_the_recording_again() -> None:
    talk = asked(unsure("ring inte mer"))
    assert talk.said == ("no_match.stop_question",)
    assert talk.hears(sure("nej")) == ("recording.short",)
    assert talk.dialogue.recording is Recording.ASKING, "that no was to the other question"


def test_who_hangs_up_has_agreed_to_the_questions_alone() -> None:
    talk = asked(Gone())
    assert (talk.ending, talk.dialogue.recording) == (Ending.HUNG_UP, Recording.ASKING)


def test_whoever_says_no_to_the_questions_is_not_asked() -> None:
    talk = call(sure("nej"), recording=Recording.TO_ASK)
    assert talk.ending is Ending.DECLINED
    assert not any(key.startswith("recording") for key in talk.said)


def test_a_survey_that_was_begun_elsewhere_goes_on_after_it() -> None:
    begun = call(YES, sure("bra")).dialogue.session
    talk = call(YES, session=begun, recording=Recording.TO_ASK)
    assert talk.said == ("recording.full",)
    assert talk.hears(Key("2"))[-1] == "question.tillganglighet.full"


def test_nobody_agrees_to_what_they_have_not_heard() -> None:
    """Whoever presses 1 twice at "may I ask?" answers that alone, also when it is asked again."""
    for asked_before in (False, True):
        known = answerable(("recording.full",), asked_before=asked_before, seconds=lambda _: 8.0)
        assert known.by_key == known.by_voice == pytest.approx(3.6)


def test_what_is_said_while_we_tell_whether_we_record_answers_no_question() -> None:
    known = answerable((RECORDED, *FIRST), asked_before=False, seconds=lambda _: 2.0)
    assert known.by_voice > 4.0


@given(calls)
@settings(max_examples=200, deadline=None)
def test_whatever_is_done_only_a_sure_yes_or_a_one_is_agreement(sequence: list[Outcome]) -> None:
    talk = asked()
    for outcome in sequence:
        asking = talk.dialogue.recording is Recording.ASKING and not talk.dialogue.asking_stop
        talk.hears(outcome)
        if talk.dialogue.recording is Recording.AGREED:
            assert asking
            heard = isinstance(outcome, Utterance) and outcome.hearing.trust is Trust.ACCEPT and not outcome.cut_off
            assert heard or outcome == Key("1")
        if talk.ending is not None or talk.dialogue.recording is not Recording.ASKING:
            return


@given(calls)
@settings(max_examples=100, deadline=None)
def test_every_call_ends_and_is_asked_once(sequence: list[Outcome]) -> None:
    talk, turns, asked_in_full, settled = asked(), 0, 0, False
    while talk.ending is None:
        talk.hears(sequence[turns % len(sequence)])
        turns += 1
        settled = settled or talk.dialogue.recording is not Recording.ASKING
        asked_in_full += settled and "recording.full" in talk.said
        assert turns <= 2 * MOST_TURNS
    assert asked_in_full == 0


def test_the_session_is_the_same_as_without() -> None:
    same = call(YES, *keys("123"))
    talk = asked(Key("1"), *keys("123"))
    assert talk.answers == same.answers
