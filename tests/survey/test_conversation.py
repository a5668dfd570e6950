"""The state machine by example: what is asked, stored and said."""

import json
from dataclasses import replace

import pytest

from models.conversation import (
    Accepted,
    Ask,
    AskComment,
    AskPermission,
    AskReason,
    Confirm,
    Confirmed,
    Corrected,
    Declined,
    Effect,
    Event,
    Finish,
    FollowUp,
    HungUp,
    Offered,
    OptedOut,
    PermissionGiven,
    Rated,
    ReasonChosen,
    RecordAnswer,
    RecordComment,
    RecordOptOut,
    RecordPermission,
    RecordReason,
    Remind,
    Reminded,
    Replied,
    Reprompt,
    Say,
    Script,
    Session,
    Skipped,
    Stage,
    TimedOut,
)
from models.rating import Interpretation, Rating, ReplyKind, Unclear
from models.survey import Disposition
from survey.conversation import advance, dump, load, start

A, B, C = "bemotande", "tillganglighet", "leverans"
BRA, OK, DALIGT = Rating.BRA, Rating.OK, Rating.DALIGT
SCRIPT = Script(reasons=("inte_atgardat", "annat"))


def typed(text: str, kind: ReplyKind = ReplyKind.RATING, rating: Rating | None = None, **more: object) -> Replied:
    unclear = more.get("unclear")
    return Replied(text, Interpretation(kind, rating, 0.9, unclear), more.get("yes_no"))  # type: ignore[arg-type]


BRA_TYPED = typed("jättebra", rating=BRA)
DALIGT_TYPED = typed("dåligt", rating=DALIGT)
STOP = typed("stopp", ReplyKind.OPT_OUT)
SKIP = typed("vet inte", ReplyKind.SKIP)
UNKNOWN = typed("fisk", ReplyKind.NO_MATCH, unclear=Unclear.UNKNOWN)
UNSURE = typed("inge vidre", ReplyKind.NO_MATCH, DALIGT, unclear=Unclear.UNSURE)
YES = typed("ja", ReplyKind.NO_MATCH, unclear=Unclear.UNKNOWN, yes_no=True)
NO = typed("nej tack", ReplyKind.NO_MATCH, unclear=Unclear.UNKNOWN, yes_no=False)


def walk(
    *events: Event, permission: bool = False, script: Script = SCRIPT, session: Session | None = None
) -> tuple[Session, tuple[Effect, ...]]:
    """Where the events lead, and what the last one caused. The session is stored and loaded between any two."""
    session = session or start((A, B, C), permission)
    effects: tuple[Effect, ...] = ()
    for event in events:
        session, effects = (step := advance(session, event, script)).session, step.effects
        session = load(json.loads(json.dumps(dump(session))))
    return session, effects


ANSWERED = (Accepted(), Rated(A, BRA), Rated(B, OK), Rated(C, BRA))
IN_STAGE = {
    Stage.INVITED: (),
    Stage.QUESTION: (Accepted(),),
    Stage.CONFIRM: (Accepted(), UNSURE),
    Stage.REASON: (Accepted(), Rated(A, DALIGT)),
    Stage.COMMENT: ANSWERED,
    Stage.PERMISSION: (*ANSWERED, NO),
    Stage.DONE: (*ANSWERED, NO, PermissionGiven(True)),
}


def test_opening_introduces_us_and_asks_the_first_question() -> None:
    assert walk(Accepted())[1] == (Say("welcome"), Ask(A, 1, 3))


def test_three_ratings_a_comment_and_thanks() -> None:
    session, effects = walk(*ANSWERED)
    assert effects == (RecordAnswer(C, BRA, "bra", 1.0), AskComment())
    remark = typed("Tack för snabb hjälp", ReplyKind.NO_MATCH, unclear=Unclear.UNKNOWN)
    session, effects = walk(remark, session=session)
    assert effects == (RecordComment("Tack för snabb hjälp"), Say("thanks"), Finish(Disposition.COMPLETED))
    assert session.stage is Stage.DONE


@pytest.mark.parametrize("event", [NO, SKIP, Skipped(stage=Stage.COMMENT), Skipped()])
def test_no_comment_is_wanted_from_those_who_have_none(event: Event) -> None:
    assert walk(*ANSWERED, event)[1] == (Say("thanks"), Finish(Disposition.COMPLETED))


