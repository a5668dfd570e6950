"""`run` calls those who are to be called, over SIP; `calls` stops it and shows how it goes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.calling import CallAttempt, CallOutcome
from models.case import ClosedCase
from models.queues import OutboxKind, OutboxRow
from models.survey import AttemptOutcome, ContactAttempt, ContactWay, Purpose
from omdome.call_status import read_call_status
from omdome.config import load_config
from omdome.contact_readiness import calls_feature
from omdome.credentials import Credentials
from omdome.deciding import decide_now
from omdome.demo.clock import GoingOn, SimulatedClock
from omdome.dialling import HoldingPhone, SipDial, dial_with
from omdome.invitation_history import history_of
from omdome.policies import calls_are_made, contact_of
from omdome.readiness import State
from omdome.sip_phone import sip_policy_of
from omdome.state import read_state
from omdome.voices import Voices
from omdome.wiring import Application, open_application
from tests.omdome.conftest import Installation
from tests.voice.lines.sip.far_ends import OurTelephone
from voice.line import Line
from voice.lines.sip.line import SipLine
from voice.lines.sip.phone import SipPhone
from voice.lines.sip.settings import SipAccount, SipPolicy
from voice.lines.sip.targets import on_this_machine
from workflow.call_plan import Called, CallState
from workflow.dialling import OUT_OF_ORDER, PAUSED, CallAbout
from workflow.intake import import_cases
from workflow.ports import NotYetError
from workflow.trunk import TRUNK, Trunk, trunk_text

TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PAGE = '[web]\nport = 0\npublic_url = "https://omdome.example.se"\n[workers]\nrest_seconds = 0.05\n'
CALLS = PAGE + "[contact]\nphone_after_days = 7\n"


async def close_cases(app: Application, count: int) -> list[int]:
    """As many customers who are to be called now; the numbers of their invitations."""
    cases = [
        ClosedCase(case_id=f"SK-{each}", closed_at=app.clock.now() - timedelta(days=1), phone=f"+4670174060{5 + each}")
        for each in range(count)
    ]
    await import_cases(app.store, cases, app.clock.now())
    await decide_now(app, app.clock.now())
    numbers = []
    async with app.store.step() as tx:
        for case in cases:
            invitation = await tx.invitation_of_case(case.case_id)
            assert invitation is not None
            numbers.append(invitation.id)
            payload = {"invitation_id": invitation.id}
            key = f"call:{invitation.id}:wanted"
            await tx.enqueue([OutboxRow(kind=OutboxKind.CALL, key=key, payload=payload, due_at=app.clock.now())])
    return numbers


async def calls_of(app: Application, invitation: int) -> list[str]:
    async with app.store.look() as tx:
        return [each.detail for each in await tx.attempts(invitation)]


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(90):
        while not await done():  # noqa: ASYNC110 - the database tells, not an event
            await asyncio.sleep(0.05)


@dataclass(frozen=True, slots=True)
class ToTheTelephone(SipDial):
    """Reaches this machine's telephone by every number."""

    address: str = ""

    async def dial(self, number: str) -> Line | CallAttempt:
        return await self.phone.dial(on_this_machine(self.address))


async def dialling(app: Application, address: str, stop: asyncio.Event) -> None:
    sip = SipPhone(SipAccount(), sip_policy_of(app.config), app.clock)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(sip.close)
        await sip.start()
        await dial_with(app, HoldingPhone(app, ToTheTelephone(sip, address), Voices(app, stack)), stop)


class SlowPhone:
    """Everybody answers and talks until told."""

    def __init__(self) -> None:
        self.enough = asyncio.Event()
        self.up = self.most = 0

    async def call(self, about: CallAbout, answered: Callable[[], None]) -> Called:
        self.up += 1
        self.most = max(self.most, self.up)
        answered()
        await self.enough.wait()
        self.up -= 1
        return Called(outcome=CallOutcome.ANSWERED, end=CallState.HELD)


