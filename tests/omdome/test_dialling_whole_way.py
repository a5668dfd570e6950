"""From a number in the outbox through an exchange to the stored survey: the real dialler, SIP, speech and keys."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.case import Address, AddressKind
from models.rating import Rating
from models.survey import Disposition
from omdome.call_status import read_call_status
from omdome.config import Config, load_config
from omdome.credentials import Credentials
from omdome.demo.clock import GoingOn
from omdome.dialling import dial_with, open_phone
from omdome.wiring import Application, open_application
from tests.omdome.conftest import Installation
from tests.omdome.test_dialling import CALLS, TUESDAY, calls_of, close_cases, until
from tests.voice.call_world import ShortPrompts, prompts
from tests.voice.lines.sip.far_ends import OurTelephone
from voice.transcript import Entry, Who
from workflow.dialling import CallAbout

BUSY, SPEAKS, PRESSES, REFUSES = (f"+4670174060{each}" for each in range(5, 9))  # as close_cases numbers them
REPLIES = Path(__file__).parents[2] / "demo" / "replies"
KEYS = {"consent": "key:1", "question": "key:2", "confirm": "key:1", "reason": "key:2"}
WORDS = {"bemotande": "bra", "tillganglighet": "okej", "leverans": "daligt"}
THINKS = 0.9  #: seconds into a prompt: nobody answers sooner what they haven't heard


@pytest.fixture(autouse=True)
def short_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(config: Config, language: str) -> ShortPrompts:
        return prompts(language, 0.2)

    monkeypatch.setattr("omdome.voices.prompts_of", short)


@dataclass
class Exchange:
    """Plays an exchange with customers' telephones behind it, who answer what they are asked; `said`: to whom, what."""

    telephone: OurTelephone
    said: list[tuple[str, str]] = field(default_factory=list)
    says_nothing_at: str = ""  #: a prompt that nobody answers

    def said_to(self, number: str) -> list[str]:
        return [prompt for whom, prompt in self.said if whom == number]

    def watch(self, about: CallAbout, entry: Entry) -> None:
        if entry.who is not Who.WE:
            return
        number = about.case.phone
        self.said.append((number, entry.prompt))
        if reply := self.reply_to(number, entry.prompt):
            self.telephone.then(f"{number} {reply}@{THINKS}")

    def reply_to(self, number: str, prompt: str) -> str:
        kind, _, rest = prompt.partition(".")
        if self.says_nothing_at and prompt.startswith(self.says_nothing_at):
            return ""
        if rest.startswith(("choice", "press", "own", "skip")):
            return ""
        if number == SPEAKS and kind == "question":
            return str(REPLIES / f"{WORDS[rest.partition('.')[0]]}.wav")
        return "key:9" if number == REFUSES and kind == "consent" else KEYS.get(kind, "")


@contextmanager
def exchange_of(installation: Installation, *behind: str) -> Iterator[Exchange]:
    """`behind` it: see `voice.lines.sip.telephone`. Omdöme is configured to call through it."""
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    with OurTelephone(installation.folder / "far", replies=behind) as telephone:
        sip = f'[sip]\nhost = "127.0.0.1"\nport = {telephone.port}\nregisters = false\npause_seconds = 0.0\n'
        installation.configure(CALLS + '[voice]\nengine = "answer_words"\nanswering_machines = false\n' + sip)
        yield Exchange(telephone)


@pytest.fixture
def exchange(installation: Installation) -> Iterator[Exchange]:
    with exchange_of(installation, BUSY, "busy", SPEAKS, PRESSES, REFUSES) as made:
        yield made


@asynccontextmanager
async def calling(installation: Installation, exchange: Exchange, since: datetime) -> AsyncIterator[Application]:
    """The dialler at work, from that time of the story; at the end it is stopped."""
    config = load_config(installation.folder / "config.toml")
    async with open_application(config, Credentials(), GoingOn(since)) as app:
        stop = asyncio.Event()
        async with open_phone(app, exchange.watch) as phone, phone.stopping.when(stop, 13.0):
            running = asyncio.create_task(dial_with(app, phone, stop))
            yield app
            stop.set()
            async with asyncio.timeout(60):
                await running


