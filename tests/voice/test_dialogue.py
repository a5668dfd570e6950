"""The script of a call, read as one: what the caller does, and what is then said and stored."""

import pytest

from models.conversation import Accepted, RecordComment, RecordOptOut, RecordReason, Replied, Session, Stage
from models.rating import Interpretation, Rating, ReplyKind, Unclear
from survey.conversation import advance, start
from tests.voice.call_world import QUESTIONS
from tests.voice.scripts import DEAF, SCRIPT, SILENCE, call, endless, keys, mumbled, sure, unsure
from voice.moves import Ending
from voice.outcomes import Gone, Key, Outcome
from voice.recognition import Expecting

A, B, C = (f"question.{question}" for question in QUESTIONS)
YES = sure("ja")
REASON_CHOICES = (
    "reason.choice.ingen_aterkoppling",
    "reason.press.1",
    "reason.choice.inte_atgardat",
    "reason.press.2",
    "reason.choice.svart_att_na",
    "reason.press.3",
    "reason.choice.bemotandet",
    "reason.press.4",
    "reason.choice.annat",
    "reason.press.5",
)


# --- the whole of it -----------------------------------------------------------------------------------------------


def test_three_questions_answered_in_words() -> None:
    talk = call()
    assert talk.said == ("consent.full",)
    assert talk.hears(YES) == ("how_to_answer", f"{A}.full")
    assert talk.hears(sure("bra")) == ("heard.bra", f"{B}.full")
    assert talk.hears(sure("helt okej")) == ("heard.ok", f"{C}.full")
    assert talk.hears(sure("okej")) == ("heard.ok", "thanks.completed")
    assert talk.ending is Ending.FINISHED
    assert talk.answers == {"bemotande": Rating.BRA, "tillganglighet": Rating.OK, "leverans": Rating.OK}
    assert [(each.reply, each.confidence) for each in talk.recorded][:1] == [("bra", 0.95)]
    assert talk.engines == ["ears/1"] * 3


def test_the_same_by_keys() -> None:
    talk = call(*keys("1123"))
    assert talk.said == ("reason.full", *REASON_CHOICES, "reason.skip")
    assert talk.hears(Key("2")) == ("heard.reason", "thanks.completed")
    assert talk.answers == {"bemotande": Rating.BRA, "tillganglighet": Rating.OK, "leverans": Rating.DALIGT}
    assert RecordReason("leverans", "inte_atgardat", "") in talk.effects
    assert set(talk.engines) == {"key"}


# --- unsure --------------------------------------------------------------------------------------------------------


def test_an_unsure_rating_is_stored_only_when_it_is_confirmed() -> None:
    talk = call(YES, unsure("dåligt"))
    assert talk.said == ("confirm.daligt.full",)
    assert talk.dialogue.expecting is Expecting.YES_NO
    assert talk.answers == {}
    talk.hears(YES)
    assert [(each.rating, each.reply, each.confidence) for each in talk.recorded] == [(Rating.DALIGT, "dåligt", 0.6)]
    assert talk.engines == ["ears/1, confirmed"]


def test_a_number_is_confirmed_however_surely_it_was_heard() -> None:
    talk = call(YES, sure("tre"))
    assert (talk.said, talk.answers) == (("confirm.daligt.full",), {})
    assert talk.hears(YES)[0] != "heard.ok"
    assert talk.answers == {"bemotande": Rating.DALIGT}


@pytest.mark.parametrize(
    ("yes", "engine"), [(Key("1"), "ears/1, confirmed by key"), (sure("ett"), "ears/1, confirmed")]
)
def test_it_may_be_confirmed_by_key_or_by_the_keys_number(yes: Outcome, engine: str) -> None:
    talk = call(YES, unsure("bra"), yes)
    assert talk.answers == {"bemotande": Rating.BRA}
    assert talk.engines == [engine]


@pytest.mark.parametrize("no", [sure("nej"), Key("2"), sure("två")])
def test_after_a_no_the_question_comes_with_the_keys(no: Outcome) -> None:
    assert call(YES, unsure("bra"), no).said == (f"{A}.keys",)