def test_a_no_that_goes_on_is_a_comment() -> None:
    text = "nej, men jag fick ringa tre gånger"
    effects = walk(*ANSWERED, typed(text, ReplyKind.NO_MATCH, unclear=Unclear.UNKNOWN, yes_no=False))[1]
    assert effects[0] == RecordComment(text)


def test_a_yes_to_the_comment_prompt_is_no_comment() -> None:
    assert walk(*ANSWERED, YES)[1] == (Say("comment_go_ahead"),)


def test_permission_is_asked_last_and_only_where_wanted() -> None:
    assert walk(*ANSWERED, NO, permission=True)[1] == (AskPermission(),)
    session, effects = walk(*ANSWERED, NO, YES, permission=True)
    assert effects == (RecordPermission(True), Say("thanks"), Finish(Disposition.COMPLETED))
    assert walk(PermissionGiven(True), session=session)[1] == ()
    assert walk(PermissionGiven(False), session=session)[1] == (RecordPermission(False), Say("permission_withdrawn"))


def test_a_daligt_asks_once_what_went_wrong() -> None:
    effects = walk(Accepted(), Rated(A, DALIGT))[1]
    assert effects == (RecordAnswer(A, DALIGT, "dåligt", 1.0), AskReason(A, SCRIPT.reasons))
    session, effects = walk(Accepted(), Rated(A, DALIGT), ReasonChosen(A, "annat"))
    assert effects == (RecordReason(A, "annat", ""), Ask(B, 2, 3))
    assert walk(Rated(B, DALIGT), session=session)[1] == (RecordAnswer(B, DALIGT, "dåligt", 1.0), Ask(C, 3, 3))


def test_each_daligt_can_be_asked_about_or_none() -> None:
    each = Script(reasons=("annat",), follow_up=FollowUp.EACH)
    after_two = (Accepted(), Rated(A, DALIGT), ReasonChosen(A, "annat"), Rated(B, DALIGT))
    assert walk(*after_two, script=each)[1][-1] == AskReason(B, ("annat",))
    never = Script(reasons=("annat",), follow_up=FollowUp.NEVER)
    assert walk(Accepted(), Rated(A, DALIGT), script=never)[1][-1] == Ask(B, 2, 3)


def test_the_reason_may_come_in_own_words_or_not_at_all() -> None:
    words = typed("de ringde aldrig tillbaka", rating=DALIGT)
    effects = walk(Accepted(), DALIGT_TYPED, words)[1]
    assert effects == (RecordReason(A, "", "de ringde aldrig tillbaka"), Ask(B, 2, 3))
    assert walk(Accepted(), DALIGT_TYPED, Skipped(A, Stage.REASON))[1] == (Ask(B, 2, 3),)


def test_a_second_tap_on_skip_does_not_skip_the_next_question() -> None:
    skip_reason = Skipped(A, Stage.REASON)
    assert walk(Accepted(), DALIGT_TYPED, skip_reason, skip_reason)[1] == ()


def test_a_reason_is_recorded_late_and_once() -> None:
    late = (Accepted(), Rated(A, DALIGT), Skipped(A, Stage.REASON), ReasonChosen(A, "annat"))
    assert walk(*late)[1] == (RecordReason(A, "annat", ""),)
    assert walk(*late, ReasonChosen(A, "annat"))[1] == ()
    assert walk(*late, ReasonChosen(A, "inte_atgardat"))[1] == (RecordReason(A, "inte_atgardat", ""),)


def test_a_rating_in_reply_to_what_went_wrong_is_asked_about() -> None:
    session, effects = walk(Accepted(), DALIGT_TYPED, BRA_TYPED)
    assert effects == (Confirm(A, BRA),)
    assert walk(YES, session=session)[1] == (
        RecordAnswer(A, BRA, "jättebra", 0.9, changed=True, was=DALIGT),
        Say("changed"),
        Ask(B, 2, 3),
    )
    assert walk(NO, session=session)[1] == (Ask(B, 2, 3),)


def test_a_daligt_sent_twice_is_no_reason() -> None:
    assert walk(Accepted(), DALIGT_TYPED, DALIGT_TYPED)[1] == (AskReason(A, SCRIPT.reasons),)


