"""The bot as a process of its own, to be killed: store, polling, inbox, worker and outbox, on the machine's clock."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.application import TelegramService, TelegramSettings
from omdome.demo.telegram import TOKEN
from storage.database import open_store
from tests.bot.telegram_world import UNLIMITED, a_speech
from workflow.backoff import Backoff
from workflow.inbox import InboxPolicy
from workflow.outbox import OutboxPolicy

a_speech()  # read before the fork, so that a killed process is soon replaced

LEASE = timedelta(seconds=0.4)
SOON = Backoff(first=timedelta(milliseconds=100), longest=timedelta(seconds=1))


class MachineClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def run(store_url: str, api: str, in_flight: int) -> None:
    """Runs until it is killed; sends so many messages at the same time."""
    asyncio.run(_run(store_url, api, in_flight))


async def _run(store_url: str, api: str, in_flight: int) -> None:
    settings = TelegramSettings(
        token=TOKEN,
        base_url=api,
        limits=UNLIMITED,
        rest_seconds=0.05,
        inbox=InboxPolicy(lease=LEASE, backoff=SOON),
        outbox=OutboxPolicy(lease=LEASE, backoff=SOON, batch=in_flight),
    )
    store = await open_store(store_url, ZoneInfo("Europe/Stockholm"))
    service = TelegramService(store, MachineClock(), settings, a_speech(), jitter=lambda: 1.0)
    never = asyncio.Event()
    await asyncio.gather(service.run_polling(never), service.work(never))
