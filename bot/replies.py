"""What customers tap, type, edit and send."""

import logging
from functools import partial

from aiogram import Router
from aiogram.enums import ContentType
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.keyboard import InlineKeyboardBuilder

from bot.rendering import render_reason_choice
from bot.sending import asked_now, question_key
from bot.surveys import ask_again, hear, keyboard, mark_rating, open_now, stop_everything
from bot.taps import Tap, event_of
from bot.turn import Turn, plain
from models.conversation import Event, Rated, ReasonChosen, RecordAnswer, Session, Stage
from models.queues import InboxRow
from models.rating import ReplyKind
from models.survey import Channel, Invitation
from survey.lexicon import Lexicon
from workflow.converse import Spoken, corrected, understood
from workflow.inbox import NotYetError

log = logging.getLogger(__name__)

_WITHOUT_WORDS = {
    ContentType.ANIMATION,
    ContentType.AUDIO,
    ContentType.CONTACT,
    ContentType.DICE,
    ContentType.DOCUMENT,
    ContentType.LOCATION,
    ContentType.PHOTO,
    ContentType.POLL,
    ContentType.STICKER,
    ContentType.VENUE,
    ContentType.VIDEO,
    ContentType.VIDEO_NOTE,
    ContentType.VOICE,
}

_PATIENCE = 3  #: seconds that a typed reply waits for its question to be seen


def reply_router() -> Router:
    router = Router(name="replies")
    router.callback_query(Tap.filter())(_tapped)
    router.callback_query()(_unknown_button)
    router.message()(_message)
    router.edited_message()(_edited)
    return router


# --- taps ------------------------------------------------------------------------------------------------------


async def _tapped(query: CallbackQuery, callback_data: Tap, turn: Turn) -> None:
    invitation = await turn.tx.invitation_by_token(callback_data.token)
    if invitation is None or invitation.chat_id != turn.chat.chat_id:
        log.info("a tap on a survey that isn't this chat's: ignored")
        return
    session = await turn.tx.session(invitation.id)
    event = event_of(callback_data, session) if session else None
    if event is None or session is None:
        await _unknown_button(query, turn)
        return
    marking = partial(_mark, query, callback_data, turn, invitation, event)
    asked = question_key(invitation.id, session) if turn.chat.current == invitation.id else None
    await hear(turn, invitation, event, f"tap:{query.id}", marking, asked)


async def _unknown_button(query: CallbackQuery, turn: Turn) -> None:
    """A button of an older version, or one that has been overtaken: show what is being asked now."""
    invitation = await open_now(turn)
    if invitation is not None:
        await ask_again(turn, invitation)


async def _mark(
    query: CallbackQuery, tap: Tap, turn: Turn, invitation: Invitation, event: Event, spoken: Spoken
) -> None:
    """The chosen button gets its tick. A message that Telegram no longer lets us see can't be edited."""
    message = query.message
    if not isinstance(message, Message):
        return
    if isinstance(event, Rated):
        await mark_rating(turn, invitation, spoken.session, event.question, message.message_id)
    elif isinstance(event, ReasonChosen):
        codes = turn.speech.policy.script.reasons
        buttons = render_reason_choice(event.question, codes, event.code, turn.texts)
        markup = plain(keyboard(buttons, invitation.token, spoken.session))
        turn.put("EditMessageReplyMarkup", message_id=message.message_id, reply_markup=markup)
    elif spoken.effects and message.reply_markup:
        markup = plain(_ticked(message.reply_markup, tap.pack(), turn))
        turn.put("EditMessageReplyMarkup", message_id=message.message_id, reply_markup=markup)


def _ticked(markup: InlineKeyboardMarkup, data: str, turn: Turn) -> InlineKeyboardMarkup:
    """The same buttons, with the tick on the one that was tapped and on no other."""
    tick = turn.texts("chat.chosen", label="")
    builder = InlineKeyboardBuilder()
    for row in markup.inline_keyboard:
        builder.row(*(_with_tick(each, tick, each.callback_data == data, turn) for each in row))
    return builder.as_markup()