async def test_as_many_at_once_as_configured_and_pausing_lets_them_talk_to_the_end(installation: Installation) -> None:
    installation.configure(CALLS + '[sip]\nhost = "127.0.0.1"\ncalls_at_once = 2\npause_seconds = 0.0\n')
    config = load_config(installation.folder / "config.toml")
    async with open_application(config, Credentials(), GoingOn(TUESDAY)) as app:
        numbers, phone, stop = await close_cases(app, 4), SlowPhone(), asyncio.Event()
        running = asyncio.create_task(dial_with(app, phone, stop))

        async def two_are_talking() -> bool:
            told = [detail for each in numbers for detail in await calls_of(app, each)]
            return sum(detail.startswith("talking") for detail in told) == 2

        await until(two_are_talking)
        async with app.store.step() as tx:
            await tx.set_fact(PAUSED, "yes", TUESDAY)
        await asyncio.sleep(1)
        phone.enough.set()

        async def none_is_talking() -> bool:
            told = [detail for each in numbers for detail in await calls_of(app, each)]
            return not any(detail.startswith("talking") for detail in told)

        await until(none_is_talking)
        told = [detail for each in numbers for detail in await calls_of(app, each)]
        assert told == ["held", "held"], "two were talking, and nobody more was called"
        async with app.store.step() as tx:
            await tx.set_fact(PAUSED, "", TUESDAY)

        async def all_are_called() -> bool:
            return [detail for each in numbers for detail in await calls_of(app, each)] == ["held"] * 4

        await until(all_are_called)
        stop.set()
        await running
        assert phone.most == 2


async def put_calls(installation: Installation) -> None:
    config = load_config(installation.folder / "config.toml")
    async with open_application(config, Credentials()) as app:
        numbers = await close_cases(app, 2)
        async with app.store.step() as tx:
            for number, detail in zip(numbers, ("talking, row 1", "busy, SIP 486, AAPOR 3.12"), strict=True):
                outcome = AttemptOutcome.SENT if detail.startswith("talking") else AttemptOutcome.FAILED
                attempt = ContactAttempt(
                    id=0,
                    invitation_id=number,
                    way=ContactWay.PHONE,
                    purpose=Purpose.REMINDER,
                    at=app.clock.now(),
                    outcome=outcome,
                    detail=detail,
                )
                await tx.put_attempt(attempt)


async def test_who_finds_no_place_is_judged_anew_later(installation: Installation, tmp_path: Path) -> None:
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    installation.configure(CALLS + '[sip]\nhost = "127.0.0.1"\n')
    config = load_config(installation.folder / "config.toml")
    async with open_application(config, Credentials(), GoingOn(TUESDAY)) as app, AsyncExitStack() as stack:
        (number,) = await close_cases(app, 1)
        async with app.store.look() as tx:
            invitation = await tx.invitation(number)
            assert invitation is not None
            stored = await tx.case(invitation.case_number)
            assert stored is not None
        far = stack.enter_context(OurTelephone(tmp_path / "far"))
        sip = SipPhone(SipAccount(), SipPolicy(calls_at_once=1), app.clock)
        stack.push_async_callback(sip.close)
        await sip.start()
        up = await sip.dial(on_this_machine(far.address))  # as a call to us may be
        assert isinstance(up, SipLine)
        phone = HoldingPhone(app, ToTheTelephone(sip, far.address), Voices(app, stack))
        with pytest.raises(NotYetError) as later:
            await asyncio.wait_for(phone.call(CallAbout(invitation=invitation, case=stored.case), lambda: None), 60)
        assert later.value.at > app.clock.now()
        await up.hang_up()


