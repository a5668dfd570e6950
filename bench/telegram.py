"""Updates a second through webhook, inbox, dispatch and commit, against a bare aiogram handler in the same run.

Both serve the same taps over HTTP on loopback from 32 clients at a time, in this one process; the ratio is what counts.
"""

import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import Bot, Dispatcher, Router
from aiogram.types import CallbackQuery
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import ClientSession, web

from bot.application import TelegramService, TelegramSettings
from bot.speech import Speech
from bot.taps import Tap
from models.case import ClosedCase
from models.conversation import Accepted, Script
from models.survey import Chat, Invitation
from omdome.lexicons import load_lexicon
from omdome.texts import load_texts
from storage.database import SqlStore, open_store
from survey.conversation import advance, start
from workflow.converse import SurveyPolicy

SURVEYS = 400
QUESTIONS = ("bemotande", "tillganglighet", "leverans")
UPDATES = SURVEYS * len(QUESTIONS)
TOKEN = "1:bench"
SECRET = "bench"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
SCRIPT = Script(reasons=("annat",))
ZONE = ZoneInfo("Europe/Stockholm")


class MachineClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def main() -> None:
    """Print the table."""
    asyncio.run(_measure())


async def _measure() -> None:
    taps = [json.dumps(tap).encode() for tap in _taps()]
    bare = await _bare(taps)
    with tempfile.TemporaryDirectory() as folder:
        stored, through, megabytes = await _ours(taps, Path(folder))
    print(f"{UPDATES:,} taps of {SURVEYS} customers; one process does everything, the clients included")
    for what, rate in (
        ("bare aiogram handler, nothing stored", bare),
        ("webhook and durable inbox: until acknowledged", stored),
        ("webhook, inbox, dispatch, answer, outbox: until committed", through),
    ):
        print(f"{what:<60}{rate:>8,.0f}/s   {rate / bare:>5.2f} of bare")
    print(f"memory at its highest, all of this process: {megabytes:.0f} MB")


def _taps() -> list[dict[str, Any]]:
    """Each customer's three taps; the customers in random order, each one's own in theirs."""
    order = [survey for survey in range(1, SURVEYS + 1) for _ in QUESTIONS]
    random.Random(1).shuffle(order)
    asked: dict[int, int] = {}
    found = []
    for number, survey in enumerate(order, 1):
        question = asked.get(survey, 0)
        asked[survey] = question + 1
        tap = Tap(token=f"{survey:022}", kind="r", question=question, value="bra")
        chat = {"id": survey, "type": "private", "first_name": "Kund"}
        found.append(
            {
                "update_id": number,
                "callback_query": {
                    "id": str(number),
                    "from": {"id": survey, "is_bot": False, "first_name": "Kund", "language_code": "sv"},
                    "chat_instance": "1",
                    "data": tap.pack(),
                    "message": {"message_id": number, "date": 1, "chat": chat, "text": "Fråga"},
                },
            }
        )
    return found


@asynccontextmanager
async def _serving(app: web.Application) -> Any:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def _post_all(url: str, taps: Sequence[bytes]) -> None:
    waiting = iter(taps)

    async def client(session: ClientSession) -> None:
        for tap in waiting:
            async with session.post(url, data=tap, headers=HEADERS) as answer:
                assert answer.status == 200, answer.status

    async with ClientSession() as session:
        await asyncio.gather(*(client(session) for _ in range(32)))


async def _rate(work: Callable[[], Awaitable[None]]) -> float:
    begun = time.perf_counter()
    await work()
    return UPDATES / (time.perf_counter() - begun)


async def _bare(taps: Sequence[bytes]) -> float:
    router = Router()

    @router.callback_query(Tap.filter())
    async def handle(query: CallbackQuery, callback_data: Tap) -> None:
        return

    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    app = web.Application()
    handler = SimpleRequestHandler(dispatcher, Bot(TOKEN), handle_in_background=False, secret_token=SECRET)
    handler.register(app, "/telegram")
    async with _serving(app) as url:
        return await _rate(lambda: _post_all(f"{url}/telegram", taps))


async def _ours(taps: Sequence[bytes], folder: Path) -> tuple[float, float, float]:
    """Until acknowledged, until committed, megabytes."""
    store = await open_store(f"sqlite:///{folder}/bench.db", ZONE)
    await _customers(store)
    api = web.Application()
    api.router.add_post("/{path:.*}", _telegram)
    async with _serving(api) as telegram:
        settings = TelegramSettings(token=TOKEN, base_url=telegram)
        service = TelegramService(store, MachineClock(), settings, _speech())
        app = web.Application()
        app.router.add_post("/telegram", service.webhook(SECRET).handle)
        begun = time.perf_counter()
        async with _serving(app) as url:
            stored = await _rate(lambda: _post_all(f"{url}/telegram", taps))
        while await service.work_inbox():
            pass
        through = UPDATES / (time.perf_counter() - begun)
        async with store.look() as tx:
            answers = [len(await tx.answers(number)) for number in range(1, SURVEYS + 1)]
        assert sum(answers) == UPDATES, "not every tap became an answer"
        await service.close()
    await store.close()
    return (
        stored,
        through,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 2**20),
    )


async def _telegram(request: web.Request) -> web.Response:
    return web.json_response({"ok": True, "result": True})


async def _customers(store: SqlStore) -> None:
    """Everybody has been sent the first question."""
    now = datetime.now(UTC)
    session = advance(start(QUESTIONS, True), Accepted(), SCRIPT).session
    async with store.step() as tx:
        cases = [ClosedCase(case_id=f"{n:06}", closed_at=now, mail=f"{n}@example.org") for n in range(1, SURVEYS + 1)]
        await tx.put_cases(cases, now)
        made = [
            Invitation(
                id=0,
                case_number=stored.id,
                token=f"{number:022}",
                language="sv",
                created_at=now,
                expires_at=now + timedelta(days=14),
                opened_at=now,
                chat_id=number,
            )
            for number, stored in enumerate(await tx.undecided(SURVEYS), 1)
        ]
        for invitation in await tx.put_invitations(made):
            assert invitation.chat_id is not None
            await tx.save_session(invitation.id, session, now)
            await tx.save_chat(Chat(chat_id=invitation.chat_id, language="sv", current=invitation.id))


def _speech() -> Speech:
    return Speech(
        texts={"sv": load_texts("sv")},
        lexicons={"sv": load_lexicon("sv")},
        policy=SurveyPolicy(questions=QUESTIONS, script=SCRIPT, zone=ZONE),
        language="sv",
        organisation="Exempelkommunen",
    )


if __name__ == "__main__":
    main()
