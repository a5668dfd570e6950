"""Whoever says "never again" in a call isn't called again, whatever happens to the database or to us meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calling import CallAttempt, CallOutcome
from models.case import Address, AddressKind
from models.queues import OutboxKind
from models.survey import Disposition
from omdome.config import CHECKOUT, load_config
from omdome.credentials import Credentials
from omdome.demo.clock import GoingOn, SimulatedClock
from omdome.dialling import HoldingPhone, SipDial, calling_of, dial_with
from omdome.unsaved_refusals import UnsavedRefusals, name_of, store_unsaved, unsaved_of, wish_of
from omdome.voices import Voices
from omdome.wiring import Application, open_application
from tests.omdome.conftest import Installation
from tests.omdome.test_dialling import CALLS, TUESDAY, SlowPhone, close_cases, until
from tests.omdome.test_inbound import short
from tests.voice.call_world import presses
from voice.line import Line
from voice.lines.recording import RecordingLine
from voice.transcript import Entry
from workflow.dialling import CallAbout, CallSender
from workflow.outbox import OutboxPolicy, OutboxWorker
from workflow.ports import Store, StoreUnavailableError

NUMBER = "+46701740605"
HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=2)
NINE = presses(consent="9")

# --- the files -------------------------------------------------------------------------------------------------------

numbers = st.from_regex(r"\+[1-9][0-9]{3,14}", fullmatch=True, alphabet="+0123456789")


@given(st.integers(1, 10**18 - 1) | numbers)
def test_a_name_says_whose_refusal_it_is(wish: int | str) -> None:
    assert wish_of(name_of(wish)) == wish


@given(st.text() | st.text("survey-number+0123456789"))
def test_whatever_else_lies_there_is_nobodys(name: str) -> None:
    wish = wish_of(name)
    assert wish is None or name_of(wish) == name


def test_they_are_kept_for_the_user_of_the_service_alone(tmp_path: Path) -> None:
    unsaved = UnsavedRefusals(tmp_path / "calls" / "refused")
    assert unsaved.all() == []
    for wish in (7, NUMBER, 7):
        unsaved.keep(wish)
    (unsaved.folder / "notes.txt").touch()
    assert unsaved.all() == [NUMBER, 7]
    if os.name == "posix":
        assert unsaved.folder.stat().st_mode & 0o777 == 0o700
        assert (unsaved.folder / name_of(NUMBER)).stat().st_mode & 0o777 == 0o600
    unsaved.forget(7)
    unsaved.forget(7)
    assert unsaved.all() == [NUMBER]


# --- calls of ours ---------------------------------------------------------------------------------------------------


class Leaving:
    """A store that goes away and comes back."""

    def __init__(self, store: Store) -> None:
        self._store, self.away = store, False

    def step(self) -> Any:
        return self._there().step()

    def look(self) -> Any:
        return self._there().look()

    def _there(self) -> Store:
        if self.away:
            raise StoreUnavailableError("away")
        return self._store


@dataclass(frozen=True)
class OneTelephone(SipDial):
    """Everybody's: whoever answers does as `act` says, or it comes to `attempt`."""

    phone: Any = None
    attempt: CallAttempt | None = None
    dialled: list[str] = field(default_factory=list)
    lines: list[RecordingLine] = field(default_factory=list)

    @property
    def trouble(self) -> str:
        return ""

    async def dial(self, number: str) -> Line | CallAttempt:
        self.dialled.append(number)
        self.lines.append(RecordingLine())
        return self.attempt or self.lines[-1]


@dataclass
class Office:
    """Omdöme with one customer who is to be called, and a store that can be let go away."""

    app: Application
    store: Leaving
    clock: SimulatedClock
    invitation: int
    telephone: OneTelephone
    act: Callable[[RecordingLine, Entry], None] = NINE

    async def work(self, hours: int, stack: AsyncExitStack) -> None:
        """The dialler, anew: looks every quarter of an hour for so long."""
        phone = HoldingPhone(self.app, self.telephone, Voices(self.app, stack), self._happens)
        sender = CallSender(
            store=self.app.store, clock=self.clock, policy=calling_of(self.app.config), phone=phone, lease=LEASE
        )
        worker = OutboxWorker(
            self.app.store, self.clock, {OutboxKind.CALL: sender}, OutboxPolicy(lease=LEASE), lambda: 0.0
        )
        for _ in range(hours * 4):
            while await worker.run_once():
                pass
            self.clock.move_to(self.clock.now() + HOUR / 4)

    def _happens(self, about: CallAbout, entry: Entry) -> None:
        self.act(self.telephone.lines[-1], entry)

    async def opted_out(self, number: str = NUMBER) -> bool:
        return await opted_out(self.app, number)


async def opted_out(app: Application, number: str = NUMBER) -> bool:
    async with app.store.look() as tx:
        return bool(await tx.opted_out([Address(AddressKind.PHONE, number)]))


