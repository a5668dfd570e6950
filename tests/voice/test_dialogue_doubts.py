"""What is said by the way, cut off, or by somebody else is no answer: it has to be meant."""

from collections.abc import Callable

import pytest

from models.conversation import Accepted, Rated, RecordAnswer, RecordComment, RecordOptOut, RecordReason
from models.rating import Rating
from survey.conversation import advance, start
from tests.voice.call_world import QUESTIONS
from tests.voice.scripts import SCRIPT, call, keys, mumbled, sure, unsure
from voice.dialogue import respond
from voice.moves import Ending
from voice.outcomes import Key, Outcome, Utterance
from voice.recognition import Expecting

A, B, C = (f"question.{question}" for question in QUESTIONS)
YES = sure("ja")
BY_THE_WAY = (
    "jag tänker", "jag förstår", "jag kör bil", "jag är osäker", "jag sa ju", "jag hör dig dåligt", "jaha", "ja vänta",
    "ja eller", "ja alltså", "stämmer det", "säg ja eller nej",
)  # fmt: skip


# --- is that right? --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", BY_THE_WAY)
def test_what_only_sounds_like_a_yes_confirms_nothing(words: str) -> None:
    talk = call(YES, unsure("dåligt"), sure(words))
    assert (talk.answers, talk.said) == ({}, ("no_match.unknown", "confirm.daligt.short"))


@pytest.mark.parametrize("words", ["ja", "jag", "det stämmer", "ja det stämmer", "precis", "Ja, exakt."])
def test_a_whole_yes_confirms(words: str) -> None:
    assert call(YES, unsure("dåligt"), sure(words)).answers == {"bemotande": Rating.DALIGT}


@pytest.mark.parametrize("no", ["nej", "nej det är fel", "det stämmer inte", "två"])
def test_a_whole_no_does_not(no: str) -> None:
    talk = call(YES, unsure("dåligt"), sure(no))
    assert (talk.answers, talk.said) == ({}, (f"{A}.keys",))


def test_one_is_yes_only_where_it_is_the_number_of_the_same_rating() -> None:
    assert call(YES, unsure("bra"), sure("ett")).answers == {"bemotande": Rating.BRA}
    assert call(YES, unsure("dåligt"), sure("ett")).said == ("no_match.unknown", "confirm.daligt.short")


@pytest.mark.parametrize("words", ["menade du bra", "jag uppfattade bra", "bra okej eller dåligt", "eller dåligt"])
def test_our_own_words_that_come_back_rate_nothing(words: str) -> None:
    said = "Jag uppfattade bra. Menade du bra? Hur var vårt bemötande: bra, okej eller dåligt?"
    for talk in (call(YES), call(YES, unsure("dåligt")), call(YES, unsure("bra"))):
        move = respond(talk.dialogue, sure(words), said)
        assert (move.event, move.say[0]) == (None, "no_match.unknown")


def test_one_of_the_words_that_were_offered_is_an_answer_and_so_is_a_command() -> None:
    said = "Vårt bemötande: bra, okej eller dåligt? Vill du hoppa över frågan, tryck fyrkant."
    assert respond(call(YES).dialogue, sure("dåligt"), said).event is not None
    assert respond(call(YES).dialogue, sure("hoppa över"), said).event is not None


def test_what_is_stored_is_not_changed_nor_explained_by_an_unsure_hearing() -> None:
    talk = call(YES, sure("dåligt"), sure("bra"), unsure("okej"))
    assert talk.said == ("no_match.unknown", "confirm.bra.short")
    assert not any(isinstance(effect, RecordReason) for effect in talk.effects)


# --- a rating --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("eller dåligt", "daligt"),
        ("alls bra", "bra"),
        ("särskilt bra", "bra"),
        ("utan bra", "bra"),
        ("tryck två", "ok"),
        ("en trea", "daligt"),
        ("tryck ett", "bra"),
    ],
)
def test_what_may_lack_its_beginning_or_is_a_number_is_confirmed(words: str, asked: str) -> None:
    talk = call(YES, sure(words))
    assert (talk.answers, talk.said) == ({}, (f"confirm.{asked}.full",))


@pytest.mark.parametrize("words", ["bra", "ett bra bemötande", "riktigt bra", "helt okej"])
def test_a_rating_with_its_own_words_around_it_is_not(words: str) -> None:
    assert list(call(YES, sure(words)).answers) == ["bemotande"]


