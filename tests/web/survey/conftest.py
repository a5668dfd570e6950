"""The survey page on a real server, over a real SQLite file, with customers who have been sent a link."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from models.case import ClosedCase
from models.conversation import Event, Script, Session
from models.survey import Answer, Channel, Invitation
from omdome.lexicons import load_lexicon
from omdome.texts import load_texts
from storage.database import SqlStore, open_store
from web.app import build_app, serving
from web.pages import Pages
from web.statements import Statements, add_statements
from web.survey_page import SurveyPage, add_survey_page
from workflow.converse import Origin, SurveyPolicy, converse

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)  # a Thursday
TOKEN = "FbN1xjH0pQz4mYc7RkTvWA"
QUESTIONS = ("bemotande", "tillganglighet", "leverans")
REASONS = ("ingen_aterkoppling", "inte_atgardat", "svart_att_na", "bemotandet", "annat")
TEXTS = {language: load_texts(language) for language in ("sv", "en")}
LEXICONS = {language: load_lexicon(language) for language in ("sv", "en")}
CASE = ClosedCase(
    case_id="TK-1",
    closed_at=NOW - timedelta(days=2),
    unit="Gata",
    subject="Potthål på Storgatan",
    handler="Handläggare 7",
    handler_mail="handlaggare7@example.org",
    mail="kund@example.se",
    phone="+46701740605",
)


@dataclass
class StandingClock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@dataclass(frozen=True)
class Page:
    """What the browser got."""

    status: int
    url: str
    text: str
    headers: dict[str, str]
    hops: tuple[int, ...] = ()

    @property
    def heading(self) -> str:
        return re.search(r"<h1[^>]*>(.*?)</h1>", self.text, re.DOTALL)[1].strip()  # type: ignore[index]

    @property
    def notices(self) -> list[str]:
        return re.findall(r'<p class="notice[^>]*>(.*?)</p>', self.text, re.DOTALL)

    @property
    def abouts(self) -> list[str]:
        return re.findall(r'name="about" value="([^"]*)"', self.text)

    @property
    def buttons(self) -> list[str]:
        return re.findall(r'name="choice" value="([^"]*)"', self.text)


@dataclass
class World:
    """A customer with a browser without JavaScript."""

    store: SqlStore
    clock: StandingClock
    address: str
    http: aiohttp.ClientSession
    policy: SurveyPolicy
    seconds: list[float] = field(default_factory=lambda: [0.0])

    async def invite(self, token: str = TOKEN, case: ClosedCase = CASE, **changed: object) -> Invitation:
        async with self.store.step() as tx:
            await tx.put_cases([case], self.clock.now())
            known = {(stored.case.case_id, stored.case.closed_at): stored.id for stored in await tx.undecided(1000)}
            number = known[case.case_id, case.closed_at]
            invitation = Invitation(
                id=0,
                case_number=number,
                token=token,
                language="sv",
                created_at=self.clock.now(),
                expires_at=self.clock.now() + timedelta(days=14),
            )
            [stored] = await tx.put_invitations([replace(invitation, **changed)])  # type: ignore[arg-type]
            return stored

    async def get(self, path: str = f"/s/{TOKEN}", **headers: str) -> Page:
        return await self._fetch("GET", path, None, headers)

    async def post(self, about: str, choice: str, words: str = "", token: str = TOKEN, **headers: str) -> Page:
        fields = {"about": about, "choice": choice} | ({"words": words} if words else {})
        return await self._fetch("POST", f"/s/{token}", fields, headers)

    async def send(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        return await self._fetch("POST", path, fields, headers)

    async def _fetch(self, method: str, path: str, fields: dict[str, str] | None, headers: dict[str, str]) -> Page:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.request(method, self.address + path, data=fields, headers=sent) as response:
            hops = tuple(each.status for each in response.history)
            text = await response.text()
            where = urlsplit(str(response.url))
            url = where.path + (f"?{where.query}" if where.query else "")
            return Page(response.status, url, text, dict(response.headers), hops)

    async def answers(self, token: str = TOKEN) -> dict[str, str]:
        """question → rating, as stored; "-" for a skip."""
        async with self.store.look() as tx:
            invitation = await tx.invitation_by_token(token)
            assert invitation is not None
            return {each.question: each.rating or "-" for each in await tx.answers(invitation.id)}

    async def stored(self, token: str = TOKEN) -> tuple[Invitation, Session | None, list[Answer]]:
        async with self.store.look() as tx:
            invitation = await tx.invitation_by_token(token)
            assert invitation is not None
            return invitation, await tx.session(invitation.id), await tx.answers(invitation.id)

    async def comments(self, token: str = TOKEN) -> tuple[str, ...]:
        async with self.store.look() as tx:
            invitation = await tx.invitation_by_token(token)
            surveyed = await tx.surveyed(invitation.id) if invitation else None
            return tuple(surveyed.comments) if surveyed else ()

    async def happens_in_chat(self, event: Event, token: str = TOKEN) -> None:
        async with self.store.step() as tx:
            invitation = await tx.invitation_by_token(token)
            assert invitation is not None
            await converse(tx, invitation, event, Origin(Channel.CHAT), self.policy, self.clock.now())


@asynccontextmanager
async def survey_world(store: SqlStore, **settings: object) -> AsyncIterator[World]:
    clock, seconds = StandingClock(), [0.0]
    pages = Pages(TEXTS, "sv", "Exempelkommunen")
    policy = SurveyPolicy(questions=QUESTIONS, script=Script(reasons=REASONS), zone=STOCKHOLM)
    survey = SurveyPage(
        pages=pages,
        store=store,
        clock=clock,
        policy=policy,
        lexicons=LEXICONS,
        organisation="Exempelkommunen",
        contact="kontakt@example.se",
        seconds=lambda: seconds[0],
    )
    survey = replace(survey, **settings)  # type: ignore[arg-type]
    app = build_app(store)
    add_survey_page(app, survey)
    add_statements(app, Statements(pages=pages, organisation="Exempelkommunen", contact_mail="kontakt@example.se"))
    async with serving(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        yield World(store, clock, f"http://127.0.0.1:{port}", http, survey.policy, seconds)


@pytest.fixture
async def world(store: SqlStore) -> AsyncIterator[World]:
    """A server, and one customer with a link."""
    async with survey_world(store) as made:
        await made.invite()
        yield made


@pytest.fixture
async def open_world(store_url: str) -> AsyncIterator[object]:
    """For tests that want other settings: `async with open_world(calls=True) as world`."""
    opened = await open_store(store_url, STOCKHOLM)
    yield lambda **settings: survey_world(opened, **settings)
    await opened.close()
