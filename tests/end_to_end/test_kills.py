"""`kill -9` at random points while customers answer: no answer lost, none doubled, nobody asked twice without cause.

OMDOME_TEST_KILLS says how many kills (20); OMDOME_TEST_SEED repeats a run.
"""

import asyncio
import multiprocessing
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess

import pytest

from models.case import ClosedCase
from models.survey import Invitation
from omdome.demo.telegram import FakeTelegram, Message
from storage.database import SqlStore
from tests.bot.telegram_world import QUESTIONS

KILLS = int(os.environ.get("OMDOME_TEST_KILLS", "20"))
SEED = int(os.environ.get("OMDOME_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
AT_ONCE = 6  #: customers who answer at the same time
WORDS = {"Bra": "jättebra", "Ok": "helt okej", "Dåligt": "dåligt"}

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="kill -9 and forked processes"),
    pytest.mark.timeout(60 + 5 * KILLS),
]


class Telegram(FakeTelegram):
    """Tells when a call has arrived, before it is answered: the moment to kill at."""

    def __init__(self) -> None:
        super().__init__()
        self.on_call: Callable[[], None] = lambda: None

    def heard(self, method: str, fields: Mapping[str, object], result: object) -> None:
        super().heard(method, fields, result)
        if method != "getUpdates":
            self.on_call()


class Subject:
    """The process, and its next end."""

    def __init__(self, url: str, telegram: Telegram, chance: random.Random) -> None:
        from tests.end_to_end import kill_subject  # reads the lexicons: not while tests are being collected

        self._run = kill_subject.run
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([kill_subject.__name__])
        self._url = url
        self._telegram = telegram
        self._chance = chance
        self._process: ForkServerProcess | None = None
        self.could_repeat = 0  #: messages that were in flight at the kills, at most

    def start(self) -> None:
        in_flight = self._chance.choice([1, AT_ONCE])
        self.could_repeat += in_flight
        where = (self._url, self._telegram.base_url, in_flight)
        self._process = self._context.Process(target=self._run, args=where)
        self._process.start()

    async def live_and_be_killed(self) -> None:
        """Live for a random number of calls to Telegram, and be killed at the last of them or a little later."""
        self.start()
        calls_left = self._chance.randint(1, 12)
        reached = asyncio.Event()
        at_once = self._chance.random() < 0.5

        def call() -> None:
            nonlocal calls_left
            calls_left -= 1
            if calls_left == 0:
                reached.set()
                if at_once:
                    self.kill()  # Telegram has it, and the answer will never be read

        self._telegram.on_call = call
        await asyncio.wait_for(reached.wait(), 20)
        await asyncio.sleep(self._chance.random() * 0.05)
        self.kill()
        self._telegram.on_call = lambda: None
        await asyncio.to_thread(self._process.join)
        await asyncio.sleep(0.12)  # the emulator notices within 0.1 s that the poll has gone

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()


class Customer:
    """Opens the link, and answers each new question once: by a tap or in words."""

    def __init__(self, telegram: Telegram, chat: int, invitation: Invitation, chance: random.Random) -> None:
        self.chat = chat
        self.invitation = invitation
        self.given: dict[str, str | None] = {}
        self._telegram = telegram
        self._chance = chance

    async def answer_all(self) -> None:
        await self._telegram.say(self.chat, f"/start {self.invitation.token}", datetime.now(UTC))
        for number, question in enumerate(QUESTIONS, 1):
            message = await self._wait_for(f"Fråga {number} av")
            label = self._chance.choice(list(WORDS))
            first_low = label == "Dåligt" and label.lower() not in self.given.values()
            self.given[question] = label.lower()
            if self._chance.random() < 0.4:
                await self._telegram.say(self.chat, WORDS[label], datetime.now(UTC))
            else:
                await self._telegram.tap(self.chat, message, label, datetime.now(UTC))
            if first_low:
                await self._telegram.tap(self.chat, await self._wait_for("Tråkigt"), "Annat", datetime.now(UTC))
        await self._wait_for("Tack!")

    async def _wait_for(self, start: str) -> Message:
        while True:
            for message in self._telegram.messages[self.chat]:
                if message.text.startswith(start):
                    return message
            await asyncio.sleep(0.02)


async def invitations(store: SqlStore, number: int) -> list[Invitation]:
    now = datetime.now(UTC)
    async with store.step() as tx:
        cases = [ClosedCase(case_id=f"SK-{n}", closed_at=now, mail=f"kund{n}@example.org") for n in range(number)]
        await tx.put_cases(cases, now)
        made = [
            Invitation(
                id=0,
                case_number=stored.id,
                token=f"{stored.id:-<22}",
                language="sv",
                created_at=now,
                expires_at=now + timedelta(days=14),
            )
            for stored in await tx.undecided(number)
        ]
        return await tx.put_invitations(made)


async def all_done(url: str) -> None:
    """Wait until nothing is left in the queues."""
    while True:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            left = database.execute(
                "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting')"
                " + (SELECT count(*) FROM outbox WHERE state = 'waiting' AND kind = 'telegram')"
            ).fetchone()[0]
        if not left:
            return
        await asyncio.sleep(0.05)


def tries_too_many(url: str) -> Counter[str]:
    """By chat: how often something was sent once more."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        return Counter(
            dict(database.execute("SELECT lane, sum(attempts - 1) FROM outbox WHERE kind = 'telegram' GROUP BY lane"))
        )


async def test_nothing_is_lost_or_doubled(store: SqlStore, store_url: str) -> None:
    chance = random.Random(SEED)
    print(f"OMDOME_TEST_SEED={SEED}")
    customers: list[Customer] = []
    async with Telegram().running() as telegram:
        assert isinstance(telegram, Telegram)
        waiting = iter(await invitations(store, 40 + 10 * KILLS))
        killing = asyncio.Event()

        async def one_after_another() -> None:
            while not killing.is_set():
                customer = Customer(telegram, 1000 + len(customers), next(waiting), chance)
                customers.append(customer)
                await customer.answer_all()

        answering = [asyncio.create_task(one_after_another()) for _ in range(AT_ONCE)]
        subject = Subject(store_url, telegram, chance)
        try:
            for _ in range(KILLS):
                await subject.live_and_be_killed()
            killing.set()
            subject.start()
            await asyncio.wait_for(asyncio.gather(*answering), 30)
            await asyncio.wait_for(all_done(store_url), 30)
        finally:
            subject.kill()
            for task in answering:
                task.cancel()

        async with store.look() as tx:
            stored = {customer.chat: await tx.answers(customer.invitation.id) for customer in customers}
            assert await tx.verify_rollup() == 0
    for customer in customers:
        ratings = [(answer.question, answer.rating and answer.rating.value) for answer in stored[customer.chat]]
        assert sorted(ratings) == sorted(customer.given.items())
    repeats = Counter[str]()
    for customer in customers:
        said = Counter(message.text for message in telegram.messages[customer.chat])
        repeats[f"chat:{customer.chat}"] = sum(said.values()) - len(said)
    print(f"{KILLS} kills, {len(customers)} customers, {repeats.total()} messages said twice")
    assert repeats <= tries_too_many(store_url), "a message was repeated that had been sent only once"
    assert repeats.total() <= subject.could_repeat
    assert len(customers) > AT_ONCE
