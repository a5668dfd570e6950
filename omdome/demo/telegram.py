"""Telegram as the demonstration sees it: a Bot API emulator on loopback, and customers who tap and type in it."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web
from lo_bot_api_emulator import LoBotApiEmulator

TOKEN = "1:demo-token-without-any-secret"  # noqa: S105 - the emulator doesn't check it


@dataclass(slots=True)
class Message:
    """One message from the bot, as a customer sees it. `buttons`: (label, callback data), row by row."""

    message_id: int
    text: str
    buttons: list[list[tuple[str, str]]] = field(default_factory=list)

    def button(self, label: str) -> str:
        """The callback data of the first button whose label contains `label`; LookupError if there is none."""
        for row in self.buttons:
            for shown, data in row:
                if label.lower() in shown.lower():
                    return data
        raise LookupError(f"no button {label!r} on {self.text!r}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chat's transcript; `who` is "bot" or "customer", `message` the bot's, as it now stands."""

    who: str
    text: str
    message: Message | None = None

    @property
    def rows(self) -> list[list[str]]:
        """The labels of its buttons as they now stand, row by row."""
        return [[label for label, _ in row] for row in self.message.buttons] if self.message else []


class _Listening(LoBotApiEmulator):  # type: ignore[misc]
    """The emulator keeps no texts; a customer must be able to read them."""

    def __init__(self, chats: "FakeTelegram") -> None:
        super().__init__(max_updates=100_000)
        self._chats = chats

    def validate(self, method: str, fields: dict[str, object], uploads: object) -> object:
        result = super().validate(method, fields, uploads)
        self._chats.heard(method, fields, result)
        return result


class FakeTelegram:
    """The emulator, the customers' side of it, and what was said, chat by chat."""

    def __init__(self) -> None:
        self._emulator = _Listening(self)
        self.base_url = ""
        self.messages: dict[int, list[Message]] = defaultdict(list)
        self.transcripts: dict[int, list[Line]] = defaultdict(list)
        self._taps = 0
        self._sent = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeTelegram"]:
        """Serves on a free port of 127.0.0.1 while the block runs; `base_url` says where."""
        runner = web.AppRunner(self._emulator.app(), access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            self.base_url = f"http://127.0.0.1:{port}"
            yield self
        finally:
            await runner.cleanup()

    def heard(self, method: str, fields: Mapping[str, object], result: object) -> None:
        """Called for every accepted Bot API call."""
        if method not in ("sendMessage", "sendPhoto", "editMessageText", "editMessageReplyMarkup"):
            return
        chat_id, message_id = int(str(fields["chat_id"])), _message_id(result)
        buttons = _buttons(fields.get("reply_markup"))
        if method.startswith("send"):
            text = str(fields.get("text") or fields.get("caption") or "")
            message = Message(message_id, text, buttons)
            self.messages[chat_id].append(message)
            self.transcripts[chat_id].append(Line("bot", text, message))
            return
        for message in self.messages[chat_id]:
            if message.message_id == message_id:
                message.buttons = buttons

    async def say(self, chat_id: int, text: str, at: datetime) -> None:
        """The customer types `text`."""
        self.transcripts[chat_id].append(Line("customer", text))
        self._sent += 1
        message: dict[str, object] = {
            "message_id": 1_000_000 + self._sent,
            "date": int(at.timestamp()),
            "chat": {"id": chat_id, "type": "private"},
            "from": _customer(chat_id),
            "text": text,
        }
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        await self._emulator.enqueue_update({"message": message}, token=TOKEN)

    async def tap(self, chat_id: int, message: Message, label: str, at: datetime) -> None:
        """The customer taps the button whose label contains `label`."""
        self.transcripts[chat_id].append(Line("customer", f"[{label}]"))
        self._taps += 1
        query = {
            "id": str(self._taps),
            "from": _customer(chat_id),
            "chat_instance": str(chat_id),
            "data": message.button(label),
            "message": {
                "message_id": message.message_id,
                "date": int(at.timestamp()),
                "chat": {"id": chat_id, "type": "private"},
                "text": message.text,
            },
        }
        await self._emulator.enqueue_update({"callback_query": query}, token=TOKEN)

    def last(self, chat_id: int) -> Message:
        """The bot's newest message in the chat."""
        return self.messages[chat_id][-1]


def _customer(chat_id: int) -> dict[str, object]:
    return {"id": chat_id, "is_bot": False, "first_name": "Kund", "language_code": "sv"}


def _message_id(result: object) -> int:
    return int(str(result["message_id"])) if isinstance(result, Mapping) else 0


def _buttons(markup: object) -> list[list[tuple[str, str]]]:
    parsed = json.loads(markup) if isinstance(markup, str) else markup
    if not isinstance(parsed, Mapping):
        return []
    rows = parsed.get("inline_keyboard", [])
    return [[(str(key["text"]), str(key.get("callback_data", ""))) for key in row] for row in rows]
