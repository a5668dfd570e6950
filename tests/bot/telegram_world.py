"""A bot with a real database and a fake Telegram on loopback, and people who write to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bot.application import TelegramService, TelegramSettings
from bot.speech import Speech
from bot.throttling import Limits
from models.case import ClosedCase
from models.conversation import Script
from models.queues import InboxRow
from models.survey import Invitation
from omdome.demo.clock import SimulatedClock
from omdome.demo.telegram import TOKEN, FakeTelegram
from omdome.lexicons import languages, load_lexicon
from omdome.texts import load_texts
from storage.database import SqlStore
from workflow.converse import SurveyPolicy

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)  # a Tuesday
QUESTIONS = ("bemotande", "tillganglighet", "leverans")
UNLIMITED = Limits(in_all=None, per_chat=None)


@cache
def a_speech() -> Speech:
    return Speech(
        texts={language: load_texts(language) for language in ("sv", "en")},
        lexicons={language: load_lexicon(language if language in languages() else "sv") for language in ("sv", "en")},
        policy=SurveyPolicy(
            questions=QUESTIONS,
            script=Script(reasons=("ingen_aterkoppling", "inte_atgardat", "annat")),
            zone=ZoneInfo("Europe/Stockholm"),
        ),
        language="sv",
        organisation="Exempelkommunen",
        contact="0911-12 34 56",
        privacy_url="https://www.example.se/omdome",
    )


class World:
    """`say` and `tap` are the customers; each drains the queues, so that the bot has answered afterwards."""

    def __init__(
        self, store: SqlStore, telegram: FakeTelegram, service: TelegramService, clock: SimulatedClock
    ) -> None:
        self.store = store
        self.telegram = telegram
        self.service = service
        self.clock = clock
        self._updates = 500_000

    async def invitation(self, name: str = "1", subject: str = "Hål i vägen") -> Invitation:
        """A closed case that is to be asked about, and its invitation."""
        now = self.clock.now()
        case = ClosedCase(case_id=f"SK-{name}", closed_at=now, subject=subject, mail=f"kund{name}@example.org")
        async with self.store.step() as tx:
            await tx.put_cases([case], now)
            number = (await tx.undecided(1000))[-1].id
            invitation = Invitation(
                id=0,
                case_number=number,
                token=f"{name:-<22}",
                language="sv",
                created_at=now,
                expires_at=now + timedelta(days=14),
            )
            return (await tx.put_invitations([invitation]))[0]

    async def say(self, chat: int, text: str) -> None:
        await self.telegram.say(chat, text, self.clock.now())
        await self.service.drain()

    async def tap(self, chat: int, label: str, message: int = -1) -> None:
        await self.telegram.tap(chat, self.telegram.messages[chat][message], label, self.clock.now())
        await self.service.drain()

    async def seconds(self, seconds: float) -> None:
        """Time passes, and what is due is done."""
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))
        await self.service.drain()

    async def post(self, kind: str, **fields: object) -> None:
        """An update of a kind that the emulator doesn't make; straight into the inbox."""
        self._updates += 1
        update = {"update_id": self._updates, kind: fields}
        await self.service.inbox.put([InboxRow(self._updates, update, self.clock.now())])
        await self.service.drain()

    def texts(self, chat: int) -> list[str]:
        """What the bot has written in the chat."""
        return [message.text for message in self.telegram.messages[chat]]

    def last(self, chat: int) -> str:
        return self.texts(chat)[-1]

    def labels(self, chat: int, message: int = -1) -> list[str]:
        return [label for row in self.telegram.messages[chat][message].buttons for label, _ in row]

    async def ratings(self, invitation: Invitation) -> dict[str, str | None]:
        async with self.store.look() as tx:
            found = await tx.answers(invitation.id)
        return {answer.question: answer.rating and answer.rating.value for answer in found}


@asynccontextmanager
async def a_world(store: SqlStore, base_url: str = "", telegram: FakeTelegram | None = None) -> AsyncIterator[World]:
    clock = SimulatedClock(NOW)
    if telegram is not None:
        async with a_service(store, clock, base_url or telegram.base_url) as service:
            yield World(store, telegram, service, clock)
            return
    async with FakeTelegram().running() as fake, a_service(store, clock, fake.base_url) as service:
        yield World(store, fake, service, clock)


@asynccontextmanager
async def a_service(store: SqlStore, clock: SimulatedClock, base_url: str) -> AsyncIterator[TelegramService]:
    settings = TelegramSettings(token=TOKEN, base_url=base_url, limits=UNLIMITED, request_timeout_seconds=1.0)
    service = TelegramService(
        store, clock, settings, a_speech(), jitter=lambda: 0.0, seconds=lambda: clock.now().timestamp()
    )
    yield service
    if connections := service.bot.session._session:
        await connections.close()  # by aiogram's own way out it takes a quarter of a second longer
    await service.close()
