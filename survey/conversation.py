"""The one state machine behind chat, web, terminal and phone.

    session = start(("bemotande", "tillganglighet", "leverans"), permission_wanted=True)
    step = advance(session, Accepted(), script)      # Step(session, (Say("welcome"), Ask(...)))

Pure: no clock, no texts. Rules worth knowing (docs/adr/0004-one-state-machine.md says why):

- the earliest unanswered question is what is asked; answers may come in any order and be changed until CLOSED;
- the same thing twice does nothing; a change is confirmed in words;
- "did you mean …?" is forgotten when they hang up or come back: the question is asked anew;
- a reply that isn't understood is asked about three times, then the bot keeps quiet and the buttons stay;
- a "stopp" stops everything in every stage; where free text was wanted, its words are kept as well.
"""

from dataclasses import replace

from models.conversation import (
    Accepted,
    Confirmed,
    Corrected,
    Declined,
    Event,
    Finish,
    HungUp,
    Offered,
    OptedOut,
    PermissionGiven,
    Rated,
    ReasonChosen,
    Remind,
    Reminded,
    Replied,
    Reprompt,
    Say,
    Script,
    Session,
    Skipped,
    Stage,
    Step,
    TimedOut,
)
from models.rating import Rating, ReplyKind, Unclear
from models.survey import Disposition
from survey.answering import (
    NOTHING_PENDING,
    after,
    ask,
    close,
    confirm,
    decline,
    give_reason,
    opt_out,
    permit,
    proceed,
    rate,
    skip,
    waiting,
)
from survey.replies import is_kind, kept_words, question_reply, replied
from survey.session import dump, first_unanswered, is_given, load, outcome, rating_of, start

__all__ = ["advance", "dump", "load", "start"]


def advance(session: Session, event: Event, script: Script) -> Step:
    """What the event makes of the session, and what is now to be done, in order. Never raises for any event."""
    if isinstance(event, OptedOut):
        return opt_out(session)
    if isinstance(event, Replied | Corrected) and is_kind(event, ReplyKind.OPT_OUT):
        return after(kept_words(session, event), opt_out(session))
    if session.stage is Stage.CLOSED:
        return _closed(session, event)
    match event:
        case Offered():
            return _offered(session)
        case Accepted():
            return _accepted(session, script)
        case Reminded():
            return _reminded(session)
        case Declined():
            return decline(session)
        case TimedOut():
            end = outcome(session)
            return Step(close(session, end), (Finish(end),))
        case HungUp():
            return Step(_unconfirmed(session))
    return _said(_opened(session), event, script)


def _said(session: Session, event: Event, script: Script) -> Step:
    """What a respondent can say or tap."""
    match event:
        case Replied():
            return replied(session, event, script)
        case Rated(question, rating) if question in session.questions:
            return _rated(session, script, question, rating)
        case Corrected() if event.question in session.questions:
            return _corrected(session, event, script)
        case Skipped():
            return _skipped(session, event, script)
        case ReasonChosen(question, code):
            return _reason_chosen(session, script, question, code)
        case Confirmed(yes) if session.stage is Stage.CONFIRM:
            return confirm(session, script, yes)
        case PermissionGiven(yes):
            return permit(session, script, yes)
    return Step(session)


# --- opening, reminding, after the end ---------------------------------------------------------------------------


def _opened(session: Session) -> Session:
    if session.stage is not Stage.INVITED:
        return session
    return replace(session, stage=Stage.QUESTION, current=first_unanswered(session))


def _offered(session: Session) -> Step:
    if session.stage is not Stage.INVITED or session.current:
        return Step(session)
    offered = replace(session, current=session.questions[0])
    return Step(offered, (Say("welcome_again"), ask(offered, session.questions[0])))


def _accepted(session: Session, script: Script) -> Step:
    if session.stage is Stage.INVITED and session.current is None:
        opened = _opened(session)
        return Step(opened, (Say("welcome"), ask(opened, session.questions[0])))
    session = _unconfirmed(_opened(session))
    return Step(replace(session, misses=0), waiting(session, script))


def _unconfirmed(session: Session) -> Session:
    """Without what waited to be confirmed: "is that right?" is answered at once or not at all, never in another call
    or by somebody who opens the link again, who would say yes to something they weren't asked."""
    if session.stage is not Stage.CONFIRM:
        return session
    stage = Stage.REASON if is_given(session, session.current or "") else Stage.QUESTION
    return replace(session, stage=stage, **NOTHING_PENDING)


def _reminded(session: Session) -> Step:
    """Only about a rating that is missing, in a survey they know of: nobody is chased for a comment or a reason."""
    question = first_unanswered(session)
    unknown = session.stage is Stage.INVITED and session.current is None
    if question is None or unknown or session.disposition is not None:
        return Step(session)
    stage = Stage.INVITED if session.stage is Stage.INVITED else Stage.QUESTION
    asked = replace(session, stage=stage, current=question, misses=0, **NOTHING_PENDING)
    return Step(asked, (Remind(), ask(asked, question, again=True)))


def _closed(session: Session, event: Event) -> Step:
    silent = isinstance(event, Offered | Reminded | TimedOut | HungUp | Corrected | Declined)
    # somebody who told us to stop and then writes "tack" is to be left alone
    refused = session.disposition is Disposition.REFUSED and isinstance(event, Replied)
    return Step(session, () if silent or refused else (Say("already_closed"),))


# --- taps and edits ------------------------------------------------------------------------------------------------


def _rated(session: Session, script: Script, question: str, rating: Rating) -> Step:
    confirming = session.stage is Stage.CONFIRM and session.current == question and session.pending is rating
    if confirming:
        return confirm(session, script, yes=True)
    return rate(session, script, question, rating, rating.value)


def _corrected(session: Session, event: Corrected, script: Script) -> Step:
    """An edited reply is read anew. What it no longer clearly says is asked about, never guessed."""
    question, understood = event.question, event.understood
    if understood.kind is ReplyKind.RATING and understood.rating:
        return rate(session, script, question, understood.rating, event.text, understood.confidence)
    if not is_given(session, question):
        here = session.stage in (Stage.QUESTION, Stage.CONFIRM) and session.current == question
        return question_reply(session, Replied(event.text, understood), script) if here else Step(session)
    if understood.kind is ReplyKind.NO_MATCH and rating_of(session, question) is not None:
        return Step(session, (Reprompt(question, understood.unclear or Unclear.UNKNOWN, 1),))
    return Step(session)


def _skipped(session: Session, event: Skipped, script: Script) -> Step:
    if event.stage not in (None, session.stage) or (event.stage is Stage.REASON and event.question != session.current):
        return Step(session)
    if event.question is not None and event.stage is None:
        return skip(session, script, event.question) if event.question in session.questions else Step(session)
    match session.stage:
        case Stage.QUESTION | Stage.CONFIRM if session.current and not is_given(session, session.current):
            return skip(session, script, session.current)
        case Stage.COMMENT:
            return proceed(replace(session, comment_settled=True), script)
        case Stage.PERMISSION:
            return proceed(replace(session, permission_wanted=False), script)
        case Stage.DONE:
            return Step(session)
    return proceed(session, script)


def _reason_chosen(session: Session, script: Script, question: str, code: str) -> Step:
    known = code in script.reasons and (question, code) not in session.reasons
    if not known or rating_of(session, question) is not Rating.DALIGT:
        return Step(session)
    return give_reason(session, script, question, code, "")
