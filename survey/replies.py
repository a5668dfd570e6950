"""Typed and spoken replies: what words mean at each stage of the conversation."""

from dataclasses import replace

from models.conversation import (
    AskPermission,
    Confirm,
    Corrected,
    RecordComment,
    Replied,
    Reprompt,
    Say,
    Script,
    Session,
    Stage,
    Step,
)
from models.rating import Interpretation, Rating, ReplyKind, Unclear
from survey.answering import after, ask, confirm, give_reason, permit, proceed, rate, skip, waiting
from survey.session import is_given, rating_of

MAX_REPROMPTS = 3
_REFUSAL_WORDS = 4  # "nej tack, inget mer"; "nej, men jag fick ringa tre gånger" is something to keep
_SMALL_TALK_WORDS = 2  # "tack", "ok då", "hej då": after the end, not worth storing as a comment
_TWO_VERDICTS = Interpretation(ReplyKind.NO_MATCH, unclear=Unclear.CONTRADICTION)


def is_kind(event: Replied | Corrected, kind: ReplyKind) -> bool:
    return event.understood.kind is kind


def words(text: str) -> int:
    return len(text.split())


def replied(session: Session, event: Replied, script: Script) -> Step:
    """A reply that is no opt-out, to a session that is open."""
    match session.stage:
        case Stage.QUESTION:
            return question_reply(session, event, script)
        case Stage.CONFIRM:
            return _confirm_reply(session, event, script)
        case Stage.REASON:
            return _reason_reply(session, event, script)
        case Stage.COMMENT:
            return _comment_reply(session, event, script)
        case Stage.PERMISSION:
            return _permission_reply(session, event, script)
    return _late_reply(session, event)


def question_reply(session: Session, event: Replied, script: Script) -> Step:
    """A reply to the current question."""
    question, understood = session.current or session.questions[0], event.understood
    if understood.kind is ReplyKind.RATING and understood.rating:
        return rate(session, script, question, understood.rating, event.text, understood.confidence)
    if understood.kind is ReplyKind.SKIP:
        return skip(session, script, question)
    if understood.kind is ReplyKind.REPEAT:
        return Step(session, (ask(session, question, again=True),))
    return _missed(session, question, event.text, understood)


def _missed(session: Session, question: str, text: str, understood: Interpretation) -> Step:
    attempt = min(session.misses, MAX_REPROMPTS) + 1
    missed = replace(session, stage=Stage.QUESTION, misses=attempt, pending=None, pending_reply="")
    if understood.unclear is Unclear.UNSURE and understood.rating:
        pending = replace(missed, stage=Stage.CONFIRM, pending=understood.rating, pending_reply=text)
        return Step(pending, (Confirm(question, understood.rating),))
    if attempt > MAX_REPROMPTS:
        return Step(missed)
    return Step(missed, (Reprompt(question, understood.unclear or Unclear.UNKNOWN, attempt),))


def _confirm_reply(session: Session, event: Replied, script: Script) -> Step:
    question, understood = session.current or "", event.understood
    if is_given(session, question):
        return _change_reply(session, event, script)
    if understood.kind is ReplyKind.RATING and understood.rating:
        if _contradicts(event, understood.rating, session.pending):
            return _missed(session, question, event.text, _TWO_VERDICTS)
        return rate(session, script, question, understood.rating, event.text, understood.confidence)
    if event.yes_no is not None:
        return confirm(session, script, event.yes_no)
    if understood.kind is ReplyKind.REPEAT:
        return Step(session, waiting(session, script))
    return question_reply(session, event, script)


def _change_reply(session: Session, event: Replied, script: Script) -> Step:
    """We asked what went wrong, heard a rating instead, and asked whether it is to be changed."""
    if event.yes_no is not None:
        return confirm(session, script, event.yes_no)
    if event.understood.kind is ReplyKind.RATING:
        return confirm(session, script, event.understood.rating is session.pending)
    return _reason_reply(replace(session, stage=Stage.REASON, pending=None, pending_reply="", misses=1), event, script)


def _contradicts(event: Replied, rating: Rating, pending: Rating | None) -> bool:
    """ "Menade du dåligt?" – "ja, bra"; "nej, dåligt"; or "ok", which may be a yes."""
    if rating is pending:
        return event.yes_no is False
    return event.yes_no is True or (rating is Rating.OK and event.yes_no is None)


def _reason_reply(session: Session, event: Replied, script: Script) -> Step:
    question, understood = session.current or "", event.understood
    if _declines(event):
        return proceed(session, script)
    if understood.kind is ReplyKind.REPEAT:
        return Step(session, waiting(session, script))
    bare_rating = understood.kind is ReplyKind.RATING and words(event.text) <= _SMALL_TALK_WORDS
    if bare_rating and understood.rating and session.misses == 0:
        if understood.rating is rating_of(session, question):  # the same "dåligt", sent twice
            return Step(replace(session, misses=1), waiting(session, script))
        pending = replace(session, stage=Stage.CONFIRM, pending=understood.rating, pending_reply=event.text, misses=1)
        return Step(pending, (Confirm(question, understood.rating),))
    return give_reason(session, script, question, "", event.text)


def _declines(event: Replied) -> bool:
    """A short no to an offer to say more."""
    return (is_kind(event, ReplyKind.SKIP) or event.yes_no is False) and words(event.text) <= _REFUSAL_WORDS


def _comment_reply(session: Session, event: Replied, script: Script) -> Step:
    settled = replace(session, comment_settled=True)
    short = words(event.text) <= _SMALL_TALK_WORDS
    if _declines(event):
        return proceed(settled, script)
    if event.yes_no and short and session.misses == 0:
        return Step(replace(session, misses=1), (Say("comment_go_ahead"),))
    if is_kind(event, ReplyKind.REPEAT):
        return Step(session, waiting(session, script))
    return after((RecordComment(event.text),), proceed(settled, script))


def _permission_reply(session: Session, event: Replied, script: Script) -> Step:
    if event.yes_no is not None:
        return permit(session, script, event.yes_no)
    if is_kind(event, ReplyKind.SKIP) or session.misses > 0:
        return proceed(replace(session, permission_wanted=False), script)
    unsettled = Step(replace(session, misses=1), (AskPermission(),))
    return after((RecordComment(event.text),), unsettled) if _is_remark(event) else unsettled


def _late_reply(session: Session, event: Replied) -> Step:
    """After the thanks: a remark is kept, small talk is answered once at most."""
    if is_kind(event, ReplyKind.NO_MATCH) and event.understood.unclear is Unclear.QUESTION:
        return Step(session, (Say("question_back"),))
    if _is_remark(event):
        return Step(session, (RecordComment(event.text), Say("noted")))
    once = () if session.misses else (Say("already_done"),)
    return Step(replace(session, misses=1), once)


def _is_remark(event: Replied) -> bool:
    return is_kind(event, ReplyKind.NO_MATCH) and words(event.text) > _SMALL_TALK_WORDS
