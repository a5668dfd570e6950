"""The follow-up pages on a real server over a real SQLite file, with managers who are signed in."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import aiohttp
import pytest

from models.case import ClosedCase, StoredCase
from models.digest import Recipient
from models.rating import Rating
from models.selection import Decision
from models.survey import Answer, Channel, Chat, Comment, Invitation, Reason
from omdome.texts import load_texts
from storage.database import SqlStore
from tests.conftest import STOCKHOLM
from web.app import build_app, serving
from web.follow_ups import FollowUpPages, add_follow_ups
from web.pages import Pages
from web.report_access import ACCESS, Access
from workflow.follow_ups import Asking
from workflow.ports import Clock, Transaction
from workflow.selecting import InvitationPolicy, OnInvited
from workflow.sign_in import SignInPolicy, open_session, put_link

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)  # a Thursday
QUESTIONS = ("bemotande", "tillganglighet", "leverans")
PATH = "/rapport/uppfoljning"
RECIPIENTS = {
    each.name: each
    for each in (
        Recipient(name="gatuchef", mail="gatuchef@example.org", units=("gata",), identified=True),
        Recipient(name="parkchef", mail="parkchef@example.org", units=("Park",), identified=True),
        Recipient(name="ledning", mail="ledning@example.org"),
        Recipient(name="anna", mail="anna@example.org", identified=True),
        Recipient(name="bo", mail="bo@example.org", identified=True, language="en"),
    )
}


@dataclass
class StandingClock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@dataclass(frozen=True)
class Got:
    """What the browser got."""

    status: int
    path: str
    text: str
    headers: Mapping[str, str]

    @property
    def words(self) -> str:
        """All that can be read, in one line."""
        visible = re.sub(r"(?s)<(style|script|option|title).*?</\1>", " ", self.text)
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", visible)).split())

    @property
    def cases(self) -> list[str]:
        return re.findall(r'<h2><a href="/rapport/uppfoljning/\d+">Ärende (\S+?):', self.text)

    @property
    def version(self) -> str:
        return unescape(re.search(r'name="sedd" value="([^"]*)"', self.text)[1])  # type: ignore[index]

    @property
    def note(self) -> str:
        return unescape(re.search(r"(?s)<textarea[^>]*>\n(.*?)</textarea>", self.text)[1])  # type: ignore[index]


@dataclass
class Office:
    """The server, its store, and everybody's session."""

    address: str
    store: SqlStore
    clock: Any
    http: aiohttp.ClientSession
    asked: list[tuple[Invitation, str]] = field(default_factory=list)  #: and "chat" or "mail"
    sessions: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str = PATH, who: str = "anna") -> Got:
        return await self._got(self.http.get(f"{self.address}{path}", cookies=self.cookies(who), allow_redirects=False))

    async def post(
        self, path: str, form: Mapping[str, str], who: str = "anna", headers: Mapping[str, str] | None = None
    ) -> Got:
        """Posts, and follows the redirect, as a browser does."""
        sent = {"Sec-Fetch-Site": "same-origin", **(headers or {})}
        request = self.http.post(
            f"{self.address}{path}", data=form, cookies=self.cookies(who), headers=sent, allow_redirects=False
        )
        got = await self._got(request)
        return await self.get(got.headers["Location"], who) if got.status == 303 and who else got

    def cookies(self, who: str) -> dict[str, str]:
        return {"omdome_report": self.sessions[who]} if who else {}

    async def _got(self, request: Any) -> Got:
        async with request as response:
            return Got(response.status, response.url.path_qs, await response.text(), response.headers)

    async def dissatisfied(
        self, case_id: str = "SK-1", poor: tuple[str, ...] = ("leverans",), comment: str = "", **changed: Any
    ) -> Invitation:
        """A customer who answered an hour ago; `poor`: what was rated dåligt."""
        at = changed.pop("at", self.clock.now() - timedelta(hours=1))
        fields = {"unit": "Gata", "subject": "Hål i vägen", "mail": f"{case_id.lower()}@example.org", **changed}
        case = ClosedCase(case_id=case_id, closed_at=at - timedelta(days=1), **fields)
        async with self.store.step() as tx:
            await tx.put_cases([case], at)
            stored = (await tx.undecided(99))[-1]
            await tx.decide([Decision(stored.id, None)], at)
            invitation = Invitation(
                id=0,
                case_number=stored.id,
                token=f"{stored.id:-<22}",
                language="sv",
                created_at=at,
                expires_at=at + timedelta(days=14),
            )
            (invitation,) = await tx.put_invitations([invitation])
            await say(tx, invitation, dict.fromkeys(QUESTIONS, Rating.BRA) | dict.fromkeys(poor, Rating.DALIGT), at)
            for question in poor:
                reason = Reason(
                    invitation_id=invitation.id, question=question, code="inte_atgardat", text="", received_at=at
                )
                await tx.put_reason(reason)
            if comment:
                await tx.put_comment(Comment(invitation_id=invitation.id, text=comment, received_at=at))
        return invitation


async def say(tx: Transaction, invitation: Invitation, ratings: Mapping[str, Rating | None], at: datetime) -> None:
    for question, rating in ratings.items():
        answer = Answer(
            invitation_id=invitation.id,
            question=question,
            rating=rating,
            reply=rating.value if rating else "",
            confidence=1.0,
            channel=Channel.WEB,
            received_at=at,
        )
        await tx.put_answer(answer)


@asynccontextmanager
async def an_office(store: SqlStore, clock: Clock | None = None, ask: OnInvited | None = None) -> AsyncIterator[Office]:
    """`ask` is how customers are asked again in their chat; usually it is only noted."""
    clock, asked = clock or StandingClock(), list[tuple[Invitation, str]]()

    async def in_chat(tx: Transaction, invitation: Invitation, stored: StoredCase, chat: Chat | None) -> None:
        asked.append((invitation, "chat"))

    async def contact(tx: Transaction, invitation: Invitation, stored: StoredCase) -> bool:
        asked.append((invitation, "mail"))
        return bool(stored.case.mail)

    pages = Pages({language: load_texts(language) for language in ("sv", "en")}, "sv", "Exempelkommunen")
    rules = InvitationPolicy(zone=STOCKHOLM)
    asking = Asking(questions=QUESTIONS, invitations=rules, in_chat=ask or in_chat, contact=contact)
    app = build_app(store, 64_000)
    app[ACCESS] = Access(store, clock, RECIPIENTS, False)
    add_follow_ups(app, FollowUpPages(pages=pages, store=store, clock=clock, zone=STOCKHOLM, asking=asking))
    async with serving(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        office = Office(f"http://127.0.0.1:{port}", store, clock, http, asked)
        async with store.step() as tx:
            for name in RECIPIENTS:
                token = await put_link(tx, RECIPIENTS[name], SignInPolicy(), clock.now())
                opened = await open_session(tx, token, RECIPIENTS, SignInPolicy(), clock.now())
                assert opened is not None
                office.sessions[name] = opened.token
        yield office


@pytest.fixture
async def office(store: SqlStore) -> AsyncIterator[Office]:
    async with an_office(store) as opened:
        yield opened
