"""The managers' page as the configuration wires it, on a real server over a real SQLite file of a few weeks."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from models.case import ClosedCase, CustomerType
from models.counts import IsoWeek
from models.rating import Rating
from models.selection import Decision
from models.survey import Answer, Channel, Comment, Invitation
from omdome.config import parse_config
from omdome.credentials import read_credentials
from omdome.report import recipients_by_name
from omdome.web_wiring import web_application
from omdome.wiring import Application
from storage.database import SqlStore, open_store
from tests.conftest import STOCKHOLM
from web.app import serving
from workflow.sign_in import SignInPolicy, put_link

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)  # Monday of week 49: November (weeks 45–48) is over
WEEK = IsoWeek(2026, 48)
QUESTIONS = ("bemotande", "tillganglighet", "leverans")
CONFIG = """
[organisation]
name = "Exempelkommunen"

[storage]
url = "sqlite:///unused.db"

[web]
public_url = "{url}"

[mail]
host = "127.0.0.1"
sender = "omdome@example.se"

[digest.targets]
leverans = 70

[[digest.recipients]]
name = "chefen"
mail = "chefen@example.org"
identified = true

[[digest.recipients]]
name = "parkchefen"
mail = "parkchefen@example.org"
units = ["park"]
identified = true

[[digest.recipients]]
name = "analytikern"
mail = "analytikern@example.org"
units = ["Park"]
role = "analyst"
language = "en"
"""
#: answers a week: of Spår so few that no week may be shown
SIZES = {"Gata": 14, "Park": 9, "Spår": 2}


@dataclass
class MovingClock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@dataclass(frozen=True)
class Got:
    status: int
    url: str
    text: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def words(self) -> str:
        """All that can be read, in one line, lists to choose from left out."""
        visible = re.sub(r"(?s)<(style|script|select|title).*?</\1>", " ", self.text)
        text = " ".join(unescape(re.sub(r"<[^>]*>", " ", visible)).split())
        return text.replace("\N{NO-BREAK SPACE}", " ")

    @property
    def shows_figures(self) -> bool:
        return bool(re.search(r"\d+ %", self.words) or "n =" in self.words)

    def link(self, text: str) -> str:
        return unescape(re.search(rf'<a[^>]*href="([^"]*)"[^>]*>\s*{text}', self.text)[1])  # type: ignore[index]


@dataclass
class House:
    """The server, and managers with a browser each (a cookie jar by name)."""

    address: str
    app: Application
    clock: MovingClock
    server: web.Application
    http: dict[str, aiohttp.ClientSession] = field(default_factory=dict)

    @property
    def store(self) -> Any:
        return self.app.store

    def browser(self, who: str) -> aiohttp.ClientSession:
        if who not in self.http:
            self.http[who] = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        return self.http[who]

    async def get(self, path: str = "/rapport", who: str = "", **options: Any) -> Got:
        return await self._got(self.browser(who).get(f"{self.address}{path}", **options))

    async def post(self, path: str, who: str = "", **options: Any) -> Got:
        headers = {"Sec-Fetch-Site": "same-origin", **options.pop("headers", {})}
        return await self._got(self.browser(who).post(f"{self.address}{path}", headers=headers, **options))

    async def link(self, who: str) -> str:
        async with self.store.step() as tx:
            token = await put_link(tx, recipients_by_name(self.app.config)[who], SignInPolicy(), self.clock.now())
        return f"/rapport/in/{token}"

    async def sign_in(self, who: str) -> Got:
        return await self.post(await self.link(who), who)

    async def _got(self, request: Any) -> Got:
        async with request as response:
            body = await response.read()
            return Got(response.status, str(response.url), body.decode("utf-8", "replace"), response.headers, body)


def config_at(url: str = "http://127.0.0.1:1", more: str = "") -> Any:
    return parse_config(CONFIG.replace("{url}", url) + more)


async def fill(store: SqlStore) -> None:
    """Five weeks' customers. Each third says something is ok, each fourth of Park's that the delivery was dåligt."""
    cases, answered = [], []
    for back in range(4, -1, -1):
        for unit, size in SIZES.items():
            for number in range(size):
                at = datetime.combine(WEEK.shifted(-back).monday, datetime.min.time(), UTC) + timedelta(
                    hours=10, minutes=number
                )
                case = ClosedCase(
                    case_id=f"{unit}-{back}-{number}",
                    closed_at=at - timedelta(days=1),
                    unit=unit,
                    subject="Grop i gången",
                    customer_type=CustomerType.FORETAG if number % 4 == 1 else CustomerType.MEDBORGARE,
                    intake_channel="telefon" if number % 2 else "e-post",
                    mail=f"kund{back}{number}@example.org",
                )
                cases.append(case)
                delivery = Rating.DALIGT if unit == "Park" and number % 4 == 0 else Rating.BRA
                answered.append((at, (Rating.BRA, Rating.OK if number % 3 == 0 else Rating.BRA, delivery)))
    async with store.step() as tx:
        await tx.put_cases(cases, answered[0][0] - timedelta(days=1))
        stored = {each.case.case_id: each for each in await tx.undecided(9999)}
        for case, (at, ratings) in zip(cases, answered, strict=True):
            number = stored[case.case_id].id
            await tx.decide([Decision(number, None)], at)
            made = Invitation(
                id=0,
                case_number=number,
                token=f"{number:-<22}",
                language="sv",
                created_at=at,
                expires_at=at + timedelta(days=14),
            )
            (made,) = await tx.put_invitations([made])
            for question, rating in zip(QUESTIONS, ratings, strict=True):
                await tx.put_answer(
                    Answer(
                        invitation_id=made.id,
                        question=question,
                        rating=rating,
                        reply=rating.value,
                        confidence=1.0,
                        channel=Channel.WEB,
                        received_at=at,
                    )
                )
            if ratings[2] is Rating.DALIGT:
                said = f"Ring mig på 070-174 06 05 om {case.case_id} <script>"
                await tx.put_comment(Comment(invitation_id=made.id, text=said, received_at=at))


@asynccontextmanager
async def a_house(store: SqlStore, url: str = "http://127.0.0.1:1", more: str = "") -> AsyncIterator[House]:
    clock = MovingClock()
    app = Application(config=config_at(url, more), credentials=read_credentials({}), store=store, clock=clock)
    server = web_application(app)
    async with serving(server, "127.0.0.1", 0) as port:
        house = House(f"http://127.0.0.1:{port}", app, clock, server)
        try:
            yield house
        finally:
            for browser in house.http.values():
                await browser.close()


@pytest.fixture
async def empty_house(store: SqlStore) -> AsyncIterator[House]:
    """Nobody has answered."""
    async with a_house(store) as opened:
        yield opened


@pytest.fixture(scope="session")
def filled_database(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Path:
    """Made once, and copied for each test."""
    file = tmp_path_factory.mktemp("filled") / "omdome.sqlite"
    shutil.copy(empty_database, file)

    async def make() -> None:
        opened = await open_store(f"sqlite:///{file}", STOCKHOLM)
        try:
            await fill(opened)
        finally:
            await opened.close()

    asyncio.run(make())
    return file


@pytest.fixture
async def house(tmp_path: Path, filled_database: Path) -> AsyncIterator[House]:
    file = tmp_path / "filled.sqlite"
    shutil.copy(filled_database, file)
    store = await open_store(f"sqlite:///{file}", STOCKHOLM)
    async with a_house(store) as opened:
        yield opened
    await store.close()
