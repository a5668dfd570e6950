"""The one reminder, and the deadline."""

from dataclasses import replace
from datetime import datetime, timedelta

from models.conversation import Reminded, TimedOut
from models.survey import AttemptOutcome, Channel, Purpose
from survey.calendar import is_decent_time
from workflow.converse import Origin, Spoken, SurveyPolicy, converse, has_refused
from workflow.ports import Transaction


async def remind_due(tx: Transaction, policy: SurveyPolicy, now: datetime, limit: int = 100) -> list[Spoken]:
    """Remind those whose time has come; returns what to say, with the chat in `Spoken.invitation.chat_id`.

    Nobody is reminded twice, whatever the way (those without a chat: `workflow.contact_plan`). Outside contact hours
    nothing happens: they stay due until the hours begin.
    """
    if not is_decent_time(now, policy.zone, policy.hours):
        return []
    spoken = []
    for invitation in await tx.due_reminders(now, limit):
        chat = await tx.chat(invitation.chat_id) if invitation.chat_id is not None else None
        gone = (
            chat is None  # nobody has opened it
            or chat.dead
            or await has_refused(tx, invitation, chat.chat_id)
            or await _is_reminded(tx, invitation.id)
        )
        # another survey is open there: what is typed belongs to that one, so this one's turn comes later
        busy = not gone and chat is not None and chat.current != invitation.id
        reminded = replace(invitation, remind_at=now + timedelta(days=1) if busy else None)
        await tx.save_invitation(reminded)
        if gone or busy:
            continue
        step = await converse(tx, reminded, Reminded(), Origin(Channel.CHAT), policy, now)
        if step.effects:
            spoken.append(step)
    return spoken


async def _is_reminded(tx: Transaction, invitation_id: int) -> bool:
    out = (AttemptOutcome.SENT, AttemptOutcome.DELIVERED)
    attempts = await tx.attempts(invitation_id)
    return any(each.purpose is Purpose.REMINDER and each.outcome in out for each in attempts)


async def expire_due(tx: Transaction, policy: SurveyPolicy, now: datetime, limit: int = 100) -> list[Spoken]:
    """Close the surveys whose deadline has passed, without a word. Returns the closed ones."""
    return [
        await converse(tx, invitation, TimedOut(), Origin(Channel.CHAT), policy, now)
        for invitation in await tx.due_expiries(now, limit)
    ]
