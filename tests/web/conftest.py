"""A real server on loopback over a real SQLite file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from intake.columns import DEFAULT_COLUMNS
from intake.jsonl_cases import ObjectParser
from intake.rows import RowParser, RowRules
from storage.database import SqlStore
from web.app import WebSettings, build_app, serving

ZONE = ZoneInfo("Europe/Stockholm")
TOKEN = "ett långt hemligt ord"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class StandingClock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


def parser_at(now: datetime) -> ObjectParser:
    return ObjectParser(DEFAULT_COLUMNS, RowParser(RowRules(zone=ZONE, now=now)))


@dataclass
class Api:
    """The case system's side of the API."""

    http: aiohttp.ClientSession
    address: str
    store: SqlStore
    clock: StandingClock

    async def post(self, body: object, headers: dict[str, str] | None = None) -> tuple[int, dict]:
        """Post JSON (or bytes as they are); returns status and the JSON answered."""
        sent = {"Authorization": f"Bearer {TOKEN}".encode().decode("utf-8"), **(headers or {})}
        raw = {"data": body} if isinstance(body, bytes) else {"json": body}
        if isinstance(body, bytes):
            sent.setdefault("Content-Type", "application/json")
        async with self.http.post(f"{self.address}/api/cases", headers=sent, **raw) as response:
            assert response.headers["Server"] == "omdome"
            assert response.content_type == (
                "application/json" if response.status < 400 else "application/problem+json"
            )
            return response.status, await response.json(content_type=None)

    async def stored(self) -> list[str]:
        async with self.store.look() as tx:
            return [found.case.case_id for found in await tx.undecided(1000)]


@pytest.fixture
async def api(store: SqlStore) -> AsyncIterator[Api]:
    clock = StandingClock()
    app = build_app(store, WebSettings(case_api_token=TOKEN, max_body_bytes=100_000), clock, parser_at)
    async with serving(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        yield Api(http, f"http://127.0.0.1:{port}", store, clock)
