"""The service turns to customers without Telegram, so many a minute."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.case import ClosedCase
from models.survey import AttemptOutcome, ContactWay, Disposition, Invitation
from omdome.config import load_config
from omdome.contacting import PER_MINUTE, Contacting
from omdome.credentials import Credentials
from omdome.deciding import decide_now
from omdome.demo.clock import SimulatedClock
from omdome.service import Role, serve
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
async def opened(folder: Path) -> AsyncIterator[Application]:
    config = load_config(folder / "config.toml")
    async with open_application(config, Credentials(), SimulatedClock(TUESDAY)) as app:
        yield app


async def close_cases(app: Application, number: int) -> None:
    cases = [
        ClosedCase(case_id=f"SK-{each}", closed_at=TUESDAY - timedelta(days=1), phone=f"+46701740{605 + each}")
        for each in range(number)
    ]
    await import_cases(app.store, cases, TUESDAY)
    await decide_now(app, TUESDAY)


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
