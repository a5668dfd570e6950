"""One step of a conversation: what happened goes in, what is to be stored is stored, what is to be said comes out.

Everything happens in the caller's transaction, so a step is taken whole or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.case import Address, AddressKind
from models.conversation import (
    Corrected,
    Effect,
    Event,
    Finish,
    Offered,
    OptedOut,
    RecordAnswer,
    RecordComment,
    RecordOptOut,
    RecordPermission,
    RecordReason,
    Reminded,
    Replied,
    Script,
    Session,
    Stage,
    Step,
    TimedOut,
)
from models.survey import (
    Answer,
    AttemptOutcome,
    Channel,
    Comment,
    ContactAttempt,
    ContactWay,
    Disposition,
    Invitation,
    Purpose,
    Reason,
)
from survey.calendar import ContactHours, next_decent_time
from survey.conversation import advance, start
from survey.interpretation import interpret, interpret_yes_no
from survey.lexemes import Role
from survey.lexicon import Lexicon
from survey.recognition import recognise
from workflow.alerts import AlertPolicy, plan_alerts
from workflow.ports import Transaction
from workflow.webhooks import plan_webhooks

_SMALL = (Role.FILLER, Role.COMMA, Role.STOP)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPolicy:
    """What the organisation asks and how. `reminder_after` counts from when the survey was opened or offered."""

    questions: tuple[str, ...]
    script: Script
    zone: ZoneInfo
    hours: ContactHours = field(default_factory=ContactHours)
    reminder_after: timedelta | None = timedelta(days=3)
    alerts: AlertPolicy = field(default_factory=AlertPolicy)
    webhooks: tuple[str, ...] = ()  #: the names of those who are told of each finished survey


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event came from. `source` is the channel's own id of the message, `engine` what understood it."""

    channel: Channel
    source: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came of an event: the invitation and session as they now stand, and the effects to render."""

    invitation: Invitation
    session: Session
    effects: tuple[Effect, ...]


def understood(text: str, lexicon: Lexicon, *, digits_offered: bool = False) -> Replied:
    """The event that typed or spoken words are."""
    reading = interpret(text, lexicon, digits_offered=digits_offered)
    empty = all(term.role in _SMALL for term in recognise(text, lexicon))
    return Replied(text, reading, interpret_yes_no(text, lexicon), empty)


def corrected(question: str, text: str, lexicon: Lexicon) -> Corrected:
    """The event that an edit of the reply to `question` is."""
    return Corrected(question, text, interpret(text, lexicon))


async def converse(
    tx: Transaction, invitation: Invitation, event: Event, origin: Origin, policy: SurveyPolicy, now: datetime
) -> Spoken:
    """Take one step. `invitation` is as it now stands in the store; use the returned one afterwards.

    Past the deadline the survey closes first, so that nothing late is stored. Chat rows are the channel's own: this
    links and unlinks a chat when permission is given or taken back, and leaves `Chat.permission` to the caller.
    """
    session = await tx.session(invitation.id)
    fresh = session is None
    if session is None:
        questions = invitation.questions or policy.questions
        session = start(questions, await _permission_wanted(tx, invitation, origin.channel))
    effects: tuple[Effect, ...] = ()
    alerts = policy.alerts.for_recheck if await is_recheck(tx, invitation) else policy.alerts
    for each in (event,) if now < invitation.expires_at or isinstance(event, TimedOut) else (TimedOut(), event):
        before, step = session, advance(session, each, policy.script)
        session, effects = step.session, effects + step.effects
        if session != before or fresh:
            await tx.save_session(invitation.id, session, now)
            fresh = False
        await _store(tx, invitation, step.effects, origin, _engine(origin, each), now)
        invitation = await _keep_up(tx, invitation, before, step, each, policy, now)
        if step.effects and isinstance(each, Offered | Reminded):  # we wrote to them: they didn't ask
            await tx.put_attempt(_chat_attempt(invitation, each, now))
        await plan_alerts(tx, invitation.id, step, alerts, now)
        await plan_webhooks(tx, invitation.id, step, policy.webhooks, policy.alerts.delay, now)
    if any(isinstance(effect, RecordOptOut) for effect in effects):
        await _refuse_everywhere(tx, invitation, origin, policy, now)
    return Spoken(invitation, session, effects)


async def has_refused(tx: Transaction, invitation: Invitation, chat_id: int) -> bool:
    """Whether this case's respondent, or who writes in this chat, has asked us not to ask."""
    return bool(await tx.opted_out({Address(AddressKind.CHAT, str(chat_id)), *await _case_addresses(tx, invitation)}))


