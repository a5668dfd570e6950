"""Typed replies that don't answer what was asked: yes and no, questions back, and what comes after the thanks."""

import pytest

from models.conversation import (
    Accepted,
    AskPermission,
    AskReason,
    Confirm,
    Effect,
    Event,
    Finish,
    PermissionGiven,
    Rated,
    RecordAnswer,
    RecordComment,
    RecordReason,
    Replied,
    Reprompt,
    Say,
    Script,
    Skipped,
    Stage,
)
from models.rating import Rating, Unclear
from models.survey import Disposition
from omdome.lexicons import load_lexicon
from survey.conversation import advance, start
from workflow.converse import understood

A, B, C = "bemotande", "tillganglighet", "leverans"
SCRIPT = Script(reasons=("inte_atgardat", "annat"))
LEXICON = load_lexicon("sv")
DISSATISFIED = (Accepted(), Rated(A, Rating.DALIGT))
RATED = (Accepted(), Rated(A, Rating.BRA), Rated(B, Rating.BRA), Rated(C, Rating.BRA), Skipped(stage=Stage.COMMENT))
DONE = (*RATED, PermissionGiven(False))


def typed(text: str) -> Replied:
    return understood(text, LEXICON)


def effects_of(*events: Event) -> tuple[Effect, ...]:
    """What the last one causes."""
    session, effects = start((A, B, C), True), ()
    for event in events:
        session, effects = (step := advance(session, event, SCRIPT)).session, step.effects
    return effects


@pytest.mark.parametrize("text", ["ja", "nej", "ja det var det", "jadå"])
def test_a_yes_or_no_is_an_answer_and_gets_a_kind_word_before_the_buttons(text: str) -> None:
    assert effects_of(Accepted(), typed(text)) == (Reprompt(A, Unclear.YES_NO, 1),)


def test_a_question_back_is_no_reason_but_is_kept_and_answered() -> None:
    question = typed("vad menar du med det?")
    told = (Say("question_back"), AskReason(A, SCRIPT.reasons))
    assert effects_of(*DISSATISFIED, question) == (RecordComment("vad menar du med det?"), *told)
    assert effects_of(*DISSATISFIED, typed("?")) == told
    assert effects_of(*DISSATISFIED, question, question)[0] == RecordReason(A, "", "vad menar du med det?")


def test_a_question_back_at_the_end_is_kept_and_answered() -> None:
    question = typed("när kommer ni och lagar?")
    kept = (RecordComment("när kommer ni och lagar?"), Say("question_back"))
    assert effects_of(*RATED, question) == (*kept, AskPermission())
    assert effects_of(*RATED, question, question) == (*kept, Say("thanks"), Finish(Disposition.COMPLETED))


def test_after_the_thanks_remarks_are_kept_and_small_talk_is_answered_once() -> None:
    for remark in ("förresten är lampan trasig igen", "tack för snabb hjälp"):
        assert effects_of(*DONE, typed(remark)) == (RecordComment(remark), Say("remark_noted"))
    assert effects_of(*DONE, typed("tack")) == (Say("already_done"),)
    assert effects_of(*DONE, typed("tack"), typed("hej")) == ()
    assert effects_of(*DONE, typed("inget mer")) == (Say("already_done"),)


def test_another_rating_after_the_thanks_is_told_every_time_how_to_change_an_answer() -> None:
    assert effects_of(*DONE, typed("tack"), typed("dåligt"), typed("dåligt")) == (Say("already_done"),)
    assert effects_of(*DONE, typed("tack"), typed("bra")) == ()
    complaint = "nej det var riktigt dåligt"
    told = effects_of(*DONE, typed("tack"), typed(complaint))
    assert told == (RecordComment(complaint), Say("already_done"))
    assert not any(isinstance(effect, RecordAnswer) for effect in told)


@pytest.mark.parametrize("text", ["ja bra", "nej, okej", "nej, bra"])
def test_a_yes_that_names_another_rating_changes_nothing(text: str) -> None:
    changing = (*DISSATISFIED, typed("okej"))
    assert effects_of(*changing) == (Confirm(A, Rating.OK),)
    assert isinstance(effects_of(*changing, typed("ja okej"))[0], RecordAnswer)
    assert not any(isinstance(effect, RecordAnswer) for effect in effects_of(*changing, typed(text)))