def test_two_unsure_hearings_do_not_make_a_sure_one() -> None:
    talk = call(YES, unsure("bra"), unsure("bra"))
    assert talk.said == ("no_match.unknown", "confirm.bra.short")
    assert talk.hears(unsure("ja")) == ("no_match.unknown", "confirm.bra.keys")
    assert talk.hears(unsure("bra")) == ("no_match.given_up", f"{B}.full")
    assert talk.answers == {"bemotande": None}


def test_another_rating_said_surely_corrects_the_one_that_was_misheard() -> None:
    assert call(YES, unsure("dåligt"), sure("bra")).answers == {"bemotande": Rating.BRA}


def test_talk_that_went_on_and_on_is_confirmed_however_sure_its_beginning() -> None:
    assert call(YES, endless("bra")).said == ("confirm.bra.full",)


def test_a_number_heard_unsurely_is_no_yes() -> None:
    talk = call(YES, unsure("dåligt"), unsure("ett"))
    assert (talk.said, talk.answers) == (("no_match.unknown", "confirm.daligt.short"), {})


# --- nobody heard, nothing understood --------------------------------------------------------------------------------


def test_silence_makes_the_question_shorter_then_brings_the_keys_then_the_next() -> None:
    talk = call(YES)
    assert talk.hears(SILENCE) == ("no_input.first", f"{A}.short")
    assert talk.hears(SILENCE) == ("no_input.second", f"{A}.keys")
    assert talk.hears(SILENCE) == ("no_match.given_up", f"{B}.full")


def test_what_is_not_understood_does_the_same_and_is_counted_apart() -> None:
    talk = call(YES, SILENCE)
    assert talk.hears(sure("fisk")) == ("no_match.unknown", f"{A}.short")
    assert talk.hears(SILENCE) == ("no_input.second", f"{A}.keys")
    assert talk.hears(mumbled("bra")) == ("no_match.second", f"{A}.keys")
    assert talk.hears(sure("fisk")) == ("no_match.given_up", f"{B}.full")


def test_two_questions_in_a_row_without_an_answer_end_the_call() -> None:
    talk = call(YES, *[SILENCE] * 6)
    assert (talk.said, talk.ending) == (("goodbye.no_answer",), Ending.GIVEN_UP)
    assert talk.answers == {"bemotande": None}  # the rest can be answered elsewhere
    assert talk.engines == ["no answer"]
    assert call(YES, sure("bra"), *[SILENCE] * 6).said == ("goodbye.no_answer",)
    assert call(YES, sure("bra"), *[sure("fisk")] * 6).said == ("thanks.partial",)


def test_who_never_answers_is_let_go() -> None:
    talk = call(SILENCE, SILENCE)
    assert talk.said == ("no_input.second", "consent.keys")
    talk.hears(SILENCE)
    assert (talk.said, talk.ending, talk.effects) == (("goodbye.no_answer",), Ending.GIVEN_UP, [])


def test_without_ears_the_keys_are_explained_at_once() -> None:
    talk = call(Key("1"), DEAF)
    assert talk.said == ("no_match.use_keys", f"{A}.keys")
    assert talk.hears(Key("1")) == ("heard.bra", f"{B}.full")


def test_a_reply_says_why_it_was_not_understood() -> None:
    assert call(YES, sure("ja")).said == ("no_match.yes_no", f"{A}.short")
    assert call(YES, sure("bra bemötande men dålig återkoppling")).said[0] == "no_match.contradiction"


def test_a_key_that_means_nothing_here_is_told() -> None:
    assert call(YES, Key("7")).said == ("no_match.wrong_key", f"{A}.short")


# --- what always works -----------------------------------------------------------------------------------------------

HERE: dict[str, tuple[Outcome, ...]] = {
    "consent": (),
    "question": (YES,),
    "confirm": (YES, unsure("bra")),
    "reason": (YES, sure("dåligt")),
}
PROMPT = {"consent": "consent.full", "question": f"{A}.full", "confirm": "confirm.bra.full", "reason": "reason.full"}