async def settled(app: Application, *numbers: int) -> list[list[str]]:
    """What is kept of the calls about these invitations, once each has been called and none goes on."""

    async def over() -> bool:
        told = [await calls_of(app, number) for number in numbers]
        return all(each and not each[-1].startswith(("dialling", "talking")) for each in told)

    await until(over)
    return [await calls_of(app, number) for number in numbers]


async def answers(app: Application, number: int) -> dict[str, tuple[Rating, str]]:
    async with app.store.look() as tx:
        return {each.question: (each.rating, each.channel) for each in await tx.answers(number)}


async def test_from_the_outbox_to_the_answers(installation: Installation, exchange: Exchange) -> None:
    async with calling(installation, exchange, TUESDAY) as app:
        numbers = await close_cases(app, 5)
        _, speaks, presses, _, _ = numbers
        told = await settled(app, *numbers)
        assert told[:4] == [["busy, SIP 486, AAPOR 3.12"], ["held"], ["held"], ["held"]]
        assert told[4] in (["wrong_number, SIP 404, AAPOR 4.30"], ["wrong_number, SIP 404, AAPOR 4.30, unsure"])
        spoken = {"bemotande": Rating.BRA, "tillganglighet": Rating.OK, "leverans": Rating.DALIGT}
        assert await answers(app, speaks) == {question: (rating, "phone") for question, rating in spoken.items()}
        assert await answers(app, presses) == dict.fromkeys(spoken, (Rating.OK, "phone"))
        async with app.store.look() as tx:
            ended = [await tx.invitation(number) for number in numbers]
            never_again = Address(AddressKind.PHONE, REFUSES)
            assert await tx.opted_out([never_again]) == {never_again}
        assert [each.disposition for each in ended if each] == [
            *(None, Disposition.COMPLETED, Disposition.COMPLETED, Disposition.REFUSED, None)
        ]


async def test_who_is_spoken_with_when_the_service_stops_is_told_so_and_called_back(
    installation: Installation, exchange: Exchange
) -> None:
    exchange.says_nothing_at = "question.tillganglighet"
    async with calling(installation, exchange, TUESDAY) as app:
        (_, _, number) = await close_cases(app, 3)

        async def asked() -> bool:
            return "question.tillganglighet.full" in exchange.said_to(PRESSES)

        await until(asked)
    assert exchange.said_to(PRESSES)[-1] == "goodbye.technical"
    exchange.says_nothing_at = ""
    exchange.said.clear()
    async with calling(installation, exchange, TUESDAY + timedelta(minutes=20)) as app:
        assert await calls_of(app, number) == ["broken_off"]
        assert list(await answers(app, number)) == ["bemotande"], "what they had answered is kept"

        async def called_back() -> bool:
            return len(await calls_of(app, number)) == 2

        await until(called_back)
        assert await settled(app, number) == [["broken_off", "held"]]
        assert len(await answers(app, number)) == 3
    assert "again.interrupted" in exchange.said_to(PRESSES)[:3]


async def test_an_exchange_that_knows_no_number_makes_none_a_dead_one(installation: Installation) -> None:
    with exchange_of(installation, "+46701740699") as exchange:
        async with calling(installation, exchange, TUESDAY) as app:
            numbers = await close_cases(app, 5)
            told = await settled(app, *numbers)
            assert told == [["wrong_number, SIP 404, AAPOR 4.30, unsure"]] * 5
            trouble = (await read_call_status(app)).trouble
            assert "calls to 5 numbers in a row have come to nothing (wrong number, SIP 404)" in trouble
            async with app.store.look() as tx:
                theirs = [Address(AddressKind.PHONE, f"+4670174060{each}") for each in range(5, 10)]
                assert await tx.dead(theirs) == set()