def test_unsure_is_confirmed_and_the_words_are_kept() -> None:
    session, effects = walk(Accepted(), UNSURE)
    assert effects == (Confirm(A, DALIGT),)
    for yes in (YES, Confirmed(True), Rated(A, DALIGT)):
        assert walk(yes, session=session)[1][0] == RecordAnswer(A, DALIGT, "inge vidre", 0.9)
    assert walk(NO, session=session)[1] == (Ask(A, 1, 3, again=True),)
    assert walk(BRA_TYPED, session=session)[1][0] == RecordAnswer(A, BRA, "jättebra", 0.9)


@pytest.mark.parametrize("leaves", [HungUp(), Accepted()])
def test_what_waits_to_be_confirmed_is_forgotten_by_who_leaves_or_comes_back(leaves: Event) -> None:
    session, _ = walk(Accepted(), UNSURE, leaves)
    assert (session.stage, session.pending) == (Stage.QUESTION, None)
    assert walk(YES, session=session)[1] == (Reprompt(A, Unclear.YES_NO, 2 if leaves == HungUp() else 1),)
    session, _ = walk(Accepted(), Rated(A, DALIGT), BRA_TYPED, leaves)
    assert (session.stage, session.pending) == (Stage.REASON, None)
    assert walk(Accepted(), session=session)[1] == (AskReason(A, SCRIPT.reasons),)


@pytest.mark.parametrize(
    "reply",
    [
        typed("ok", rating=OK),
        typed("ja, bra", rating=BRA, yes_no=True),
        typed("nej, dåligt", rating=DALIGT, yes_no=False),
    ],
)
def test_a_doubtful_confirmation_stores_nothing(reply: Replied) -> None:
    assert walk(Accepted(), UNSURE, reply)[1] == (Reprompt(A, Unclear.CONTRADICTION, 2),)


def test_three_misses_and_then_silence_with_the_buttons_left() -> None:
    events: list[Event] = [Accepted()]
    said = []
    for _ in range(5):
        events.append(UNKNOWN)
        said.append(walk(*events)[1])
    assert said == [*((Reprompt(A, Unclear.UNKNOWN, attempt),) for attempt in (1, 2, 3)), (), ()]
    assert walk(*events, Rated(A, BRA))[1] == (RecordAnswer(A, BRA, "bra", 1.0), Ask(B, 2, 3))


def test_skip_and_repeat() -> None:
    assert walk(Accepted(), SKIP)[1] == (RecordAnswer(A, None, "", 1.0), Ask(B, 2, 3))
    assert walk(Accepted(), typed("va?", ReplyKind.REPEAT))[1] == (Ask(A, 1, 3, again=True),)


def test_all_skipped_ends_without_more_questions_and_can_still_be_answered() -> None:
    session, effects = walk(Accepted(), Skipped(A), Skipped(B), Skipped(C), permission=True)
    assert effects[-2:] == (Say("thanks"), Finish(Disposition.BREAK_OFF))
    effects = walk(Rated(B, OK), session=session)[1]
    assert effects == (
        RecordAnswer(B, OK, "ok", 1.0, changed=True),
        Finish(Disposition.COMPLETED),
        Say("changed"),
    )


@pytest.mark.parametrize("stage", IN_STAGE)
@pytest.mark.parametrize("refusal", [STOP, OptedOut()])
def test_stop_stops_in_every_stage(stage: Stage, refusal: Event) -> None:
    before, _ = walk(*IN_STAGE[stage], permission=True)
    assert before.stage is stage
    session, effects = walk(refusal, session=before)
    assert effects == (RecordOptOut(), Say("opted_out"), Finish(Disposition.REFUSED))
    assert session.stage is Stage.CLOSED
    assert walk(typed("tack", ReplyKind.NO_MATCH), session=session)[1] == ()


@pytest.mark.parametrize("stage", IN_STAGE)
def test_a_no_to_this_survey_closes_it_and_nothing_else(stage: Stage) -> None:
    before, _ = walk(*IN_STAGE[stage], permission=True)
    session, effects = walk(Declined(), session=before)
    if stage is Stage.DONE:
        assert (session, effects) == (before, ())
        return
    rated = any(given.rating for given in before.given)
    end = Disposition.PARTIAL if rated else Disposition.REFUSED
    assert effects == (Say("declined"), Finish(end))
    assert session.stage is Stage.CLOSED
    assert walk(Declined(), session=session)[1] == ()
    assert walk(STOP, session=session)[1] == (RecordOptOut(), Say("opted_out"))


