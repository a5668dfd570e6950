"""One update's transaction, as the handlers see it: the chat, what is said in it, and its surveys."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiogram.types import InlineKeyboardMarkup

from bot.speech import Speech
from models.queues import OutboxKind, OutboxRow
from models.survey import Chat
from models.texts import Texts
from workflow.ports import Transaction
from workflow.store_parts import turn_key


class Turn:
    """What is put in a turn is committed with the update's end, or not at all."""

    def __init__(self, tx: Transaction, speech: Speech, chat: Chat, is_known: bool, key: str, now: datetime) -> None:
        """`key` makes this turn's outbox rows unique; a repeated turn of the same key puts nothing twice."""
        self.due_at = now  #: when what is said is to be sent
        self.tx = tx
        self.speech = speech
        self.chat = chat
        self.is_known = is_known  #: whether the chat was stored before this turn
        self.now = now
        self._key = key
        self._put = 0
        self._rows: list[OutboxRow] = []

    @property
    def texts(self) -> Texts:
        return self.speech.texts[self.speech.known(self.chat.language)]

    async def remember(self, **changes: Any) -> None:
        """Store what has changed about the chat."""
        changed = replace(self.chat, **changes)
        if changed != self.chat or not self.is_known:
            self.chat, self.is_known = changed, True
            await self.tx.save_chat(changed)

    def put(self, method: str, *, once: str = "", question: str = "", **arguments: object) -> None:
        """Put a Telegram method for this chat in the outbox. `once`: a name under which it is done only once, ever.

        `question` ("17:bemotande") is given with the message that holds that question's buttons.
        """
        self._put += 1
        payload: dict[str, object] = {"method": method, "arguments": {"chat_id": self.chat.chat_id, **arguments}}
        if question:
            payload["question"] = question
        row = OutboxRow(
            kind=OutboxKind.TELEGRAM,
            key=f"tg:{once}" if once else turn_key(self._key, self._put),
            payload=payload,
            due_at=self.due_at,
            lane=f"chat:{self.chat.chat_id}",
        )
        self._rows.append(row)

    async def flush(self) -> None:
        """Store what was put, in its order."""
        rows, self._rows = self._rows, []
        if rows:
            await self.tx.enqueue(rows)

    def write(self, text: str, keyboard: InlineKeyboardMarkup | None = None, *, question: str = "") -> None:
        """Put a message in the outbox."""
        arguments: dict[str, Any] = {"text": text}
        if keyboard is not None and keyboard.inline_keyboard:
            arguments["reply_markup"] = plain(keyboard)
        self.put("SendMessage", question=question, **arguments)

    def say(self, key: str, **values: object) -> None:
        """Put one of the texts in the outbox; every text may name the organisation and how to reach it."""
        self.write(self.text(key, **values))

    def text(self, key: str, **values: object) -> str:
        speech = self.speech
        named = {"organisation": speech.organisation, "contact": speech.contact, "privacy_url": speech.privacy_url}
        return self.texts(key, **{**named, **values})


def plain(keyboard: InlineKeyboardMarkup) -> Mapping[str, object]:
    """The keyboard as JSON for an outbox payload."""
    return keyboard.model_dump(mode="json", exclude_none=True)


@asynccontextmanager
async def a_turn(
    tx: Transaction, speech: Speech, chat_id: int, key: str, now: datetime, language: str | None = None
) -> AsyncIterator[Turn]:
    """A turn in this chat, stored when the block ends well; a chat we haven't met speaks `language`, if we do."""
    chat = await tx.chat(chat_id)
    turn = Turn(tx, speech, chat or Chat(chat_id=chat_id, language=speech.known(language)), chat is not None, key, now)
    yield turn
    await turn.flush()


def languages(speech: Speech) -> Sequence[tuple[str, str]]:
    """(code, own name) of every language spoken."""
    return [(code, texts("telegram.language_name")) for code, texts in speech.texts.items()]
