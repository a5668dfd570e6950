"""What sending a form does: one step of the conversation, in the caller's transaction, or nothing."""

from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from models.conversation import Event, RecordPermission, Stage
from models.queues import OutboxKind, OutboxRow
from models.survey import Channel
from survey.calendar import next_decent_time
from web.survey_forms import About, Sent, Unfit, cleaned, event_of, perhaps_stop, subject_of
from web.survey_found import Found
from web.survey_rendering import said_keys
from web.survey_settings import SurveyPage
from workflow.converse import Origin, Spoken, converse
from workflow.ports import Transaction

_MOST_COMMENTS = 20  # of one survey; nobody has more to say, and a script would never stop


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a form: what to say, a question to show by itself, or why its words weren't taken."""

    said: tuple[str, ...] = ()
    question: str = ""
    problem: Unfit | None = None


async def take(tx: Transaction, found: Found, sent: Sent, survey: SurveyPage, now: datetime) -> Taken:
    """Do what the form means. Raises HTTPBadRequest for what no page of ours sends."""
    what, question, _ = subject_of(sent)
    if what is About.LANGUAGE:
        return await _speak(tx, found, sent.choice, survey)
    if now >= found.invitation.expires_at or found.closed:
        return Taken()
    if what is About.CALL:
        return await _call(tx, found, survey, now)
    lexicon = survey.lexicons[survey.pages.known(found.invitation.language)]
    meant = event_of(sent, found.session, survey.policy.script.reasons, lexicon)
    match meant:
        case Unfit.UNREADABLE:
            raise web.HTTPBadRequest
        case Unfit.SAME:
            return Taken()
        case Unfit.ANSWERED:
            return Taken(("answered_elsewhere",), question)
        case Unfit.MOVED_ON:
            return await _late(tx, found, sent)
        case Unfit():
            return Taken(problem=meant)
    if what is About.MORE and (said := await _enough(tx, found, sent)) is not None:
        return said
    remark = perhaps_stop(meant)
    spoken = await _step(tx, found, remark or meant, survey, now)
    return Taken((*said_keys(spoken.effects), *(("stop_question",) if remark else ())))


def offers_call(found: Found, survey: SurveyPage) -> bool:
    """Whether they may ask to be called."""
    return survey.calls and found.phone_known and not found.refused and found.session.stage is not Stage.DONE


async def _enough(tx: Transaction, found: Found, sent: Sent) -> Taken | None:
    """After the end there is always a field for more words: a second tap on it, or a heap of them, adds nothing."""
    stored = await tx.surveyed(found.invitation.id)
    if stored is None:
        return None
    if cleaned(sent.words) in stored.comments:
        return Taken(("remark_noted",))
    return Taken(("enough",)) if len(stored.comments) >= _MOST_COMMENTS else None


async def _late(tx: Transaction, found: Found, sent: Sent) -> Taken:
    """Nobody's words are lost: those that are not stored yet are given back."""
    words = cleaned(sent.words) if sent.choice == "ord" else ""
    if not words:
        return Taken(("moved_on",))
    stored = await tx.surveyed(found.invitation.id)
    known = stored is not None and words in (*stored.comments, *(text for *_, text in stored.reasons))
    return Taken() if known else Taken(problem=Unfit.MOVED_ON)


async def _step(tx: Transaction, found: Found, event: Event, survey: SurveyPage, now: datetime) -> Spoken:
    spoken = await converse(tx, found.invitation, event, Origin(Channel.WEB), survey.policy, now)
    for effect in spoken.effects:
        if isinstance(effect, RecordPermission) and spoken.invitation.chat_id is not None:
            chat = await tx.chat(spoken.invitation.chat_id)
            if chat is not None:
                await tx.save_chat(replace(chat, permission=effect.yes))
    return spoken


async def _speak(tx: Transaction, found: Found, language: str, survey: SurveyPage) -> Taken:
    """The language is the invitation's, so that a reminder speaks it too."""
    if language not in survey.pages.languages:
        raise web.HTTPBadRequest
    await tx.save_invitation(replace(found.invitation, language=language))
    return Taken(("language",))


async def _call(tx: Transaction, found: Found, survey: SurveyPage, now: datetime) -> Taken:
    if not offers_call(found, survey):
        return Taken()
    number = found.invitation.id
    row = OutboxRow(
        kind=OutboxKind.CALL,
        key=f"call:{number}:wanted",
        payload={"invitation_id": number},
        due_at=next_decent_time(now, survey.policy.zone, survey.policy.hours),
    )
    await tx.enqueue([row])
    return Taken(("call",))
