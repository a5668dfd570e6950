"""Polling and webhook against a Bot API server that nobody here wrote."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiohttp import web
from lo_bot_api_emulator import LoBotApiEmulator

from bot.application import ALLOWED_UPDATES, TelegramService
from omdome.demo.clock import SimulatedClock
from omdome.demo.telegram import TOKEN
from storage.database import SqlStore
from tests.bot.telegram_world import NOW, a_service

ANNA = 101
SECRET = "a-Secret_of-24-characters"


@dataclass
class Wire:
    emulator: LoBotApiEmulator
    service: TelegramService
    store: SqlStore

    async def says(self, text: str) -> None:
        person = {"id": ANNA, "is_bot": False, "first_name": "Kund"}
        message = {"message_id": 1, "date": 1, "chat": {"id": ANNA, "type": "private"}, "from": person, "text": text}
        await self.emulator.enqueue_update({"message": message}, token=TOKEN)

    def sent(self) -> int:
        return sum(1 for call in self.emulator.requests if call["method"] == "sendMessage" and call["status"] == 200)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def wire(store: SqlStore) -> AsyncIterator[Wire]:
    emulator = LoBotApiEmulator(allow_insecure_loopback_webhooks=True)
    clock = SimulatedClock(NOW)
    async with serving(emulator.app()) as url, a_service(store, clock, url) as service:
        yield Wire(emulator, service, store)


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


@asynccontextmanager
async def running(*parts: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(part(stop)) for part in parts]
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(5):
            await asyncio.gather(*tasks)


async def test_polling_answers_and_stops_when_told(wire: Wire) -> None:
    async with running(wire.service.run_polling, wire.service.work):
        await wire.says("/start")
        await until(lambda: wire.sent() == 1)
        await wire.says("/hjalp")
        await until(lambda: wire.sent() == 2)


async def test_what_was_not_stored_is_not_confirmed(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database fails while updates are fetched: they are fetched again."""

    async def broken(rows: object) -> int:
        raise OSError("disk full")

    await wire.says("/start")
    polling = wire.service._polling()
    with monkeypatch.context() as patched:
        patched.setattr(polling, "_put", broken)
        with pytest.raises(OSError, match="disk full"):
            await polling.fetch()
    assert await wire.service.drain() == 1
    assert wire.sent() == 1


async def test_an_update_that_cannot_be_read_holds_up_nobody(wire: Wire) -> None:
    await wire.emulator.enqueue_update({"message": {"chat": "not a chat at all"}}, token=TOKEN)
    await wire.says("/start")
    await wire.service.drain()
    assert wire.sent() == 1
    async with wire.store.look() as tx:
        assert "ValidationError" in str(await tx.queue_state(NOW))


async def test_a_second_poller_is_told_what_is_wrong(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    other = wire.service._polling()
    with caplog.at_level(logging.ERROR, "bot.polling"):
        async with running(wire.service._polling().run, other.run):
            await until(lambda: "another process polls" in caplog.text)
    assert TOKEN not in caplog.text


async def test_a_webhook_takes_over_and_polling_takes_back(wire: Wire) -> None:
    app = web.Application()
    app.router.add_post("/telegram", wire.service.webhook(SECRET).handle)
    async with serving(app) as url, running(wire.service.work):
        await wire.service.register_webhook(f"{url}/telegram", SECRET)
        info = await wire.service.bot.get_webhook_info()
        assert info.allowed_updates == list(ALLOWED_UPDATES)
        await wire.says("/start")
        await until(lambda: wire.sent() == 1)
    async with running(wire.service.run_polling, wire.service.work):
        await wire.says("/hjalp")
        await until(lambda: wire.sent() == 2)


async def test_a_webhook_without_the_right_secret_gets_nothing_in(wire: Wire) -> None:
    app = web.Application()
    app.router.add_post("/telegram", wire.service.webhook(SECRET).handle)
    async with serving(app) as url:
        await wire.service.register_webhook(f"{url}/telegram", SECRET[::-1])
        await wire.says("/start")
        info = await wire.service.bot.get_webhook_info()
    assert info.pending_update_count == 1
    async with wire.store.step() as tx:
        assert await tx.claim_updates(NOW, timedelta(minutes=1), 10) == []


async def test_the_menu_of_commands_is_filled_in_every_language(wire: Wire) -> None:
    await wire.service.announce_commands()
    filled = [call for call in wire.emulator.requests if call["method"] == "setMyCommands"]
    assert [(call["status"], "language_code" in call["fields"]) for call in filled] == [(200, False), (200, True)]
