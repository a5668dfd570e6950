"""Polling: updates are fetched, stored, and only then confirmed by the next request's offset."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod

from models.queues import InboxRow
from workflow.backoff import USUAL_BACKOFF, Jitter
from workflow.ports import Clock

log = logging.getLogger(__name__)

Put = Callable[[Sequence[InboxRow]], Awaitable[int]]


class RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates without reading the updates: one that aiogram can't parse must not hold up the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int
    allowed_updates: list[str]


@dataclass(frozen=True, slots=True)
class PollingSettings:
    allowed: tuple[str, ...]  #: kinds of updates
    wait_seconds: int = 30  #: how long Telegram may keep a request until something happens


class Polling:
    """Our own getUpdates loop; aiogram's confirms updates whether or not they could be handled."""

    def __init__(
        self,
        bot: Bot,
        put: Put,
        clock: Clock,
        jitter: Jitter,
        answer_tap: Callable[[str], None],
        settings: PollingSettings,
    ) -> None:
        """`answer_tap` stops a button's spinner, without being waited for."""
        self._bot = bot
        self._put = put
        self._clock = clock
        self._jitter = jitter
        self._answer_tap = answer_tap
        self._allowed = list(settings.allowed)
        self._wait_seconds = settings.wait_seconds
        # Only what is committed moves the offset, and an empty answer drops it again: what was confirmed stays
        # confirmed, and after a silent week Telegram may number updates anew, from below an offset kept.
        self._offset: int | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch until `stop`; a request that waits for updates is broken off, which confirms nothing."""
        faults = 0
        while not stop.is_set():
            fetching = asyncio.ensure_future(self.fetch(self._wait_seconds))
            stopping = asyncio.ensure_future(stop.wait())
            await asyncio.wait((fetching, stopping), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if not fetching.done():
                fetching.cancel()
                await asyncio.wait((fetching,))
                return
            if error := fetching.exception():
                faults += 1
                await _pause(stop, self._after(error, faults))
            else:
                faults = 0

    async def fetch(self, wait_seconds: int = 0) -> int:
        """One getUpdates, stored; returns how many updates came. Raises what Telegram or the store raises."""
        method = RawUpdates(offset=self._offset, timeout=wait_seconds, allowed_updates=self._allowed)
        updates = await self._bot(method, request_timeout=wait_seconds + 15)
        if not updates:
            self._offset = None
            return 0
        now = self._clock.now()
        # A cancelled fetch may have stored already: harmless, since known updates are passed over.
        await self._put([InboxRow(update["update_id"], update, now) for update in updates])
        self._offset = max(update["update_id"] for update in updates) + 1
        for update in updates:
            if query := update.get("callback_query"):
                self._answer_tap(query["id"])
        return len(updates)

    def _after(self, error: BaseException, faults: int) -> float:
        if isinstance(error, TelegramRetryAfter):
            return float(error.retry_after)
        if isinstance(error, TelegramConflictError):
            log.error(
                "Telegram refuses polling (409): another process polls with this bot's token, or a webhook is set. "
                "Stop the other one, or give each installation its own bot."
            )
        elif isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
            log.error("Telegram does not know this bot: check the token in OMDOME_TELEGRAM_TOKEN")
        else:
            log.warning("updates could not be fetched (%s), time %d in a row", type(error).__name__, faults)
        return USUAL_BACKOFF.delay(faults, self._jitter()).total_seconds()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
