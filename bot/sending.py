"""Outbox rows of kind `telegram` out to Telegram, and which of its refusals are final."""

import base64
import logging
from collections.abc import Mapping
from dataclasses import replace

import aiogram.methods
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile, Message

from models.conversation import Session
from models.queues import OutboxRow, Payload
from models.survey import Chat
from workflow.ports import PermanentError, RetryableError, Store, Transaction

log = logging.getLogger(__name__)

# Refusals that mean "there was nothing left to do": https://core.telegram.org/bots/api#making-requests gives no
# codes for them, only these words.
_HARMLESS = ("message is not modified", "query is too old", "query id is invalid", "message to edit not found")


def method_from(payload: Payload) -> TelegramMethod[object]:
    """The Telegram method that an outbox payload describes.

    `{"method": "SendMessage", "arguments": {...}}`; a file among the arguments is
    `{"filename": "chart.png", "base64": "…"}`. Raises PermanentError for anything else.
    """
    name, arguments = payload.get("method"), payload.get("arguments")
    kind = getattr(aiogram.methods, name, None) if isinstance(name, str) else None
    if not (isinstance(kind, type) and issubclass(kind, TelegramMethod) and isinstance(arguments, Mapping)):
        raise PermanentError("the outbox row is no Telegram method")
    try:
        return kind(**{key: _file(value) for key, value in arguments.items()})
    except ValueError as error:  # pydantic quotes the input, so its text is left out
        raise PermanentError(f"the arguments do not fit {name}") from error


def _file(value: object) -> object:
    if isinstance(value, Mapping) and set(value) == {"filename", "base64"}:
        return BufferedInputFile(base64.b64decode(str(value["base64"])), filename=str(value["filename"]))
    return value


class TelegramSender:
    """Sends one row; remembers who has blocked us and which message holds a chat's last question."""

    def __init__(self, bot: Bot, store: Store) -> None:
        self._bot = bot
        self._store = store

    async def send(self, row: OutboxRow) -> None:
        """Deliver it; raises PermanentError or RetryableError."""
        method = method_from(row.payload)
        try:
            result = await self._bot(method)
        except TelegramRetryAfter as error:
            raise RetryableError("Telegram asks us to slow down", error.retry_after) from error
        except TelegramForbiddenError as error:
            await self._mark_dead(method)
            raise PermanentError("the chat has blocked the bot") from error
        except TelegramBadRequest as error:
            if not any(words in error.message.lower() for words in _HARMLESS):
                raise PermanentError(f"Telegram refused it: {error.message}") from error
        except (TelegramEntityTooLarge, TelegramMigrateToChat) as error:
            raise PermanentError(f"Telegram refused it: {type(error).__name__}") from error
        except (TelegramAPIError, ClientDecodeError) as error:
            # no answer, 5xx, a proxy's error page, a revoked token: all of them may be right again later
            raise RetryableError(f"Telegram could not be reached: {type(error).__name__}") from error
        else:
            # A repeated question may have been answered where it stood first, so its number says nothing.
            if isinstance(result, Message) and row.payload.get("question") and row.attempts <= 1:
                await self._remember_question(row, result)

    async def _mark_dead(self, method: TelegramMethod[object]) -> None:
        async with self._store.step() as tx:
            chat = await tx.chat(getattr(method, "chat_id", 0))
            if chat is not None and not chat.dead:
                await tx.save_chat(replace(chat, dead=True))

    async def _remember_question(self, row: OutboxRow, sent: Message) -> None:
        """So that a typed reply can mark its button, and isn't taken for a reply to what hadn't been shown yet."""
        async with self._store.step() as tx:
            chat = await tx.chat(sent.chat.id)
            if chat is not None and row.payload["question"] == await asked_now(tx, chat):
                await tx.save_chat(replace(chat, question_message=sent.message_id))


async def asked_now(tx: Transaction, chat: Chat) -> str | None:
    """The key of the question that typed replies in this chat belong to."""
    session = await tx.session(chat.current) if chat.current is not None else None
    return None if session is None or chat.current is None else question_key(chat.current, session)


def question_key(invitation_id: int, session: Session) -> str:
    """What is asked now, and in which survey: "17:bemotande"."""
    return f"{invitation_id}:{session.current}"
