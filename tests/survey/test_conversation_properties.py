"""The state machine under any sequence of events."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from models.conversation import (
    Accepted,
    Ask,
    AskReason,
    Confirmed,
    Corrected,
    Declined,
    Event,
    FollowUp,
    HungUp,
    Offered,
    OptedOut,
    PermissionGiven,
    Rated,
    ReasonChosen,
    RecordAnswer,
    RecordOptOut,
    RecordReason,
    Remind,
    Reminded,
    Replied,
    Script,
    Session,
    Skipped,
    Stage,
    TimedOut,
)
from models.rating import Interpretation, Rating, ReplyKind, Unclear
from survey.conversation import advance, dump, load, start
from survey.session import first_unanswered, is_given, rating_of

QUESTIONS = ("bemotande", "tillganglighet", "leverans")
questions = st.sampled_from((*QUESTIONS, "unknown"))
ratings = st.sampled_from(Rating)
stages = st.sampled_from(Stage)
understood = st.one_of(
    st.builds(Interpretation, st.just(ReplyKind.RATING), ratings, st.floats(0.5, 1)),
    st.builds(Interpretation, st.sampled_from((ReplyKind.SKIP, ReplyKind.REPEAT))),
    st.builds(Interpretation, st.just(ReplyKind.NO_MATCH), st.none() | ratings, unclear=st.sampled_from(Unclear)),
)
texts = st.sampled_from(("bra", "dåligt", "ja", "nej tack", "det tog stopp i brunnen", ""))
live_events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Replied, texts, understood, st.none() | st.booleans()),
    st.builds(Rated, questions, ratings),
    st.builds(Skipped, st.none() | questions, st.none() | stages),
    st.builds(Corrected, questions, texts, understood),
    st.builds(ReasonChosen, questions, st.sampled_from(("annat", "nonsense"))),
    st.builds(Confirmed, st.booleans()),
    st.builds(PermissionGiven, st.booleans()),
    st.sampled_from((Accepted(), Offered(), Reminded(), HungUp())),
)
events = st.one_of(live_events, live_events, live_events, st.sampled_from((Declined(), OptedOut(), TimedOut())))
scripts = st.builds(Script, reasons=st.just(("annat",)), follow_up=st.sampled_from(FollowUp))
sessions = st.builds(start, st.just(QUESTIONS), st.booleans())


def stored(session: Session) -> Session:
    return load(json.loads(json.dumps(dump(session))))


@given(sessions, scripts, st.lists(events, max_size=25))
@settings(max_examples=300, deadline=None)
def test_any_events(session: Session, script: Script, sequence: list[Event]) -> None:
    asked: str | None = None
    for event in sequence:
        before = session
        step = advance(session, event, script)
        session = step.session
        assert stored(session) == session
        assert advance(stored(before), event, script) == step
        if before.stage is Stage.CLOSED:
            assert session == before
            assert all(not isinstance(effect, RecordAnswer | RecordReason | Ask) for effect in step.effects)
        for effect in step.effects:
            if isinstance(effect, RecordAnswer):
                assert effect.question in QUESTIONS
                assert effect.changed == is_given(before, effect.question)
                assert effect.was is rating_of(before, effect.question)
                assert effect.rating is rating_of(session, effect.question)
            if isinstance(effect, Ask):
                assert effect.question == first_unanswered(session)
                repeated = effect.question == asked
                assert not repeated or effect.again, "the same question twice in a row without cause"
                asked = effect.question
            if isinstance(effect, AskReason):  # something else came in between
                asked = None
        _invariants(session)


def _invariants(session: Session) -> None:
    if session.stage is Stage.QUESTION:
        assert session.current == first_unanswered(session)
    if session.stage is Stage.CONFIRM:
        assert session.current is not None
        assert session.pending is not None
    else:
        assert session.pending is None
        assert (session.pending_reply, session.pending_confidence) == ("", 1.0)
    if session.stage is Stage.REASON:
        assert session.current is not None
        assert rating_of(session, session.current) is Rating.DALIGT
    if session.stage in (Stage.DONE, Stage.CLOSED):
        assert session.disposition is not None


idempotent = st.one_of(
    st.builds(Rated, questions, ratings),
    st.builds(Skipped, questions),
    st.builds(Skipped, questions, st.just(Stage.REASON)),
    st.builds(ReasonChosen, questions, st.just("annat")),
    st.sampled_from((Offered(), Skipped(stage=Stage.COMMENT), Skipped(stage=Stage.PERMISSION), TimedOut())),
)


@given(sessions, scripts, st.lists(live_events, max_size=12), idempotent)
@settings(max_examples=300, deadline=None)
def test_the_same_tap_twice_is_one_tap(session: Session, script: Script, sequence: list[Event], event: Event) -> None:
    for earlier in sequence:
        session = advance(session, earlier, script).session
    once = advance(session, event, script)
    twice = advance(once.session, event, script)
    assert twice.session == once.session
    assert twice.effects == ()


@given(sessions, scripts, st.lists(events, max_size=12))
@settings(max_examples=200, deadline=None)
def test_a_refusal_is_recorded_from_anywhere(session: Session, script: Script, sequence: list[Event]) -> None:
    refused = False
    for event in (*sequence, OptedOut()):
        step = advance(session, event, script)
        session = step.session
        refused = refused or any(isinstance(effect, RecordOptOut) for effect in step.effects)
    assert refused


@given(sessions, scripts, st.lists(events, max_size=12))
@settings(max_examples=200, deadline=None)
def test_nobody_is_reminded_of_what_they_have_answered(session: Session, script: Script, sequence: list[Event]) -> None:
    for event in sequence:
        session = advance(session, event, script).session
    effects = advance(session, Reminded(), script).effects
    reminded = any(isinstance(effect, Remind) for effect in effects)
    known = session.stage is not Stage.INVITED or session.current is not None
    assert reminded == (known and session.disposition is None and first_unanswered(session) is not None)
