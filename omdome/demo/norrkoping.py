"""Norrköping's survey of 2015, held again: every reply through the real bot, over a Bot API emulator on loopback."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.application import TelegramService, TelegramSettings
from bot.throttling import Limits
from intake.files import open_cases
from models.counts import IsoWeek
from omdome.config import CHECKOUT
from omdome.deciding import decide_now
from omdome.demo.clock import SimulatedClock
from omdome.demo.telegram import TOKEN, FakeTelegram
from omdome.policies import columns_of, row_rules_of
from omdome.speech import speech_of
from omdome.wiring import Application
from workflow.intake import ImportReport, import_cases
from workflow.selecting import SelectionReport

FOLDER = CHECKOUT / "demo" / "norrkoping-2015"
WEEK = IsoWeek(2015, 37)
FIRST_CHAT = 1000

#: The report says of the poor deliveries that nobody came back to the customer, or nothing was mended.
_REASONS = ("Ingen återkoppling", "Inte åtgärdat")

Progress = Callable[[int, int], None]  #: (replies given, replies in all)


@dataclass(frozen=True, slots=True)
class Reply:
    at: datetime
    case_id: str
    question: str
    words: str


@dataclass(slots=True)
class Held:
    """What holding the survey came to."""

    imported: ImportReport
    selected: SelectionReport
    customers: dict[str, int] = field(default_factory=dict)  #: case id → chat
    links: dict[str, str] = field(default_factory=dict)  #: case id → the invitation's token


def read_replies(path: Path, zone: ZoneInfo) -> list[Reply]:
    """replies.csv, in the order the customers replied."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [
        Reply(
            datetime.fromisoformat(row["answered_at"]).replace(tzinfo=zone),
            row["case_id"],
            row["question"],
            row["reply"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda reply: reply.at)


async def load(app: Application, clock: SimulatedClock) -> Held:
    """Import the closed cases and decide who is asked."""
    rules = row_rules_of(app.config, clock.now())
    cases = open_cases(FOLDER / "cases.csv", columns_of(app.config), rules)
    imported = await import_cases(app.store, cases, clock.now())
    selected = await decide_now(app, clock.now())
    held = Held(imported, selected)
    async with app.store.look() as tx:
        for invitation, stored in await tx.unopened_invitations(clock.now() - timedelta(days=1)):
            held.links[stored.case.case_id] = invitation.token
    return held


async def hold(app: Application, clock: SimulatedClock, telegram: FakeTelegram, held: Held, told: Progress) -> None:
    """Let the customers answer, in their order and at their time, in the chat."""
    replies = read_replies(FOLDER / "replies.csv", app.config.organisation.timezone)
    service = bot_service(app, clock, telegram)
    customers = _Customers(clock, telegram, service, held)
    try:
        for number, reply in enumerate(replies, 1):
            clock.move_to(reply.at)
            await customers.reply(reply)
            told(number, len(replies))
        await customers.finish()
    finally:
        await service.close()


def bot_service(app: Application, clock: SimulatedClock, telegram: FakeTelegram) -> TelegramService:
    """The real bot, talking to the emulator: no limits, since nobody is disturbed."""
    settings = TelegramSettings(
        token=TOKEN, base_url=telegram.base_url, limits=Limits(in_all=None, per_chat=None), poll_wait_seconds=0
    )
    return TelegramService(app.store, clock, settings, speech_of(app.config))


@dataclass(slots=True)
class _Customers:
    """They open their link before the first reply, give a reason when asked for one, and decline the rest."""

    clock: SimulatedClock
    telegram: FakeTelegram
    service: TelegramService
    held: Held
    reasons: Iterable[str] = field(default_factory=lambda: cycle(_REASONS))

    async def reply(self, reply: Reply) -> None:
        chat = self.held.customers.get(reply.case_id)
        if chat is None:
            chat = self.held.customers[reply.case_id] = FIRST_CHAT + len(self.held.customers)
            await self._say(chat, f"/start {self.held.links[reply.case_id]}")
        await self._say(chat, reply.words)
        await self._give_reason(chat)

    async def finish(self) -> None:
        for chat in self.held.customers.values():
            while self._offers(chat, "Nej tack"):
                await self._tap(chat, "Nej tack")

    async def _give_reason(self, chat: int) -> None:
        if self._offers(chat, _REASONS[0]):
            await self._tap(chat, next(iter(self.reasons)))

    def _offers(self, chat: int, label: str) -> bool:
        return any(label in shown for row in self.telegram.last(chat).buttons for shown, _ in row)

    async def _say(self, chat: int, words: str) -> None:
        await self.telegram.say(chat, words, self.clock.now())
        await self.service.drain()

    async def _tap(self, chat: int, label: str) -> None:
        await self.telegram.tap(chat, self.telegram.last(chat), label, self.clock.now())
        await self.service.drain()