def _with_tick(button: InlineKeyboardButton, tick: str, chosen: bool, turn: Turn) -> InlineKeyboardButton:
    label = button.text.removeprefix(tick)
    text = turn.texts("chat.chosen", label=label) if chosen else label
    return InlineKeyboardButton(text=text, callback_data=button.callback_data)


# --- words -----------------------------------------------------------------------------------------------------


async def _message(message: Message, turn: Turn, row: InboxRow) -> None:
    text = message.text or message.caption
    if text and not text.startswith("/"):
        await _typed(message, text, turn, row)
    elif text:
        turn.say("telegram.unknown_command")
    elif message.content_type in _WITHOUT_WORDS:
        # said once for each question, however many stickers come
        once = f"only_text:{turn.chat.chat_id}:{await asked_now(turn.tx, turn.chat)}"
        turn.put("SendMessage", once=once, text=turn.text("telegram.only_text"))


async def _typed(message: Message, text: str, turn: Turn, row: InboxRow) -> None:
    """Words count as an answer to the question that was on the screen when they were written.

    Two messages in quick succession ("bra", "verkligen bra") must not answer two questions, of which the second was
    never seen; nor may a message that waited out a crash. Message numbers only grow in a private chat, so a reply is
    later than its question. While it isn't known that the question has been sent (it is about to be, or we crashed
    just after sending it) the reply waits a little, and then counts: an answer is never lost for that.
    """
    invitation = await open_now(turn)
    session = await turn.tx.session(invitation.id) if invitation else None
    event = understood(text, _lexicon(turn))
    if invitation is None or session is None:
        if event.understood.kind is ReplyKind.OPT_OUT:
            await stop_everything(turn)
        else:
            turn.say("telegram.nothing_open")
        return
    if event.understood.kind is not ReplyKind.OPT_OUT and _rating_asked(session):
        shown = turn.chat.question_message
        if shown is None and row.attempts <= _PATIENCE:
            raise NotYetError(after=1.0)
        if shown is not None and message.message_id < shown:
            log.info("a reply was written before its question could be seen: it doesn't count as one")
            return
    await hear(
        turn,
        invitation,
        event,
        _source(message),
        partial(_mark_typed, turn, invitation),
        question_key(invitation.id, session),
    )


async def _mark_typed(turn: Turn, invitation: Invitation, spoken: Spoken) -> None:
    shown = turn.chat.question_message
    answer = next((effect for effect in spoken.effects if isinstance(effect, RecordAnswer)), None)
    if answer is not None and shown is not None and turn.chat.current == invitation.id:
        await mark_rating(turn, invitation, spoken.session, answer.question, shown)


async def _edited(message: Message, turn: Turn) -> None:
    """An edit of an answer, or of a reply to the present question that wasn't understood."""
    text = message.text or message.caption
    answer = await turn.tx.answer_by_source(Channel.CHAT, _source(message))
    invitation = await turn.tx.invitation(answer.invitation_id) if answer else await open_now(turn)
    session = await turn.tx.session(invitation.id) if invitation else None
    if not text or invitation is None or session is None or invitation.chat_id != turn.chat.chat_id:
        return
    question = answer.question if answer else session.current
    if question is None or (
        answer is None and not (_rating_asked(session) and message.message_id > (turn.chat.question_message or 0))
    ):
        return
    await hear(turn, invitation, corrected(question, text, _lexicon(turn)), _source(message))


def _rating_asked(session: Session) -> bool:
    return session.stage in (Stage.QUESTION, Stage.CONFIRM)


def _lexicon(turn: Turn) -> Lexicon:
    return turn.speech.lexicons[turn.speech.known(turn.chat.language)]


def _source(message: Message) -> str:
    return f"{message.chat.id}:{message.message_id}"