@pytest.mark.parametrize("where", HERE)
@pytest.mark.parametrize("stop", [Key("9"), sure("ring inte mer"), sure("sluta ring")])
def test_stop_stops(where: str, stop: Outcome) -> None:
    talk = call(*HERE[where], stop)
    assert (talk.said, talk.ending) == (("goodbye.opted_out",), Ending.OPTED_OUT)
    assert RecordOptOut() in talk.effects


@pytest.mark.parametrize("where", HERE)
@pytest.mark.parametrize("repeat", [Key("0"), Key("*"), sure("upprepa"), unsure("upprepa")])
def test_repeat_repeats(where: str, repeat: Outcome) -> None:
    assert call(*HERE[where], repeat).said[0] == PROMPT[where]


@pytest.mark.parametrize("where", ["question", "confirm", "reason"])
@pytest.mark.parametrize("skip", [Key("#"), sure("hoppa över")])
def test_skip_skips(where: str, skip: Outcome) -> None:
    assert call(*HERE[where], skip).said[-1] == f"{B}.full"


@pytest.mark.parametrize("where", ["consent", "question", "confirm"])
def test_who_is_it_is_answered(where: str) -> None:
    said = call(*HERE[where], sure("vem är det")).said
    assert said[:2] == ("identification", "who.full")
    assert len(said) == 3


@pytest.mark.parametrize("where", HERE)
def test_an_unsure_stop_is_asked_about_and_a_no_to_that_answers_nothing_else(where: str) -> None:
    talk = call(*HERE[where], unsure("ring inte mer"))
    assert talk.said == ("no_match.stop_question",)
    talk.hears(sure("nej"))
    assert (talk.ending, RecordOptOut() in talk.effects) == (None, False)
    assert talk.said[0] == PROMPT[where].replace("full", "short")
    again = call(*HERE[where], unsure("ring inte mer"), YES)
    assert again.ending is Ending.OPTED_OUT


@pytest.mark.parametrize("no", [sure("nej"), sure("nej tack"), Key("2"), sure("två")])
def test_a_no_to_the_first_question_is_a_no_to_this_survey_alone(no: Outcome) -> None:
    talk = call(no)
    assert (talk.said, talk.ending) == (("goodbye.refused",), Ending.DECLINED)
    assert RecordOptOut() not in talk.effects


@pytest.mark.parametrize("yes", [sure("ja"), sure("ja det går bra"), sure("okej"), sure("absolut"), Key("1")])
def test_many_words_are_a_yes(yes: Outcome) -> None:
    assert call(yes).said == ("how_to_answer", f"{A}.full")


@pytest.mark.parametrize("maybe", [unsure("ja"), unsure("nej"), unsure("bra"), mumbled("nej"), Key("#")])
def test_nobody_has_agreed_or_refused_before_it_is_sure(maybe: Outcome) -> None:
    talk = call(maybe)
    assert (talk.said[-1], talk.effects) == ("consent.short", [])


# --- what went wrong, and a comment --------------------------------------------------------------------------------


@pytest.mark.parametrize("which", [Key("3"), sure("tre")])
def test_a_reason_by_key_or_by_its_number(which: Outcome) -> None:
    talk = call(YES, sure("dåligt"), which)
    assert RecordReason("bemotande", "svart_att_na", "") in talk.effects
    assert talk.said == ("heard.reason", f"{B}.full")


def test_own_words_are_kept_where_they_become_text() -> None:
    words = "de ringde aldrig tillbaka till mig"
    talk = call(YES, sure("dåligt"), unsure(words), transcribes=True)
    assert RecordReason("bemotande", "", words) in talk.effects
    deaf = call(YES, sure("dåligt"), unsure(words))
    assert deaf.said[:2] == ("no_match.unknown", "reason.short")


def test_bra_when_asked_what_went_wrong_may_be_a_correction() -> None:
    talk = call(YES, sure("dåligt"), sure("bra"))
    assert talk.said == ("confirm.bra.full",)
    assert talk.hears(YES) == ("heard.changed", f"{B}.full")
    assert talk.answers == {"bemotande": Rating.BRA}