@pytest.mark.parametrize("words", ["nej jag sa dåligt", "jag sa dåligt", "jag menade dåligt", "nej dåligt"])
def test_a_correction_of_the_last_answer_is_none_to_the_next_question(words: str) -> None:
    talk = call(YES, sure("bra"), sure(words))
    assert (talk.said, talk.answers) == (("no_match.unknown", f"{B}.short"), {"bemotande": Rating.BRA})
    talk.hears(sure("jag sa okej"))  # said twice, it is about the question that was asked twice
    assert talk.answers == {"bemotande": Rating.BRA, "tillganglighet": Rating.OK}


@pytest.mark.parametrize("words", ["ja", "nej"])
@pytest.mark.parametrize("heard", [sure, unsure])
def test_yes_and_no_to_a_question_about_a_rating_are_told_so(words: str, heard: Callable[[str], Utterance]) -> None:
    assert call(YES, heard(words)).said == ("no_match.yes_no", f"{A}.short")
    assert call(YES, mumbled(words)).said == ("no_match.unknown", f"{A}.short")


# --- consent -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "jag är upptagen",
        "jag kör bil",
        "jaha",
        "ja det är anna",
        "ja hallå",
        "säg ja eller nej",
        "det går bra att lämna ett meddelande",
        "det går bra i morgon i stället",
        "det går bra att ringa senare",
        "bra",
    ],
)
def test_who_only_answers_the_phone_has_not_agreed(words: str) -> None:
    talk = call(sure(words))
    assert (talk.said, talk.dialogue.consented) == (("no_match.unknown", "consent.short"), False)


def test_an_unsure_yes_or_no_counts_the_second_time() -> None:
    assert call(unsure("ja"), unsure("ja")).said == ("how_to_answer", f"{A}.full")
    assert call(unsure("nej"), unsure("nej")).ending is Ending.DECLINED
    assert call(unsure("ja"), unsure("nej")).said == ("no_match.unknown", "consent.keys")
    assert call(unsure("ja"), sure("fisk"), unsure("ja")).dialogue.consented is False


@pytest.mark.parametrize("words", ["ja vem är det", "ja vad gäller det"])
def test_a_question_is_no_yes_either(words: str) -> None:
    assert call(sure(words)).said == ("identification", "who.full", "consent.short")


@pytest.mark.parametrize("no", [sure("nej"), Key("2")])
def test_a_no_is_no_consent_and_ends_also_a_survey_that_waits_for_a_reason(no: Outcome) -> None:
    session = start(QUESTIONS, permission_wanted=False)
    for event in (Accepted(), Rated("bemotande", Rating.DALIGT)):
        session = advance(session, event, SCRIPT).session
    talk = call(no, session=session)
    assert (talk.said, talk.ending, talk.dialogue.consented) == (("goodbye.refused",), Ending.DECLINED, False)


# --- do you want us to stop calling? -------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["ett", "ja bra", "jag sa bra", "jaha", "jag förstår", "bra"])
def test_nobody_is_taken_off_the_list_by_repeating_their_answer(words: str) -> None:
    talk = call(YES, unsure("ring inte mer"))
    assert talk.dialogue.expecting is Expecting.YES_NO
    talk.hears(sure(words))
    assert (talk.said, talk.ending) == ((f"{A}.short",), None)
    assert not any(isinstance(effect, RecordOptOut | RecordAnswer) for effect in talk.effects)


# --- free speech ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heard", [sure, unsure, mumbled])
def test_a_comment_is_kept_however_unsurely_it_was_heard(heard: Callable[[str], Utterance]) -> None:
    talk = call(*keys("1111"), heard("ni var så vänliga när jag ringde"), transcribes=True)
    assert RecordComment("ni var så vänliga när jag ringde") in talk.effects
    assert call(*keys("1111"), heard("nej tack"), transcribes=True).said == ("thanks.completed",)


@pytest.mark.parametrize("heard", [sure, unsure, mumbled])
def test_a_wish_about_when_to_be_called_is_asked_about(heard: Callable[[str], Utterance]) -> None:
    talk = call(*keys("1111"), heard("ring inte på kvällen utan på dagen"), transcribes=True)
    assert (talk.said, talk.ending) == (("no_match.stop_question",), None)
    assert talk.hears(sure("nej")) == ("comment.short",)
    assert not any(isinstance(effect, RecordOptOut) for effect in talk.effects)


def test_a_refusal_instead_of_a_comment_is_one() -> None:
    assert call(*keys("1111"), sure("ring inte mer"), transcribes=True).ending is Ending.OPTED_OUT
    unsurely = call(*keys("1111"), mumbled("ring inte mer"), transcribes=True)
    assert unsurely.said == ("no_match.stop_question",)
    assert unsurely.hears(Key("9")) == ("goodbye.opted_out",)