async def is_recheck(tx: Transaction, invitation: Invitation) -> bool:
    """Whether it asks again, after the fix, about what was rated dåligt."""
    if not invitation.questions:  # a recheck has its own: no need to look
        return False
    stored = await tx.case(invitation.case_number)
    return stored is not None and stored.case.recheck_of is not None


def _chat_attempt(invitation: Invitation, event: Offered | Reminded, now: datetime) -> ContactAttempt:
    return ContactAttempt(
        id=0,
        invitation_id=invitation.id,
        way=ContactWay.CHAT,
        purpose=Purpose.REMINDER if isinstance(event, Reminded) else Purpose.INVITATION,
        at=now,
        outcome=AttemptOutcome.SENT,
    )


async def _permission_wanted(tx: Transaction, invitation: Invitation, channel: Channel) -> bool:
    """Whether to ask, at the end, about later cases: only where the answer isn't known for this case's addresses."""
    if channel is not Channel.CHAT or invitation.chat_id is None:
        return False
    chat = await tx.chat(invitation.chat_id)
    if chat is not None and chat.permission is False:
        return False
    addresses = set(await _case_addresses(tx, invitation))
    if addresses <= await tx.chat_addresses(invitation.chat_id):
        return False
    return not await has_refused(tx, invitation, invitation.chat_id)


async def _case_addresses(tx: Transaction, invitation: Invitation) -> Sequence[Address]:
    stored = await tx.case(invitation.case_number)
    return stored.case.addresses if stored else ()


def _engine(origin: Origin, event: Event) -> str:
    return origin.engine or ("lexicon" if isinstance(event, Replied | Corrected) else "button")


async def _store(
    tx: Transaction, invitation: Invitation, effects: Sequence[Effect], origin: Origin, engine: str, now: datetime
) -> None:
    for effect in effects:
        match effect:
            case RecordAnswer(question, rating, reply, confidence):
                await tx.put_answer(
                    Answer(
                        invitation_id=invitation.id,
                        question=question,
                        rating=rating,
                        reply=reply,
                        confidence=confidence,
                        channel=origin.channel,
                        received_at=now,
                        source=origin.source,
                        engine=engine,
                    )
                )
            case RecordReason(question, code, text):
                await tx.put_reason(
                    Reason(invitation_id=invitation.id, question=question, code=code, text=text, received_at=now)
                )
            case RecordComment(text):
                await tx.put_comment(Comment(invitation_id=invitation.id, text=text, received_at=now))
            case RecordPermission(yes) if invitation.chat_id is not None:
                if yes:
                    await tx.link_chat(invitation.chat_id, await _case_addresses(tx, invitation), now)
                else:
                    await tx.unlink_chat(invitation.chat_id)


async def _keep_up(
    tx: Transaction,
    invitation: Invitation,
    before: Session,
    step: Step,
    event: Event,
    policy: SurveyPolicy,
    now: datetime,
) -> Invitation:
    """The invitation's own dates and disposition after the step, stored if they changed."""
    changed = invitation
    reacted = step.session.stage is not Stage.INVITED and not isinstance(event, TimedOut)
    if reacted and invitation.opened_at is None:
        changed = replace(changed, opened_at=now)
    begun = before.stage is Stage.INVITED and before.current is None and step.session.current is not None
    if begun and policy.reminder_after:
        remind_at = next_decent_time(now + policy.reminder_after, policy.zone, policy.hours)
        changed = replace(changed, remind_at=remind_at)
    for effect in step.effects:
        if isinstance(effect, Finish):
            changed = replace(changed, disposition=effect.disposition, remind_at=None)
    if changed != invitation:
        await tx.save_invitation(changed)
    return changed


async def _refuse_everywhere(
    tx: Transaction, invitation: Invitation, origin: Origin, policy: SurveyPolicy, now: datetime
) -> None:
    """A refusal counts for every address we know the respondent by, and ends their other open surveys."""
    addresses = set(await _case_addresses(tx, invitation))
    chat_id = invitation.chat_id
    if chat_id is not None:
        addresses |= {Address(AddressKind.CHAT, str(chat_id))} | await tx.chat_addresses(chat_id)
        for other in await tx.open_invitations(chat_id):
            await _refuse(tx, other, policy, now)
        await tx.unlink_chat(chat_id)
    await tx.opt_out(addresses, now, origin.channel)


async def _refuse(tx: Transaction, invitation: Invitation, policy: SurveyPolicy, now: datetime) -> None:
    questions = invitation.questions or policy.questions
    session = await tx.session(invitation.id) or start(questions, permission_wanted=False)
    step = advance(session, OptedOut(), policy.script)
    await tx.save_session(invitation.id, step.session, now)
    await tx.save_invitation(replace(invitation, disposition=Disposition.REFUSED, remind_at=None))
    await plan_webhooks(tx, invitation.id, step, policy.webhooks, policy.alerts.delay, now)