def test_a_comment_is_asked_for_only_where_it_becomes_text() -> None:
    talk = call(*keys("1111"), transcribes=True)
    assert talk.said == ("heard.bra", "comment.full")
    assert talk.dialogue.expecting is Expecting.COMMENT
    assert talk.hears(endless("ni var så vänliga när jag ringde")) == ("heard.comment", "thanks.completed")
    assert RecordComment("ni var så vänliga när jag ringde") in talk.effects


@pytest.mark.parametrize("nothing", [SILENCE, Key("#"), sure("nej tack")])
def test_nobody_is_pressed_for_a_comment(nothing: Outcome) -> None:
    talk = call(*keys("1111"), nothing, transcribes=True)
    assert talk.said == ("thanks.completed",)
    assert not any(isinstance(effect, RecordComment) for effect in talk.effects)


def test_yes_to_a_comment_is_an_invitation_to_talk() -> None:
    assert call(*keys("1111"), YES, transcribes=True).said == ("comment.go_ahead",)


# --- surveys that began elsewhere ------------------------------------------------------------------------------------


def survey(*events: object) -> Session:
    session = start(QUESTIONS, permission_wanted=True)
    for event in events:
        session = advance(session, event, SCRIPT).session  # type: ignore[arg-type]
    return session


def test_a_survey_begun_in_the_chat_goes_on_where_it_was() -> None:
    unsure_words = Replied("sådär", Interpretation(ReplyKind.NO_MATCH, Rating.OK, 0.5, Unclear.UNSURE))
    talk = call(YES, session=survey(Accepted(), unsure_words))
    assert talk.said == ("how_to_answer", f"{A}.full")  # what was typed is not asked about here
    assert talk.hears(Key("1")) == ("heard.bra", f"{B}.full")


def test_what_one_call_left_to_be_confirmed_is_no_question_of_the_next() -> None:
    left = call(YES, unsure("dåligt")).dialogue.session
    talk = call(YES, session=left)
    assert talk.said == ("how_to_answer", f"{A}.full")
    talk.hears(YES)
    assert (talk.said[0], talk.answers) == ("no_match.yes_no", {})


@pytest.mark.parametrize("said", [(), (sure("bra"),)])
def test_nor_is_what_was_wrong_with_an_answer_of_the_last_call(said: tuple[Outcome, ...]) -> None:
    left = call(YES, sure("dåligt"), *said).dialogue.session
    talk = call(YES, session=left)
    assert talk.said == ("how_to_answer", f"{B}.full")
    assert talk.answers == {}
    assert not any(isinstance(effect, RecordReason) for effect in talk.effects)


def test_a_chats_own_question_is_not_asked_on_the_phone() -> None:
    talk = call(*keys("1111"), session=survey())
    assert talk.dialogue.session.stage is Stage.DONE
    assert talk.said == ("heard.bra", "thanks.completed")


def test_an_answered_survey_is_not_asked_again() -> None:
    done = call(*keys("1111")).dialogue.session
    assert (call(session=done).said, call(session=done).ending) == (
        ("goodbye.already_answered",),
        Ending.ALREADY_DONE,
    )
    only_why = call(*keys("1113")).dialogue.session
    assert (only_why.stage, call(session=only_why).said) == (Stage.REASON, ("goodbye.already_answered",))
    closed = call(Key("9")).dialogue.session
    assert call(session=closed).said == ("goodbye.closed",)


def test_hanging_up_ends_it() -> None:
    assert call(YES, Gone()).ending is Ending.HUNG_UP


def test_the_same_unsure_stop_twice_is_a_stop() -> None:
    assert call(YES, unsure("ring inte mer"), unsure("ring inte mer")).ending is Ending.OPTED_OUT


def test_no_key_but_nine_answers_whether_to_stop_calling() -> None:
    talk = call(YES, unsure("ring inte mer"), Key("1"))
    assert (talk.said, talk.answers, talk.ending) == ((f"{A}.short",), {}, None)


def test_without_ears_there_is_no_comment() -> None:
    assert call(*keys("1111"), DEAF, transcribes=True).said == ("thanks.completed",)
