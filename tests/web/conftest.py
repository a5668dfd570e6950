"""A real server on loopback over a real SQLite file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from intake.case_schema import case_schema
from intake.columns import DEFAULT_COLUMNS
from intake.jsonl_cases import ObjectParser
from intake.rows import RowParser, RowRules
from intake.values import read_mail, read_phone
from models.access import Scope
from models.case import AddressKind
from models.conversation import Script
from models.digest import DigestPolicy
from storage.database import SqlStore
from web.api import ApiSettings, add_api
from web.api_access import Access
from web.app import build_app, serving
from web.metrics import add_metrics
from workflow.api_tokens import digest_of, new_token
from workflow.converse import SurveyPolicy

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


def read_address(kind: AddressKind, text: str) -> str:
    return read_mail(text) if kind is AddressKind.MAIL else read_phone(text, "SE")


SETTINGS = ApiSettings(
    organisation="Exempelkommunen",
    version="1",
    policy=SurveyPolicy(
        questions=("bemotande", "tillganglighet", "leverans"), script=Script(reasons=("annat",)), zone=ZONE
    ),
    parser_at=parser_at,
    case_schema=case_schema(DEFAULT_COLUMNS, ("sv", "en")),
    read_address=read_address,
    figures=DigestPolicy(organisation="Exempelkommunen", questions=("bemotande", "tillganglighet", "leverans")),
)


@dataclass(frozen=True)
class Api:
    """The case system's side of the API."""

    http: aiohttp.ClientSession
    address: str
    store: SqlStore
    clock: StandingClock
    token: str = TOKEN

    async def post(
        self, body: object, headers: dict[str, str] | None = None, path: str = "/api/cases"
    ) -> tuple[int, dict]:
        """Post JSON (or bytes as they are); returns status and the JSON answered."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        raw = {"data": body} if isinstance(body, bytes) else {"json": body}
        if isinstance(body, bytes):
            sent.setdefault("Content-Type", "application/json")
        async with self.http.post(f"{self.address}{path}", headers=sent, **raw) as response:
            return await _told(response)

    async def get(self, path: str) -> tuple[int, dict]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.http.get(f"{self.address}{path}", headers=headers) as response:
            return await _told(response)

    async def allowed(self, *scopes: Scope) -> "Api":
        """The same, with a new token that may do so much."""
        token = new_token()
        async with self.store.step() as tx:
            await tx.put_api_token(token[:12], digest_of(token), scopes, self.clock.now())
        return replace(self, token=token)

    async def stored(self) -> list[str]:
        async with self.store.look() as tx:
            return [found.case.case_id for found in await tx.undecided(1000)]


async def _told(response: aiohttp.ClientResponse) -> tuple[int, dict]:
    assert response.headers["Server"] == "omdome"
    assert response.headers["Cache-Control"] == "no-store"
    if response.status == 204:
        assert await response.read() == b""
        return 204, {}
    assert response.content_type == ("application/json" if response.status < 400 else "application/problem+json")
    return response.status, await response.json(content_type=None)


@pytest.fixture
async def api(store: SqlStore) -> AsyncIterator[Api]:
    clock = StandingClock()
    app = build_app(store, 100_000)
    add_api(app, store, clock, Access(store, clock, TOKEN), SETTINGS)
    async with serving(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        yield Api(http, f"http://127.0.0.1:{port}", store, clock)


@pytest.fixture
async def metered_api(store: SqlStore) -> AsyncIterator[Api]:
    """The same with /metrics, and without OMDOME_API_TOKEN."""
    clock = StandingClock()
    app, access = build_app(store), Access(store, clock)
    add_metrics(app, store, clock, access)
    add_api(app, store, clock, access, SETTINGS)
    async with serving(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        yield Api(http, f"http://127.0.0.1:{port}", store, clock, token="")
