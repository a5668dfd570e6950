"""`run`, as a process: a customer answers in a (fake) chat, signals end it well, and what can't run says why."""

import asyncio
import signal
import socket
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from models.case import ClosedCase
from models.queues import OutboxKind, OutboxRow
from models.selection import Decision
from models.survey import Invitation
from omdome.config import load_config
from omdome.credentials import Credentials
from omdome.demo.telegram import TOKEN, FakeTelegram
from omdome.state import State, read_state
from omdome.wiring import open_application
from tests.omdome.conftest import Installation

ANNA = 17


def configuration(base_url: str = "https://127.0.0.1:9", port: int = 0, more: str = "") -> str:
    return f"""
[organisation]
name = "Exempelkommunen"
[telegram]
enabled = true
bot_username = "ProvBot"
api_base_url = "{base_url}"
poll_timeout_seconds = 1
[web]
port = {port}
case_api = true
[workers]
rest_seconds = 0.05
{more}"""


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram().running() as running:
        yield running


@pytest.fixture
def live(installation: Installation) -> Installation:
    installation.secrets = {"OMDOME_TELEGRAM_TOKEN": TOKEN, "OMDOME_API_TOKEN": "s3kret-token-of-the-case-api"}
    return installation


async def an_invited_case(live: Installation) -> str:
    """A closed case that is asked about; returns the invitation's token."""
    now, token = datetime.now(UTC), "t" * 22
    case = ClosedCase(case_id="SK-1", closed_at=now, subject="Hål i vägen", handler_mail="handlaggare@example.org")
    wanted = Invitation(
        id=0, case_number=1, token=token, language="sv", created_at=now, expires_at=now + timedelta(days=14)
    )
    config = load_config(live.folder / "config.toml")
    async with open_application(config, Credentials()) as app, app.store.step() as tx:
        await tx.put_cases([case], now)
        await tx.decide([Decision(1, None)], now)
        await tx.put_invitations([wanted])
    return token


async def state_of(live: Installation) -> State:
    async with open_application(load_config(live.folder / "config.toml"), Credentials()) as app:
        return await read_state(app)


async def eventually(condition: Callable[[], object], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.05)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def ended(process: "subprocess.Popen[str]", seconds: float = 10) -> int:
    return await asyncio.to_thread(process.wait, seconds)


async def test_a_customer_answers_and_the_log_tells_nothing_of_it(live: Installation, telegram: FakeTelegram) -> None:
    port = free_port()
    live.configure(configuration(telegram.base_url, port))
    token = await an_invited_case(live)
    process = live.start("run")
    await telegram.say(ANNA, f"/start {token}", datetime.now(UTC))
    await eventually(lambda: telegram.messages[ANNA] and "Fråga 1 av 3" in telegram.last(ANNA).text)
    await telegram.tap(ANNA, telegram.last(ANNA), "Bra", datetime.now(UTC))
    await eventually(lambda: "Fråga 2 av 3" in telegram.last(ANNA).text)
    await telegram.say(ANNA, "hopplöst dåligt, ring 070-174 06 05", datetime.now(UTC))
    await eventually(lambda: len(telegram.messages[ANNA]) >= 3)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
        assert answer.status == 200
    second = await asyncio.to_thread(live.run, "run", "--role", "bot")
    assert second.returncode == 2
    assert f"polling with this bot (process {process.pid} holds" in second.stderr
    process.send_signal(signal.SIGTERM)
    assert await ended(process) == 0
    state = await state_of(live)
    assert state.survey == {"closed": 1, "asked": 1, "reached": 1, "answered": 1}
    assert state.answers_this_week >= 1
    assert list(state.running) == ["all"]
    assert state.last_update is not None
    logged = (live.folder / "log.txt").read_text(encoding="utf-8")
    assert "finishing what is in flight" in logged
    for private in (TOKEN, token, "hopplöst", "070-174", "Kund", "handlaggare@"):
        assert private not in logged
    assert not [line for line in live.log() if line["level"] in ("error", "critical")]


async def test_after_a_crash_the_next_question_comes_at_once(live: Installation, telegram: FakeTelegram) -> None:
    live.configure(configuration(telegram.base_url, free_port()))
    token = await an_invited_case(live)
    await telegram.say(ANNA, f"/start {token}", datetime.now(UTC))
    process = live.start("run", "--role", "bot")
    await eventually(lambda: "Fråga 1 av 3" in str(telegram.messages[ANNA]))
    process.kill()
    await ended(process)
    now, config = datetime.now(UTC), load_config(live.folder / "config.toml")
    payload = {"method": "SendMessage", "arguments": {"chat_id": ANNA, "text": "Den avbrutna frågan"}}
    row = OutboxRow(kind=OutboxKind.TELEGRAM, key="k", payload=payload, due_at=now)
    # as a crash between claiming and sending leaves it
    async with open_application(config, Credentials()) as app, app.store.step() as tx:
        await tx.enqueue([row])
        assert await tx.claim([OutboxKind.TELEGRAM], now, timedelta(minutes=10), 10)
    live.start("run", "--role", "bot")
    await eventually(lambda: "Den avbrutna frågan" in str(telegram.messages[ANNA]), 20)