def test_calls_are_paused_and_resumed_and_shown_without_numbers(installation: Installation) -> None:
    installation.configure(CALLS)
    asyncio.run(put_calls(installation))
    assert installation.run("calls", "pause").returncode == 0
    told = installation.json("calls", "status")
    assert (told["paused"], told["waiting"], told["today"]) == (True, 2, {"busy": 1})
    assert [(each["case"], each["stage"]) for each in told["going"]] == [("SK-0", "talking")]
    shown = installation.run("calls", "status").stdout
    assert "paused" in shown
    assert "SK-0  talking" in shown
    assert "+46" not in shown + json.dumps(told)
    assert "leave out --follow" in installation.run("calls", "status", "--json", "--follow").stderr
    assert installation.run("calls", "resume").returncode == 0
    assert installation.json("calls", "status")["paused"] is False


async def test_trouble_is_told_and_what_a_call_waits_for(installation: Installation) -> None:
    installation.configure(CALLS + '[sip]\nhost = "127.0.0.1"\n')
    config, clock = load_config(installation.folder / "config.toml"), SimulatedClock(TUESDAY)
    async with open_application(config, Credentials(), clock) as app:
        await close_cases(app, 1)
        now = app.clock.now()

        async def told() -> tuple[list[str], list[str], str]:
            """By `calls status`, `status`, and `invitations show`."""
            status, state = await read_call_status(app), await read_state(app)
            async with app.store.look() as tx:
                (closing,) = await history_of(tx, "SK-0", contact_of(config), app.clock.now())
            return status.lines(), state.attention, closing["next"]["outcome"]

        async def knows(name: str, value: str) -> None:
            async with app.store.step() as tx:
                await tx.set_fact(name, value, now)

        lines, attention, waits = await told()
        assert lines == ["nobody is being called", "today: no calls", "waiting: 1, the next at 2026-11-17 13:00"]
        assert (attention, waits) == ([], "waits for its turn")
        await knows(OUT_OF_ORDER, f"{now.isoformat()} the exchange doesn't register us")
        assert "a phone can't dial: the exchange doesn't register us" in (await told())[0][0]
        trunk = Trunk(troubled=("a", "b", "c"), since=now, why="refused us, SIP 401", rests=3, until=now + 4 * MINUTE)
        await knows(TRUNK, trunk_text(trunk))
        lines, attention, waits = await told()
        said = "since 13:00 calls to 3 numbers in a row have come to nothing (refused us, SIP 401): nobody is called"
        assert f"{said}, the next try is at 13:04" in lines[0]
        assert f"calls: {said}" in attention[0]
        assert waits == "waits: the trunk is in trouble (refused us, SIP 401)"
        await knows(TRUNK, "")
        await knows(PAUSED, "yes")
        assert (await told())[2] == "waits: calls are paused"
        await knows(PAUSED, "")
        clock.move_to(TUESDAY + timedelta(hours=9))
        assert (await told())[2] == "waits for calling hours"


async def test_calls_that_are_off_are_said_to_be(installation: Installation) -> None:
    installation.configure(CALLS)
    config = load_config(installation.folder / "config.toml")
    async with open_application(config, Credentials(), SimulatedClock(TUESDAY)) as app:
        status = await read_call_status(app)
    assert "host and" in status.lines()[0]
    assert status.plain()["off"] is True


def test_calls_are_only_queued_where_there_is_no_exchange(installation: Installation) -> None:
    def judged(text: str) -> tuple[State, str, bool]:
        installation.configure(text)
        config = load_config(installation.folder / "config.toml")
        found = calls_feature(config)
        return found.state, found.why, calls_are_made(config)

    assert judged(PAGE) == (State.OFF, "not asked for", False)
    assert judged(CALLS) == (State.OFF, "calls are only queued: there is no exchange to dial", False)
    sip = '[sip]\nhost = "10.0.0.5"\n'
    state, why, made = judged(CALLS + sip)
    assert (state, made) == (State.ON, True)
    assert "through 10.0.0.5, working days 09:00-20:00, 4 at once, at most 2 a day and 4 in all, numbers of SE" in why
    late = '[survey]\ncontact_from = "20:00"\ncontact_until = "21:00"\n'
    assert judged(CALLS + sip + late)[0] is State.BROKEN
