"""The webhook by itself: who gets in, what is stored, and what Telegram is told."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from io import BytesIO

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.webhook import BODY_LIMIT_BYTES, Webhook
from models.queues import InboxRow
from workflow.ports import StoreUnavailableError

SECRET = "a-Secret_of-24-characters"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE = {"update_id": 7, "message": {"text": "hej"}}


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 17, 12, tzinfo=UTC)


class Gate:
    """What a webhook puts its updates in."""

    def __init__(self) -> None:
        self.rows: list[InboxRow] = []
        self.failure: Exception | None = None

    async def put(self, rows: Sequence[InboxRow]) -> int:
        if self.failure:
            raise self.failure
        self.rows += rows
        return len(rows)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def client(gate: Gate) -> AsyncIterator[TestClient]:
    app = web.Application()
    app.router.add_post("/telegram", Webhook(gate.put, Clock(), SECRET).handle)
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def test_an_update_is_stored_raw_before_it_is_acknowledged(client: TestClient, gate: Gate) -> None:
    answer = await client.post("/telegram", json=UPDATE, headers={HEADER: SECRET})
    assert answer.status == 200
    assert gate.rows == [InboxRow(7, UPDATE, Clock().now())]


async def test_a_tap_is_answered_in_the_same_breath(client: TestClient) -> None:
    tap = {"update_id": 8, "callback_query": {"id": "4711"}}
    answer = await client.post("/telegram", json=tap, headers={HEADER: SECRET})
    assert await answer.json() == {"method": "answerCallbackQuery", "callback_query_id": "4711"}


@pytest.mark.parametrize("secret", ["wrong", "", SECRET + "x", SECRET[:-1], "hemlighet-på-svenska", "\udce5"])
async def test_nobody_gets_in_without_the_secret(client: TestClient, gate: Gate, secret: str) -> None:
    raw = secret.encode("utf-8", "surrogateescape").decode("latin-1") if not secret.isascii() else secret
    answer = await client.post("/telegram", json=UPDATE, headers={HEADER: raw})
    assert (answer.status, gate.rows) == (401, [])


async def test_nobody_gets_in_without_the_header(client: TestClient, gate: Gate) -> None:
    answer = await client.post("/telegram", json=UPDATE)
    assert (answer.status, gate.rows) == (401, [])


@pytest.mark.parametrize("secret", ["", "med mellanslag", "på-svenska", "x" * 257])
def test_a_bad_secret_refuses_to_start(secret: str) -> None:
    with pytest.raises(ValueError, match="secret token"):
        Webhook(Gate().put, Clock(), secret)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'{"message": {}}', b'{"update_id": "7"}', b'{"update_id": true}']
)
async def test_what_is_no_update_is_refused(client: TestClient, gate: Gate, body: bytes) -> None:
    answer = await client.post("/telegram", data=body, headers={HEADER: SECRET})
    assert (answer.status, gate.rows) == (400, [])


async def test_a_body_too_large_is_refused(client: TestClient, gate: Gate) -> None:
    answer = await client.post("/telegram", data=BytesIO(b" " * (BODY_LIMIT_BYTES + 1)), headers={HEADER: SECRET})
    assert (answer.status, gate.rows) == (413, [])


async def test_a_busy_database_makes_telegram_send_it_again(client: TestClient, gate: Gate) -> None:
    gate.failure = StoreUnavailableError("the database can't take it now: database is locked")
    answer = await client.post("/telegram", json=UPDATE, headers={HEADER: SECRET})
    assert answer.status == 503
