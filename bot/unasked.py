"""What the bot says without having been spoken to: invitations, the reminder, and the next case after a deadline."""

from datetime import datetime

from bot.sending import asked_now
from bot.speech import Speech
from bot.surveys import offer, on_to_the_next, open_now, show
from bot.turn import a_turn
from models.survey import Invitation
from survey.calendar import next_decent_time
from workflow.converse import SurveyPolicy
from workflow.ports import Transaction
from workflow.reminders import expire_due, remind_due
from workflow.store_parts import chat_turn_key


async def invite_in_chat(tx: Transaction, speech: Speech, invitation: Invitation, now: datetime) -> None:
    """Ask in the chat that the invitation belongs to (`chat_id`), within contact hours.

    While another survey is open there this one waits for its end.
    """
    if invitation.chat_id is None:
        return
    async with a_turn(tx, speech, invitation.chat_id, chat_turn_key(invitation.id), now) as turn:
        turn.due_at = _decent(speech.policy, now)
        current = await open_now(turn)
        if current is None or current.disposition is not None:
            await offer(turn, invitation)


async def remind_in_chats(tx: Transaction, speech: Speech, now: datetime, limit: int = 100) -> int:
    """Put the reminders that are due in the outbox; returns how many. Outside contact hours there are none."""
    reminded = await remind_due(tx, speech.policy, now, limit)
    for spoken in reminded:
        if spoken.invitation.chat_id is not None:
            async with a_turn(tx, speech, spoken.invitation.chat_id, f"remind:{spoken.invitation.id}", now) as turn:
                await show(turn, spoken.invitation, spoken, await asked_now(tx, turn.chat))
    return len(reminded)


async def expire_in_chats(tx: Transaction, speech: Speech, now: datetime, limit: int = 100) -> int:
    """Close what is past its deadline, without a word, and go on to a chat's next survey; returns how many closed."""
    closed = await expire_due(tx, speech.policy, now, limit)
    for spoken in closed:
        if spoken.invitation.chat_id is not None:
            async with a_turn(tx, speech, spoken.invitation.chat_id, f"expire:{spoken.invitation.id}", now) as turn:
                turn.due_at = _decent(speech.policy, now)
                if turn.chat.current == spoken.invitation.id and not turn.chat.dead:
                    await on_to_the_next(turn)
    return len(closed)


def _decent(policy: SurveyPolicy, now: datetime) -> datetime:
    return max(now, next_decent_time(now, policy.zone, policy.hours))