@pytest.fixture
async def office(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    monkeypatch.setattr("omdome.voices.prompts_of", short)
    monkeypatch.setattr("workflow.dialling._PATIENCE", (0.0,) * 6)
    monkeypatch.setattr("voice.farewell.RETRY_SECONDS", (0.0,) * 4)
    installation.configure(CALLS + '[voice]\nengine = "answer_words"\n[sip]\nhost = "127.0.0.1"\n')
    config, clock = load_config(installation.folder / "config.toml"), SimulatedClock(TUESDAY)
    async with open_application(config, Credentials(), clock) as app:
        (number,) = await close_cases(app, 1)
        store = Leaving(app.store)
        leaving = replace(app, store=store)  # type: ignore[arg-type]
        yield Office(leaving, store, clock, number, OneTelephone())


async def test_a_refusal_outlives_a_store_that_is_away_for_longer_than_we_try(office: Office) -> None:
    def nine_and_away(line: RecordingLine, entry: Entry) -> None:
        NINE(line, entry)
        office.store.away = office.store.away or entry.prompt.startswith("consent")

    office.act = nine_and_away
    async with AsyncExitStack() as stack:
        with pytest.raises(StoreUnavailableError):
            await office.work(1, stack)
        assert unsaved_of(office.app).all() == [office.invitation]
        office.store.away = False
        assert not await office.opted_out()
        office.clock.move_to(office.clock.now() + LEASE * 2)
        await office.work(4, stack)
    assert office.telephone.dialled == [NUMBER], "once, and never again"
    assert await office.opted_out()
    assert unsaved_of(office.app).all() == []
    async with office.app.store.look() as tx:
        invitation = await tx.invitation(office.invitation)
    assert invitation is not None
    assert invitation.disposition is Disposition.REFUSED


async def test_of_one_that_is_stored_at_once_no_file_is_left(office: Office) -> None:
    async with AsyncExitStack() as stack:
        await office.work(2, stack)
    assert office.telephone.dialled == [NUMBER]
    assert await office.opted_out()
    assert unsaved_of(office.app).all() == []


async def test_who_lets_their_telephone_refuse_us_is_kept_as_well(office: Office) -> None:
    unwanted = CallAttempt(outcome=CallOutcome.UNWANTED, at=TUESDAY, sip_code=607, rang=True)
    office.telephone = OneTelephone(attempt=unwanted)
    kept: list[list[int | str]] = []
    settle = CallSender._settle

    async def seen(*arguments: Any) -> Any:
        kept.append(unsaved_of(office.app).all())
        return await settle(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CallSender, "_settle", seen)
        async with AsyncExitStack() as stack:
            await office.work(1, stack)
    assert kept == [[NUMBER]], "before it is stored"
    assert await office.opted_out()


async def test_one_that_cannot_be_stored_keeps_them_alone_from_being_called(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr("omdome.unsaved_refusals.refused_in_call", broken)
    unsaved = unsaved_of(office.app)
    unsaved.keep(office.invitation)
    async with AsyncExitStack() as stack:
        await office.work(1, stack)
        assert office.telephone.dialled == []
        assert unsaved.all() == [office.invitation]
        unsaved.forget(office.invitation)
        unsaved.keep(office.invitation + 1)
        await office.work(1, stack)
    assert office.telephone.dialled == [NUMBER]
    assert unsaved.all() == [office.invitation + 1]


async def test_the_dialler_begins_with_what_was_left(installation: Installation) -> None:
    installation.configure(CALLS)
    config = load_config(installation.folder / "config.toml")
    async with open_application(config, Credentials(), GoingOn(TUESDAY)) as app:
        first, _ = await close_cases(app, 2)
        deleted = 4711
        for wish in (first, "+46701740606", deleted):
            unsaved_of(app).keep(wish)
        phone, stop = SlowPhone(), asyncio.Event()
        running = asyncio.create_task(dial_with(app, phone, stop))

        async def rows_are_done() -> bool:
            async with app.store.look() as tx:
                queues = await tx.queue_state(app.clock.now())
            return not queues["outbox"].get("call", {}).get("waiting")  # type: ignore[index,attr-defined]

        await until(rows_are_done)
        stop.set()
        await running
        assert phone.most == 0
        assert await opted_out(app, NUMBER)
        assert await opted_out(app, "+46701740606")
        assert unsaved_of(app).all() == []


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
async def test_killed_before_it_was_stored(installation: Installation) -> None:
    installation.configure(CALLS)
    file = installation.folder / "config.toml"
    async with open_application(load_config(file), Credentials(), GoingOn(TUESDAY)) as app:
        (number,) = await close_cases(app, 1)
        died = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "tests.omdome.dying_refusal", str(file), str(number)],
            cwd=CHECKOUT,
            env=installation.environment(),
            check=False,
        )
        assert died.returncode == -signal.SIGKILL
        assert not await opted_out(app)
        assert unsaved_of(app).all() == [number]
        assert await store_unsaved(app) == 1
        assert await opted_out(app)
        assert unsaved_of(app).all() == []
