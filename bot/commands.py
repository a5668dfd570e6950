"""Commands: /start with and without a link, /stopp, /hjälp, /språk."""

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from aiogram.utils.keyboard import InlineKeyboardBuilder

from bot.registration import HANDLER_PREFIX, register
from bot.surveys import ask_again, begin, open_now, stop_everything
from bot.taps import LanguageTap
from bot.turn import Turn, languages
from models.survey import Invitation

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
    return router


async def _start(message: Message, command: CommandObject, turn: Turn) -> None:
    await turn.remember(dead=False)
    token = (command.args or "").strip()
    if token.startswith(HANDLER_PREFIX):
        await register(turn, token)
    elif token:
        await _open_link(turn, token)
    else:
        await _come_back(turn)


async def _open_link(turn: Turn, token: str) -> None:
    """A chat is bound to the survey it opens; a neighbour with the same link gets a kind no."""
    found = await turn.tx.invitation_by_token(token)
    if found is None:
        turn.say("telegram.unknown_link")
    elif found.chat_id not in (None, turn.chat.chat_id):
        turn.say("telegram.foreign_link")
    elif found.disposition is None and found.expires_at <= turn.now:
        turn.say("telegram.expired_link")
    else:
        await _open(turn, found)


async def _open(turn: Turn, invitation: Invitation) -> None:
    owned = await turn.tx.own_invitation(invitation.token, turn.chat.chat_id, turn.now)
    if owned is None or owned.chat_id != turn.chat.chat_id:
        turn.say("telegram.foreign_link")
        return
    if invitation.chat_id is None and turn.chat.current is None:
        await turn.remember(language=turn.speech.known(invitation.language))
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