def test_stop_after_the_end_is_still_heard() -> None:
    session, _ = walk(*ANSWERED, TimedOut())
    assert walk(STOP, session=session)[1] == (RecordOptOut(), Say("opted_out"))


def test_a_change_is_said_and_loses_no_place() -> None:
    session, effects = walk(Accepted(), Rated(A, BRA), Rated(A, OK))
    assert effects == (RecordAnswer(A, OK, "ok", 1.0, changed=True, was=BRA), Say("changed"))
    assert (session.stage, session.current) == (Stage.QUESTION, B)
    assert walk(Rated(A, OK), session=session)[1] == ()


def test_a_change_to_daligt_after_the_end_asks_why_and_ends_again() -> None:
    done = (*ANSWERED, NO, Rated(C, DALIGT))
    session, effects = walk(*done)
    assert effects[-1] == AskReason(C, SCRIPT.reasons)
    session, effects = walk(ReasonChosen(C, "annat"), session=session)
    assert effects == (RecordReason(C, "annat", ""), Say("noted"))
    assert session.stage is Stage.DONE


def test_taps_out_of_order_bring_back_the_question_that_waits() -> None:
    session, effects = walk(Accepted(), Rated(C, BRA))
    assert effects == (RecordAnswer(C, BRA, "bra", 1.0), Ask(A, 1, 3, again=True))
    assert walk(Rated(A, BRA), Rated(B, BRA), session=session)[1][-1] == AskComment()


def test_a_stale_skip_takes_no_answer_back() -> None:
    assert walk(Accepted(), Rated(A, BRA), Skipped(A))[1] == ()


def test_an_edit_is_read_anew() -> None:
    answered = (Accepted(), BRA_TYPED)
    edit = Corrected(A, "sådär", Interpretation(ReplyKind.RATING, OK, 0.9))
    assert walk(*answered, edit)[1] == (RecordAnswer(A, OK, "sådär", 0.9, changed=True, was=BRA), Say("changed"))
    unclear = Corrected(A, "bra men dåligt", Interpretation(ReplyKind.NO_MATCH, unclear=Unclear.CONTRADICTION))
    assert walk(*answered, unclear)[1] == (Reprompt(A, Unclear.CONTRADICTION, 1),)


def test_coming_back_goes_on_where_it_stopped() -> None:
    assert walk(Accepted(), Rated(A, BRA), Accepted())[1] == (Ask(B, 2, 3, again=True),)
    assert walk(*ANSWERED, NO, Accepted())[1] == (Say("already_done"),)
    assert walk(*ANSWERED, TimedOut(), Accepted())[1] == (Say("already_closed"),)


def test_an_offered_survey_counts_as_opened_only_when_somebody_answers() -> None:
    session, effects = walk(Offered())
    assert effects == (Say("welcome_again"), Ask(A, 1, 3))
    assert walk(TimedOut(), session=session)[1] == (Finish(Disposition.NO_CONTACT),)
    assert walk(Offered(), session=session)[1] == ()
    assert walk(BRA_TYPED, session=session)[1] == (RecordAnswer(A, BRA, "jättebra", 0.9), Ask(B, 2, 3))


def test_the_reminder_asks_for_what_is_missing() -> None:
    assert walk(Accepted(), Rated(A, DALIGT), Reminded())[1] == (Remind(), Ask(B, 2, 3, again=True))
    assert walk(*ANSWERED, Reminded())[1] == ()
    assert walk(*ANSWERED, NO, Reminded())[1] == ()


@pytest.mark.parametrize(
    ("events", "disposition"),
    [
        ((), Disposition.NO_CONTACT),
        ((Accepted(),), Disposition.BREAK_OFF),
        ((Accepted(), Rated(A, OK)), Disposition.PARTIAL),
        (ANSWERED, Disposition.COMPLETED),
        ((*ANSWERED, NO), Disposition.COMPLETED),
    ],
)
def test_the_deadline_closes_without_a_word(events: tuple[Event, ...], disposition: Disposition) -> None:
    session, effects = walk(*events, TimedOut())
    assert effects == (Finish(disposition),)
    assert session.stage is Stage.CLOSED


def test_other_data_is_no_session() -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        load({"questions": ["a"], "stage": "nowhere"})
    assert load(dump(replace(start((A,), False), pending=OK))).pending is OK


def test_a_session_from_an_older_version_is_still_read() -> None:
    assert load({"questions": [A], "stage": "question", "current": A}).comment_settled is False
