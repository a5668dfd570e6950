"""The moves that every stage of the conversation shares: go on, rate, skip, give a reason, stop."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from models.conversation import (
    Ask,
    AskComment,
    AskPermission,
    AskReason,
    Confirm,
    Effect,
    Finish,
    FollowUp,
    RecordAnswer,
    RecordOptOut,
    RecordPermission,
    RecordReason,
    Say,
    Script,
    Session,
    Stage,
    Step,
)
from models.rating import Rating
from models.survey import Disposition
from survey.session import any_rated, first_unanswered, is_given, outcome, rating_of, with_given

#: What a session forgets when nothing waits to be confirmed.
NOTHING_PENDING: Mapping[str, Any] = {"pending": None, "pending_reply": "", "pending_confidence": 1.0}


def ask(session: Session, question: str, again: bool = False) -> Ask:
    return Ask(question, session.questions.index(question) + 1, len(session.questions), again)


def proceed(session: Session, script: Script) -> Step:
    """On to the next thing that is still wanted; the end if nothing is. A finished survey just stays finished."""
    session = replace(session, misses=0, current=first_unanswered(session), **NOTHING_PENDING)
    if session.disposition is not None:
        return Step(replace(session, stage=Stage.DONE, current=None))
    if session.current is not None:
        return Step(replace(session, stage=Stage.QUESTION), (ask(session, session.current),))
    if any_rated(session):
        if not session.comment_settled:
            return Step(replace(session, stage=Stage.COMMENT), (AskComment(),))
        if session.permission_wanted:
            return Step(replace(session, stage=Stage.PERMISSION), (AskPermission(),))
    end = outcome(session)
    return Step(replace(session, stage=Stage.DONE, disposition=end), (Say("thanks"), Finish(end)))


def waiting(session: Session, script: Script) -> tuple[Effect, ...]:
    """The present prompt, once more."""
    question = session.current
    match session.stage:
        case Stage.QUESTION if question:
            return (ask(session, question, again=True),)
        case Stage.CONFIRM if question and session.pending:
            return (Confirm(question, session.pending),)
        case Stage.REASON if question:
            return (AskReason(question, script.reasons),)
        case Stage.COMMENT:
            return (AskComment(),)
        case Stage.PERMISSION:
            return (AskPermission(),)
        case Stage.DONE:
            return (Say("already_done"),)
    return (Say("already_closed"),)


def rate(session: Session, script: Script, question: str, rating: Rating, reply: str, confidence: float = 1.0) -> Step:
    """Take a rating for any question at any time before the end: an answer, or a change of one.

    The same rating once more changes nothing, and a rating elsewhere never costs the respondent their place.
    """
    answered, was = is_given(session, question), rating_of(session, question)
    if answered and was is rating:
        return Step(session)
    here = session.current == question and session.stage in (Stage.QUESTION, Stage.CONFIRM, Stage.REASON)
    rated = with_given(session, question, rating)
    effects: tuple[Effect, ...] = (RecordAnswer(question, rating, reply, confidence, changed=answered, was=was),)
    if rated.disposition is Disposition.BREAK_OFF:
        rated = replace(rated, disposition=Disposition.COMPLETED)
        effects += (Finish(Disposition.COMPLETED),)
    if answered:
        effects += (Say("changed"),)
    if rating is Rating.DALIGT and _reason_wanted(rated, script, question):
        asking = replace(rated, stage=Stage.REASON, current=question, misses=0, **NOTHING_PENDING)
        return Step(
            replace(asking, reason_asked=True),
            (*effects, AskReason(question, script.reasons)),
        )
    if here:
        return after(effects, proceed(rated, script))
    return after(effects, _stay(rated, script, repeat_prompt=not answered))


def skip(session: Session, script: Script, question: str) -> Step:
    """Leave a question unrated. An answer is never taken back by a skip: that would be a stale button."""
    if is_given(session, question):
        return Step(session)
    here = session.current == question
    skipped = with_given(session, question, None)
    effects = (RecordAnswer(question, None, "", 1.0),)
    return after(effects, proceed(skipped, script) if here else _stay(skipped, script, repeat_prompt=True))


def _stay(session: Session, script: Script, repeat_prompt: bool) -> Step:
    """Where we were. After an answer out of order the question that still waits is shown again, below it."""
    in_question = session.stage in (Stage.QUESTION, Stage.CONFIRM)
    return Step(session, waiting(session, script) if in_question and repeat_prompt else ())


def _reason_wanted(session: Session, script: Script, question: str) -> bool:
    if script.follow_up is FollowUp.FIRST:
        return not session.reason_asked
    return script.follow_up is FollowUp.EACH and all(given != question for given, _ in session.reasons)


def give_reason(session: Session, script: Script, question: str, code: str, text: str) -> Step:
    """Store what went wrong, now or late; then on, if that was what we waited for."""
    reasons = tuple(each for each in session.reasons if each[0] != question)
    told = replace(session, reasons=(*reasons, (question, code)))
    effects = (RecordReason(question, code, text),)
    if session.stage is not Stage.REASON or session.current != question:
        return Step(told, effects)
    finished = session.disposition is not None
    return after((*effects, Say("noted")) if finished else effects, proceed(told, script))


def opt_out(session: Session) -> Step:
    """Stop, now and for good. A refusal that comes after the end, or after a no to this survey, is still one."""
    if session.stage is Stage.CLOSED:
        return Step(session, (RecordOptOut(), Say("opted_out")))
    end = Disposition.REFUSED
    return Step(close(session, end), (RecordOptOut(), Say("opted_out"), Finish(end)))


def decline(session: Session) -> Step:
    """Not this time. What has been rated already still counts; of a finished survey no more is asked."""
    if session.disposition is not None and session.stage is Stage.DONE:
        return Step(session)
    if session.disposition is not None:
        done = replace(session, stage=Stage.DONE, current=None, misses=0, **NOTHING_PENDING)
        return Step(done, (Say("declined"),))
    end = Disposition.PARTIAL if any_rated(session) else Disposition.REFUSED
    return Step(close(session, end), (Say("declined"), Finish(end)))


def close(session: Session, end: Disposition) -> Session:
    return replace(session, stage=Stage.CLOSED, current=None, misses=0, disposition=end, **NOTHING_PENDING)


def after(effects: tuple[Effect, ...], step: Step) -> Step:
    """`step`, with `effects` before its own."""
    return Step(step.session, effects + step.effects)


def confirm(session: Session, script: Script, yes: bool) -> Step:
    """The answer to "did you mean …?"."""
    question = session.current or ""
    if yes and session.pending:
        return rate(session, script, question, session.pending, session.pending_reply, session.pending_confidence)
    if is_given(session, question):
        return proceed(session, script)
    asked = replace(session, stage=Stage.QUESTION, **NOTHING_PENDING)
    return Step(asked, (ask(asked, question, again=True),))


def permit(session: Session, script: Script, yes: bool) -> Step:
    """The answer to "may we ask about later cases here?", or, after the end, a change of mind about it."""
    told = replace(session, permission=yes, permission_wanted=False)
    if session.stage is Stage.PERMISSION:
        return after((RecordPermission(yes),), proceed(told, script))
    if session.stage is not Stage.DONE or session.permission is yes:
        return Step(session)
    return Step(told, (RecordPermission(yes), Say("permission_given" if yes else "permission_withdrawn")))
