"""The surveys of one chat: which one is open, what an event makes of it, and what is then said."""

from collections.abc import Awaitable, Callable

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.keyboard import InlineKeyboardBuilder

from bot.rendering import Button, ChatContext, Keyboard, render, render_choice
from bot.sending import asked_now
from bot.taps import tap_for
from bot.turn import Turn, plain
from models.case import Address, AddressKind
from models.conversation import (
    Accepted,
    Event,
    Finish,
    Offered,
    OptedOut,
    RecordAnswer,
    RecordPermission,
    Remind,
    Say,
    Session,
)
from models.survey import Channel, Invitation
from workflow.converse import Origin, Spoken, converse

Mark = Callable[[Spoken], Awaitable[None]]


async def open_now(turn: Turn) -> Invitation | None:
    """The survey that typed replies in this chat belong to, finished or not."""
    return None if turn.chat.current is None else await turn.tx.invitation(turn.chat.current)


async def begin(turn: Turn, invitation: Invitation) -> None:
    """Make this survey the chat's current one, and ask what is to be asked in it."""
    await turn.remember(current=invitation.id)
    await hear(turn, invitation, Accepted())


async def ask_again(turn: Turn, invitation: Invitation) -> None:
    """The present prompt, once more."""
    await hear(turn, invitation, Accepted())


async def hear(
    turn: Turn,
    invitation: Invitation,
    event: Event,
    source: str = "",
    mark: Mark | None = None,
    asked: str | None = None,
) -> Spoken:
    """Let the conversation go on: `mark` the buttons, say what is to be said, and after the last word go on to the
    chat's next survey. `source` names the message or tap, so that an edit of it can be followed;
    `asked` is what the chat is being asked now, if the caller knows (`asked_now`)."""
    asked = asked or await asked_now(turn.tx, turn.chat)
    spoken = await _advance(turn, invitation, event, source)
    if mark is not None:
        await mark(spoken)
    await show(turn, invitation, spoken, asked, marked=mark is not None)
    finished = any(isinstance(effect, Finish) for effect in spoken.effects)
    if finished and turn.chat.current == invitation.id:
        await on_to_the_next(turn)
    return spoken


async def stop_everything(turn: Turn) -> None:
    """/stopp: no more questions, about this case or any other, in any channel."""
    was_handler = await turn.tx.unregister_handler(turn.chat.chat_id)
    invitation = await open_now(turn) or await turn.tx.latest_invitation(turn.chat.chat_id)
    if was_handler:
        turn.say("telegram.handler_stopped")
    if invitation is not None:
        await hear(turn, invitation, OptedOut())
        return
    if was_handler:
        return
    me = Address(AddressKind.CHAT, str(turn.chat.chat_id))
    await turn.tx.opt_out([me], turn.now, Channel.CHAT)
    turn.say("telegram.nothing_to_stop")


async def on_to_the_next(turn: Turn) -> None:
    """Begin the chat's oldest survey that still waits, if one does."""
    for waiting in await turn.tx.open_invitations(turn.chat.chat_id):
        if waiting.id != turn.chat.current and waiting.expires_at > turn.now:
            await offer(turn, waiting)
            return


async def offer(turn: Turn, invitation: Invitation) -> None:
    """Make this survey the chat's current one, unasked."""
    await turn.remember(current=invitation.id)
    begun = await turn.tx.session(invitation.id) is not None
    if begun:
        turn.say("telegram.next_case")
    await hear(turn, invitation, Accepted() if begun else Offered())


async def _advance(turn: Turn, invitation: Invitation, event: Event, source: str) -> Spoken:
    spoken = await converse(turn.tx, invitation, event, Origin(Channel.CHAT, source), turn.speech.policy, turn.now)
    for effect in spoken.effects:
        if isinstance(effect, RecordPermission):
            await turn.remember(permission=effect.yes)
    return spoken


async def show(turn: Turn, invitation: Invitation, spoken: Spoken, asked: str | None, *, marked: bool = True) -> None:
    """Put the messages that the effects call for in the outbox; `asked` is what the chat was being asked before.

    Not `marked`: where an answer was changed we don't know which message has its buttons, so the word of thanks
    gets them, with the new choice ticked.
    """
    changed = None if marked else _changed(spoken)
    speech = turn.speech
    greets = any(isinstance(effect, Say | Remind) for effect in spoken.effects)
    stored = await turn.tx.case(invitation.case_number) if greets else None
    context = ChatContext(
        organisation=speech.organisation,
        questions=len(spoken.session.questions),
        subject=stored.case.subject if stored else "",
        closed_on=stored.case.closed_at.astimezone(speech.policy.zone).date() if stored else None,
        contact=speech.contact,
        privacy_url=speech.privacy_url,
        recheck=stored is not None and stored.case.recheck_of is not None,
    )
    for message in render(spoken.effects, turn.texts, context):
        question = f"{invitation.id}:{message.question}" if message.question else ""
        if question and question != asked:  # until it has been sent, nothing typed can be meant as a reply to it
            await turn.remember(question_message=None)
        buttons = message.buttons
        if changed and not buttons:
            buttons = render_choice(changed.question, changed.rating, turn.texts)
        turn.write(message.text, keyboard(buttons, invitation.token, spoken.session), question=question)


def _changed(spoken: Spoken) -> RecordAnswer | None:
    return next((effect for effect in spoken.effects if isinstance(effect, RecordAnswer) and effect.changed), None)


def keyboard(buttons: Keyboard, token: str, session: Session) -> InlineKeyboardMarkup:
    """Rendered buttons as Telegram's."""
    builder = InlineKeyboardBuilder()
    for row in buttons:
        builder.row(*(_button(each, token, session) for each in row))
    return builder.as_markup()


def _button(button: Button, token: str, session: Session) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=button.label, callback_data=tap_for(button.event, token, session).pack())


async def mark_rating(turn: Turn, invitation: Invitation, session: Session, question: str, message_id: int) -> None:
    """Show on the question's buttons which one now counts."""
    rating = next((given.rating for given in session.given if given.question == question), None)
    buttons = render_choice(question, rating, turn.texts)
    markup = plain(keyboard(buttons, invitation.token, session))
    turn.put("EditMessageReplyMarkup", message_id=message_id, reply_markup=markup)
