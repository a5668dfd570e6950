"""Typed and spoken replies: what words mean at each stage of the conversation."""

import unicodedata
from dataclasses import replace

from models.conversation import (
    AskPermission,
    Confirm,
    Corrected,
    Effect,
    RecordComment,
    RecordReason,
    Replied,
    Reprompt,
    Say,
    Script,
    Session,
    Stage,
    Step,
)
from models.rating import Interpretation, Rating, ReplyKind, Unclear
from survey.answering import NOTHING_PENDING, after, ask, confirm, give_reason, permit, proceed, rate, skip, waiting
from survey.session import is_given, rating_of

MAX_REPROMPTS = 3
_REFUSAL_WORDS = 5  # "nej det är bra så"; "nej, men jag fick ringa tre gånger" is something to keep
_SMALL_TALK_WORDS = 2  # "tack", "ok då", "hej då": after the end, not worth storing as a comment
_TWO_VERDICTS = Interpretation(ReplyKind.NO_MATCH, unclear=Unclear.CONTRADICTION)


def is_kind(event: Replied | Corrected, kind: ReplyKind) -> bool:
    return event.understood.kind is kind


def words(text: str) -> int:
    return len(text.split())


def kept_words(session: Session, refusal: Replied | Corrected) -> tuple[Effect, ...]:
    """What a refusal says besides no, where free text was wanted: "sluta skicka räkningar till fel adress" may be one
    or not. We stop, to be safe, and lose nothing."""
    if isinstance(refusal, Corrected) or words(refusal.text) <= _SMALL_TALK_WORDS:
        return ()
    if session.stage is Stage.REASON and session.current:
        return (RecordReason(session.current, "", refusal.text),)
    return (RecordComment(refusal.text),) if session.stage in (Stage.COMMENT, Stage.DONE) else ()


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
    if event.yes_no is not None and understood.unclear is Unclear.UNKNOWN:
        understood = replace(understood, unclear=Unclear.YES_NO)
    return _missed(session, question, event.text, understood)


def _missed(session: Session, question: str, text: str, understood: Interpretation) -> Step:
    attempt = min(session.misses, MAX_REPROMPTS) + 1
    missed = replace(session, stage=Stage.QUESTION, misses=attempt, **NOTHING_PENDING)
    if understood.unclear is Unclear.UNSURE and understood.rating:
        return _to_confirm(missed, question, text, understood.rating, understood.confidence)
    if attempt > MAX_REPROMPTS:
        return Step(missed)
    return Step(missed, (Reprompt(question, understood.unclear or Unclear.UNKNOWN, attempt),))


def _to_confirm(session: Session, question: str, text: str, rating: Rating, confidence: float) -> Step:
    asked = replace(session, stage=Stage.CONFIRM, pending=rating, pending_reply=text, pending_confidence=confidence)
    return Step(asked, (Confirm(question, rating),))


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
    if event.understood.kind is ReplyKind.RATING:  # "ja, bra" to "menade du okej?" is no yes
        return confirm(session, script, event.understood.rating is session.pending and event.yes_no is not False)
    if event.yes_no is not None:
        return confirm(session, script, event.yes_no)
    return _reason_reply(replace(session, stage=Stage.REASON, misses=1, **NOTHING_PENDING), event, script)


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
    if _asks_back(event) and session.misses == 0:
        return after(_kept(event), Step(replace(session, misses=1), (Say("question_back"), *waiting(session, script))))
    if understood.kind is ReplyKind.RATING and understood.rating and session.misses == 0:
        same = understood.rating is rating_of(session, question)
        if same and words(event.text) == 1:  # the same "dåligt", sent twice
            return Step(replace(session, misses=1), waiting(session, script))
        if not same and words(event.text) <= _SMALL_TALK_WORDS:
            asked = replace(session, misses=1)
            return _to_confirm(asked, question, event.text, understood.rating, understood.confidence)
    code = _code_of(event.text, script)
    return give_reason(session, script, question, code, "" if code else event.text)


def _code_of(text: str, script: Script) -> str:
    """The reason that was typed out instead of tapped: codes are their Swedish names in plain letters."""
    plain = unicodedata.normalize("NFKD", text.strip(" .!").casefold()).encode("ascii", "ignore").decode()
    code = "_".join(plain.split())
    return code if code in script.reasons else ""


def _declines(event: Replied) -> bool:
    """A short no to an offer to say more. "Inte åtgärdat" is a no in form, but it says something."""
    says_no = is_kind(event, ReplyKind.SKIP) or (event.yes_no is False and event.understood.rating is None)
    return (says_no or event.empty) and words(event.text) <= _REFUSAL_WORDS


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
    if _agrees(event):
        return permit(session, script, True)
    said = (*_kept(event), Say("question_back")) if _asks_back(event) else _kept(event)
    if is_kind(event, ReplyKind.SKIP) or session.misses > 0:
        return after(said, proceed(replace(session, permission_wanted=False), script))
    return after(said, Step(replace(session, misses=1), (AskPermission(),)))


def _agrees(event: Replied) -> bool:
    """ "Ok", "bra", a thumb: a yes to "may we?"."""
    said_well = event.understood.rating in (Rating.BRA, Rating.OK) and is_kind(event, ReplyKind.RATING)
    return said_well and words(event.text) <= _SMALL_TALK_WORDS


def _late_reply(session: Session, event: Replied) -> Step:
    """After the thanks: a remark is kept, small talk is answered once at most.

    A rating may be of any question, so it changes nothing; whoever says another one is told each time how to.
    """
    if _asks_back(event):
        return Step(session, (Say("question_back"),))
    if _rates_anew(session, event):
        return Step(session, (*_kept(event), Say("already_done")))
    if kept := _kept(event):
        return Step(session, (*kept, Say("remark_noted")))
    once = () if session.misses else (Say("already_done"),)
    return Step(replace(session, misses=1), once)


def _rates_anew(session: Session, event: Replied) -> bool:
    rating = event.understood.rating
    return is_kind(event, ReplyKind.RATING) and any(given.rating is not rating for given in session.given)


def _asks_back(event: Replied) -> bool:
    return is_kind(event, ReplyKind.NO_MATCH) and event.understood.unclear is Unclear.QUESTION


def _kept(event: Replied) -> tuple[Effect, ...]:
    """The words as a comment, if they are more than small talk."""
    remark = is_kind(event, ReplyKind.NO_MATCH) or is_kind(event, ReplyKind.RATING)
    return (RecordComment(event.text),) if remark and not event.empty and words(event.text) > _SMALL_TALK_WORDS else ()
