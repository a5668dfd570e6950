"""Commands: /start with and without a link, /stopp, /hjälp, /språk."""

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from aiogram.utils.keyboard import InlineKeyboardBuilder

from bot.registration import HANDLER_PREFIX, register
from bot.surveys import ask_again, begin, open_now, stop_everything
from bot.taps import AnswerAnywayTap, LanguageTap
from bot.turn import Turn, languages
from models.survey import Invitation
from workflow.converse import has_refused

# Telegram's own list takes [a-z0-9_] only; what people type may be spelled as Swedish is.
STOP = Command("stopp", "stop", ignore_case=True, ignore_mention=True)
HELP = Command("hjalp", "hjälp", "help", ignore_case=True, ignore_mention=True)
LANGUAGE = Command("sprak", "språk", "language", ignore_case=True, ignore_mention=True)


def command_router() -> Router:
    router = Router(name="commands")
    router.message(CommandStart(ignore_case=True, ignore_mention=True))(_start)
    router.message(STOP)(_stop)
    router.message(HELP)(_help)
    router.message(LANGUAGE)(_ask_language)
    router.callback_query(LanguageTap.filter())(_language_chosen)
    router.callback_query(AnswerAnywayTap.filter())(_answer_anyway)
    return router


async def _start(message: Message, command: CommandObject, turn: Turn) -> None:
    is_new = not turn.is_known
    await turn.remember(dead=False)
    token = (command.args or "").strip()
    # one customer's token in 4096 begins as a handler's does
    if token.startswith(HANDLER_PREFIX) and await turn.tx.invitation_by_token(token) is None:
        await register(turn, token)
    elif token:
        await _open_link(turn, token, is_new)
    else:
        await _come_back(turn)


async def _open_link(turn: Turn, token: str, is_new: bool) -> None:
    """A chat is bound to the survey it opens; a neighbour with the same link gets a kind no.

    A chat that `is_new` speaks the link's language; one that we have met keeps its own.
    """
    found = await turn.tx.invitation_by_token(token)
    if found is None:
        turn.say("telegram.unknown_link")
        return
    if found.chat_id is None and is_new:
        await turn.remember(language=turn.speech.known(found.language))
    if found.chat_id not in (None, turn.chat.chat_id):
        turn.say("telegram.foreign_link")
    elif found.disposition is None and found.expires_at <= turn.now:
        turn.say("telegram.expired_link")
    elif found.chat_id is None and await has_refused(turn.tx, found, turn.chat.chat_id):
        _keep_to_the_refusal(turn, found)
    else:
        await _open(turn, found)


def _keep_to_the_refusal(turn: Turn, invitation: Invitation) -> None:
    """Who has said stop isn't asked, but may answer about this case if they wish to."""
    keyboard = InlineKeyboardBuilder()
    keyboard.button(text=turn.text("telegram.answer_anyway"), callback_data=AnswerAnywayTap(token=invitation.token))
    turn.write(turn.text("telegram.refused"), InlineKeyboardMarkup(inline_keyboard=keyboard.export()))


async def _answer_anyway(query: CallbackQuery, callback_data: AnswerAnywayTap, turn: Turn) -> None:
    found = await turn.tx.invitation_by_token(callback_data.token)
    if found is None or found.chat_id not in (None, turn.chat.chat_id):
        return
    if found.disposition is None and found.expires_at <= turn.now:
        turn.say("telegram.expired_link")
    else:
        await _open(turn, found)


async def _open(turn: Turn, invitation: Invitation) -> None:
    owned = await turn.tx.own_invitation(invitation.token, turn.chat.chat_id, turn.now)
    if owned is None or owned.chat_id != turn.chat.chat_id:
        turn.say("telegram.foreign_link")
        return
    waiting = await open_now(turn)
    if waiting is not None and waiting.id != owned.id and waiting.disposition is None:
        if owned.disposition is None:
            turn.say("telegram.second_waits")
        await ask_again(turn, waiting)
    else:
        await begin(turn, owned)


async def _come_back(turn: Turn) -> None:
    """A plain /start: on with what was open, else who we are."""
    invitation = await open_now(turn) or await turn.tx.latest_invitation(turn.chat.chat_id)
    if invitation is None:
        turn.say("telegram.hello")
    else:
        await begin(turn, invitation)


async def _stop(message: Message, turn: Turn) -> None:
    await stop_everything(turn)


async def _help(message: Message, turn: Turn) -> None:
    parts = [turn.text("telegram.help")]
    if turn.speech.contact:
        parts.append(turn.text("telegram.contact"))
    if turn.speech.privacy_url:
        parts.append(turn.text("telegram.privacy"))
    turn.write("\n\n".join(part.strip() for part in parts))


async def _ask_language(message: Message, turn: Turn) -> None:
    keyboard = InlineKeyboardBuilder()
    for code, name in languages(turn.speech):
        keyboard.button(text=name, callback_data=LanguageTap(language=code))
    turn.write(turn.text("telegram.choose_language"), InlineKeyboardMarkup(inline_keyboard=keyboard.adjust(1).export()))


async def _language_chosen(query: CallbackQuery, callback_data: LanguageTap, turn: Turn) -> None:
    if callback_data.language not in turn.speech.texts:
        return
    await turn.remember(language=callback_data.language)
    turn.say("telegram.language_set")
    invitation = await open_now(turn)
    if invitation is not None:
        await ask_again(turn, invitation)