async def test_cases_come_in_over_the_api_and_from_the_folder_and_are_decided(
    live: Installation, telegram: FakeTelegram
) -> None:
    port = free_port()
    (live.folder / "in").mkdir()
    more = '[intake]\nwatched_folder = "in"\nwatch_interval_seconds = 1\nwatched_settle_seconds = 1\n'
    more += "[selection]\ninterval_seconds = 1\n"
    live.configure(configuration(telegram.base_url, port, more))
    now = datetime.now(UTC).isoformat()
    (live.folder / "in" / "natt.csv").write_text(f"case_id;closed_at;email\nA-1;{now};anna@kund.example.net\n")
    process = live.start("run")
    await eventually(lambda: any("is up" in line["event"] for line in _log(live)))
    headers = {"Authorization": "Bearer " + live.secrets["OMDOME_API_TOKEN"]}
    case = {"case_id": "B-1", "closed_at": now, "email": "bo@kund.example.net"}
    async with aiohttp.ClientSession() as session:
        async with session.post(f"http://127.0.0.1:{port}/api/cases", json=case, headers=headers) as answer:
            assert answer.status in (200, 201)
        async with session.post(f"http://127.0.0.1:{port}/api/cases", json=case) as answer:
            assert answer.status == 401
    await eventually(lambda: (live.folder / "in" / "done" / "natt.csv").exists())
    await eventually(lambda: asked(live.folder / "data" / "omdome.db") == 2)
    process.terminate()
    assert await ended(process) == 0


async def test_two_processes_share_the_work_of_a_webhook(live: Installation, telegram: FakeTelegram) -> None:
    port = free_port()
    webhook = 'mode = "webhook"\nwebhook_url = "https://omdome.example.se/hook/telegram"\n'
    live.configure(configuration(telegram.base_url, port).replace("[web]", f"{webhook}[web]"))
    live.secrets["OMDOME_TELEGRAM_WEBHOOK_SECRET"] = "only-telegram-knows"
    token = await an_invited_case(live)
    processes = [live.start("run", "--role", role) for role in ("web", "bot")]
    await eventually(lambda: sum("is up" in line["event"] for line in _log(live)) == 2)
    address, update = f"http://127.0.0.1:{port}/hook/telegram", started(token)
    async with aiohttp.ClientSession() as session:
        async with session.post(address, json=update) as answer:
            assert answer.status == 401
        for _ in range(2):  # Telegram repeats itself when in doubt
            headers = {"X-Telegram-Bot-Api-Secret-Token": "only-telegram-knows"}
            async with session.post(address, json=update, headers=headers) as answer:
                assert answer.status == 200
    await eventually(lambda: telegram.messages[ANNA] and "Fråga 1 av 3" in telegram.last(ANNA).text)
    for process in processes:
        process.terminate()
    assert [await ended(process) for process in processes] == [0, 0]
    assert sum("Fråga 1 av 3" in message.text for message in telegram.messages[ANNA]) == 1
    assert set((await state_of(live)).running) == {"bot", "web"}


def started(token: str) -> dict[str, object]:
    person = {"id": ANNA, "is_bot": False, "first_name": "Kund", "language_code": "sv"}
    text = f"/start {token}"
    entities = [{"type": "bot_command", "offset": 0, "length": 6}]
    chat = {"id": ANNA, "type": "private"}
    message = {"message_id": 1, "date": 1, "chat": chat, "from": person, "text": text, "entities": entities}
    return {"update_id": 1, "message": message}


def asked(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        found: int = connection.execute("SELECT count(*) FROM invitations").fetchone()[0]
        return found


def _log(live: Installation) -> list[dict[str, str]]:
    return live.log() if (live.folder / "log.txt").exists() else []


def test_a_taken_port_is_told_and_ends_it(live: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        live.configure(f"[web]\nport = {port}\n")
        told = live.run("run")
    assert told.returncode == 2
    assert f"[web] 127.0.0.1:{port} can't be listened on (Address already in use)" in told.stderr.splitlines()[-1]
    assert "Traceback" not in told.stderr


def test_what_cannot_work_is_refused_before_anything_starts(live: Installation) -> None:
    live.configure('[telegram]\nenabled = true\nbot_username = "ProvBot"\n')
    told = live.run("run", OMDOME_TELEGRAM_TOKEN="")
    assert told.returncode == 2
    assert told.stderr == "Telegram bot: it has no token; set OMDOME_TELEGRAM_TOKEN to what @BotFather gave you\n"
    assert not (live.folder / "data").exists()


def test_an_unusable_database_is_told(live: Installation, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    told = live.run("purge")
    assert told.returncode == 1
    assert told.stderr.startswith("[storage] url: can't make ")


async def test_a_taken_port_is_told_with_what_to_do(live: Installation, telegram: FakeTelegram) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        live.configure(configuration(telegram.base_url, port))
        process = live.start("run")
        assert await ended(process, 30) != 0
    assert f"[web] 127.0.0.1:{port} can't be listened on" in (live.folder / "log.txt").read_text("utf-8")
    assert "set [web] port to another" in (live.folder / "log.txt").read_text("utf-8")
