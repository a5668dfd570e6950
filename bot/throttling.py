"""Telegram's speed limits, kept on our side: https://core.telegram.org/bots/faq#broadcasting-to-users"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages a second; None is no limit (a fake server on loopback)."""

    in_all: float | None = 30.0
    per_chat: float | None = 1.0


TELEGRAMS_LIMITS = Limits()


class Throttle(BaseRequestMiddleware):
    """Makes whatever goes to a chat wait for its turn.

    New messages count against both limits, edits against the common one only: Telegram's limit per chat is on
    messages sent. After a 429 nothing goes to that chat until `retry_after` has passed.
    """

    def __init__(
        self,
        limits: Limits,
        seconds: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limits = limits
        self._seconds = seconds
        self._sleep = sleep
        self._free = 0.0  #: when the next request may leave
        self._chat_free: dict[int, float] = {}

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        chat = getattr(method, "chat_id", None)
        if not isinstance(chat, int):
            return await make_request(bot, method)
        if wait := self._wait_for_chat(chat, type(method).__name__.startswith("Send")):
            await self._sleep(wait)
        if wait := self._wait_for_all():
            await self._sleep(wait)
        try:
            return await make_request(bot, method)
        except TelegramRetryAfter as error:
            self._chat_free[chat] = self._seconds() + error.retry_after
            raise

    def _wait_for_chat(self, chat: int, is_message: bool) -> float:
        now = self._seconds()
        if len(self._chat_free) > 10_000:
            self._chat_free = {known: free for known, free in self._chat_free.items() if free > now}
        turn = max(now, self._chat_free.get(chat, now))
        if is_message and self._limits.per_chat:
            self._chat_free[chat] = turn + 1 / self._limits.per_chat
        return turn - now

    def _wait_for_all(self) -> float:
        if not self._limits.in_all:
            return 0.0
        now = self._seconds()
        turn = max(now, self._free)
        self._free = turn + 1 / self._limits.in_all
        return turn - now
