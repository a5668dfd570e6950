"""The service turns to customers without Telegram, so many a minute."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.case import ClosedCase
from models.survey import AttemptOutcome, ContactWay, Disposition, Invitation
from omdome.cli import app as command_line
from omdome.config import load_config
from omdome.contacting import PER_MINUTE, Contacting
from omdome.credentials import Credentials
from omdome.deciding import decide_now
from omdome.demo.clock import SimulatedClock
from omdome.invitation_history import history_of
from omdome.policies import contact_of
from omdome.service import Role, serve
from omdome.state import read_state
from omdome.wiring import Application, open_application
from tests.omdome.conftest import Installation
from workflow.intake import import_cases

TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)
BY_SMS = """
[web]
port = 0
public_url = "https://omdome.example.se"
[sms]
gateway = "file"
file = "sms.log"
[workers]
rest_seconds = 0.05
"""


@asynccontextmanager
async def opened(folder: Path, now: datetime = TUESDAY) -> AsyncIterator[Application]:
    config = load_config(folder / "config.toml")
    async with open_application(config, Credentials(), SimulatedClock(now)) as app:
        yield app


async def close_cases(app: Application, number: int) -> None:
    cases = [
        ClosedCase(case_id=f"SK-{each}", closed_at=TUESDAY - timedelta(days=1), phone=f"+46701740{605 + each}")
        for each in range(number)
    ]
    await import_cases(app.store, cases, app.clock.now())
    await decide_now(app, app.clock.now())


async def serve_until(app: Application, role: Role, done: Callable[[], Awaitable[bool]]) -> None:
    """Run the service until something has happened."""
    stop = asyncio.Event()
    running = asyncio.create_task(serve(app, role, stop))
    async with asyncio.timeout(60):
        while not await done():  # noqa: ASYNC110 - the database tells, not an event
            await asyncio.sleep(0.05)
    stop.set()
    await running


async def test_the_service_turns_to_customers_and_keeps_the_deadline_without_telegram(
    installation: Installation,
) -> None:
    installation.configure(BY_SMS)
    async with opened(installation.folder) as app:
        await close_cases(app, 1)

        async def survey() -> Invitation:
            async with app.store.look() as tx:
                found = await tx.invitation_of_case("SK-0")
            assert found is not None
            return found

        async def is_sent() -> bool:
            log = installation.folder / "sms.log"
            return log.exists() and f"/s/{(await survey()).token}" in log.read_text()

        async def is_closed() -> bool:
            return (await survey()).disposition is Disposition.NO_CONTACT

        await serve_until(app, Role.ALL, is_sent)
        assert not await is_closed()
        assert isinstance(app.clock, SimulatedClock)
        app.clock.move_to(TUESDAY + timedelta(days=15))
        await serve_until(app, Role.WORKER, is_closed)


async def test_a_morning_s_invitations_go_out_so_many_a_minute(installation: Installation) -> None:
    installation.configure(BY_SMS)
    async with opened(installation.folder) as app:
        await close_cases(app, PER_MINUTE + 9)
        contacting = Contacting(app)
        decided = []
        for _ in range(3):
            await contacting.run()
            async with app.store.look() as tx:
                counts = await tx.attempt_counts(TUESDAY, TUESDAY + timedelta(days=1))
            decided.append(counts[ContactWay.SMS, AttemptOutcome.PLANNED])
    assert decided == [PER_MINUTE, PER_MINUTE + 9, PER_MINUTE + 9]


async def test_what_waits_for_monday_is_told_and_goes_when_the_hours_are_widened(installation: Installation) -> None:
    saturday = TUESDAY + timedelta(days=4)
    installation.configure(BY_SMS)
    async with opened(installation.folder, saturday) as app:
        await close_cases(app, 1)
        await Contacting(app).run()
        async with app.store.look() as tx:
            (told,) = await history_of(tx, "SK-0", contact_of(app.config), saturday)
        assert (told["attempts"], told["next"]) == (
            [],
            {
                "at": "2026-11-23T09:00+01:00",
                "way": "sms",
                "purpose": "invitation",
                "outcome": "waits for contact hours",
            },
        )
        assert (await read_state(app)).contact_next == "2026-11-23T09:00:00+01:00"
    installation.configure(BY_SMS + "[survey]\ncontact_weekends = true\n")
    async with opened(installation.folder, saturday + timedelta(hours=1)) as app:
        await Contacting(app).run()
        async with app.store.look() as tx:
            (told,) = await history_of(tx, "SK-0", contact_of(app.config), app.clock.now())
    assert [each["outcome"] for each in told["attempts"]] == ["planned"]
    assert told["next"] is None, "the message is on its way"


def test_whoever_sets_it_up_can_get_the_real_message_at_once(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.configure(BY_SMS)
    monkeypatch.setenv("OMDOME_CONFIG", str(installation.folder / "config.toml"))
    made = CliRunner().invoke(command_line, ["try-me", "--phone", "070-174 06 05", "--json"])
    assert made.exit_code == 0, made.output
    told = json.loads(made.output)
    log = (installation.folder / "sms.log").read_text()
    assert told["sent_to"] == ["+46701740605"]
    assert told["link"] in log
    for wrong, said in (
        (["--mail", "jag@example.org"], "mail is off"),
        (["--mail", "0701740605"], "another kind of address"),
        (["--phone", "12"], "--phone 12: "),
    ):
        assert said in str(CliRunner().invoke(command_line, ["try-me", *wrong]).exception)
