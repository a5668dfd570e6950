"""The commands of whoever looks after an installation: rights of persons, copies, retention, status, digests."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.case import ClosedCase
from models.counts import IsoWeek
from models.queues import InboxRow, OutboxKind, OutboxRow
from models.rating import Rating
from models.selection import Decision
from models.survey import Answer, Channel, Invitation
from omdome import jobs
from omdome.cli import app
from omdome.config import load_config
from omdome.console import Problem
from omdome.credentials import Credentials
from omdome.retention import purge_if_due
from omdome.state import BEAT, read_state
from omdome.wiring import Application, open_application
from tests.omdome.conftest import Installation

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
ANNA = "anna@kund.example.net"
MANAGERS = """
[mail]
host = "smtp.example.se"
sender = "omdome@example.se"
[[digest.recipients]]
name = "Ledningen"
mail = "ledning@example.se"
"""


class Still:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


@asynccontextmanager
async def opened(installation: Installation, now: datetime = NOW) -> AsyncIterator[Application]:
    config = load_config(installation.folder / "config.toml")
    async with open_application(config, Credentials(), Still(now)) as application:
        yield application


@pytest.fixture
def omdome(installation: Installation, monkeypatch: pytest.MonkeyPatch):
    """Runs a command in this process: `omdome("erase", "x@y.se")`."""
    monkeypatch.setenv("OMDOME_CONFIG", str(installation.folder / "config.toml"))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    return run


async def one_answered_case(application: Application) -> None:
    async with application.store.step() as tx:
        case = ClosedCase(case_id="A-1", closed_at=NOW, unit="Gata", mail=ANNA)
        await tx.put_cases([case], NOW)
        number = (await tx.undecided(10))[0].id
        await tx.decide([Decision(number, None)], NOW)
        invitation = Invitation(
            id=0, case_number=number, token="t" * 22, language="sv", created_at=NOW, expires_at=NOW + timedelta(days=14)
        )
        (kept,) = await tx.put_invitations([invitation])
        answer = Answer(
            invitation_id=kept.id,
            question="bemotande",
            rating=Rating.BRA,
            reply="kanon!",
            confidence=1.0,
            channel=Channel.CHAT,
            received_at=NOW,
        )
        await tx.put_answer(answer)


@pytest.fixture
def answered(installation: Installation) -> Installation:
    async def fill() -> None:
        async with opened(installation) as application:
            await one_answered_case(application)

    asyncio.run(fill())
    return installation


def test_export_shows_all_of_one_person_and_erase_leaves_only_counts(answered: Installation, omdome) -> None:
    exported = omdome("export", "Anna@Kund.example.net")
    assert exported.exit_code == 0
    assert "kanon!" in exported.output
    assert ANNA in exported.output
    erased = omdome("erase", ANNA, "--yes", "--json")
    assert erased.exit_code == 0
    assert sum(json.loads(erased.output).values()) > 0
    gone = omdome("export", ANNA)
    assert "kanon!" not in gone.output
    assert "Nothing was stored of this respondent." in omdome("erase", ANNA, "--yes").output

    async def counted() -> int:
        async with opened(answered) as application, application.store.look() as tx:
            return sum(cell.count for cell in await tx.answer_counts(IsoWeek(2026, 47), IsoWeek(2026, 47)))

    assert asyncio.run(counted()) == 1
    assert "Nothing has been deleted yet." not in omdome("purge", "--history").output


def test_an_export_in_a_file_is_for_its_owner_alone(answered: Installation, omdome) -> None:
    target = answered.folder / "anna.json"
    assert omdome("export", ANNA, "--to", str(target)).exit_code == 0
    assert "kanon!" in target.read_text(encoding="utf-8")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_erase_asks_first_and_refuses_what_is_no_address(answered: Installation, omdome) -> None:
    assert omdome("erase", ANNA).exit_code == 1  # nobody said yes
    assert "kanon!" in omdome("export", ANNA).output
    refused = omdome("erase", "Anna Andersson", "--yes")
    assert isinstance(refused.exception, Problem)
    assert "write a mail address" in str(refused.exception)


def test_a_backup_is_put_back_unless_something_newer_would_be_lost(answered: Installation, omdome) -> None:
    made = omdome("backup", "--json")
    assert made.exit_code == 0
    file = Path(json.loads(made.output)["file"])
    assert file.parent == answered.folder / "data" / "backups"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert omdome("erase", ANNA, "--yes").exit_code == 0
    refused = omdome("restore", str(file), "--yes")
    assert isinstance(refused.exception, Problem)
    assert "force" in str(refused.exception)
    assert omdome("restore", str(file), "--yes", "--force").exit_code == 0
    assert "kanon!" in omdome("export", ANNA).output
    assert isinstance(omdome("restore", "none.db", "--yes").exception, Problem)


async def test_retention_runs_once_a_day_at_its_hour(answered: Installation) -> None:
    clock = Still(NOW + timedelta(days=400))
    async with opened(answered, clock.time) as application:
        zone = application.config.organisation.timezone
        days = {"replies": 365, "comments": 0, "contacts": 180}
        at = application.config.privacy.purge_time
        early = clock.time.replace(hour=0)
        assert not await purge_if_due(application.store, days, at, zone, early)
        assert await purge_if_due(application.store, days, at, zone, clock.time)
        assert not await purge_if_due(application.store, days, at, zone, clock.time + timedelta(hours=1))
        assert await purge_if_due(application.store, days, at, zone, clock.time + timedelta(days=1))
        async with application.store.look() as tx:
            assert "kanon!" not in json.dumps(await tx.export(await _anna(application)), default=str)


async def _anna(application: Application):
    from omdome.respondent import respondent

    return respondent(ANNA, application.config.intake.phone_region)


def test_status_makes_no_database(installation: Installation, omdome) -> None:
    (installation.folder / "data").mkdir(exist_ok=True)
    before = sorted(installation.folder.rglob("*"))
    told = omdome("status")
    assert isinstance(told.exception, Problem)
    assert "there is no database" in str(told.exception)
    assert sorted(installation.folder.rglob("*")) == before


def test_the_database_is_for_its_owner_alone(answered: Installation) -> None:
    async def in_use() -> dict[str, int]:
        async with opened(answered):
            return {file.suffix: stat.S_IMODE(file.stat().st_mode) for file in (answered.folder / "data").iterdir()}

    assert asyncio.run(in_use()) == {".db": 0o600, ".db-wal": 0o600, ".db-shm": 0o600}


async def test_retention_empties_the_watched_folder_too(installation: Installation) -> None:
    installation.configure('[intake]\nwatched_folder = "in"\n')
    taken = installation.folder / "in" / "done" / "natt.csv"
    taken.parent.mkdir(parents=True)
    taken.write_text("case_id,closed_at\n")
    noon = datetime.now(UTC).replace(hour=12)  # the night's purge has its hour, the file its age
    async with opened(installation, noon + timedelta(days=29)) as application:
        await jobs.purge(application)
        assert taken.exists()
    async with opened(installation, noon + timedelta(days=32)) as application:
        await jobs.purge(application)
        assert not taken.exists()


async def test_status_is_well_until_something_is_not(answered: Installation) -> None:
    async with opened(answered) as application:
        well = await read_state(application)
        assert (well.attention, well.answers_this_week, well.survey["answered"]) == ([], 1, 1)
        async with application.store.step() as tx:
            await tx.set_fact(f"{BEAT}.all", (NOW - timedelta(hours=1)).isoformat(), NOW)
            await tx.put_updates([InboxRow(1, {"update_id": 1}, NOW - timedelta(hours=2))])
            mail = OutboxRow(kind=OutboxKind.MAIL, key="m", payload={}, due_at=NOW - timedelta(minutes=1))
            await tx.enqueue([mail])
            (claimed,) = await tx.claim([OutboxKind.MAIL], NOW, timedelta(minutes=1), 1)
            await tx.retry(claimed.id, "the mail server refused the mailbox for good (550)", None)
        told = " / ".join((await read_state(application)).attention)
    assert "no sign of life since 2026-11-18T12:00:00+01:00" in told
    assert "inbox: the oldest has waited 120 minutes" in told
    assert "outbox mail: 1 failed for good: the mail server refused the mailbox for good (550)" in told


async def test_status_sees_a_mail_server_that_has_been_down_for_days(installation: Installation) -> None:
    async with opened(installation) as application:
        async with application.store.step() as tx:
            due = NOW - timedelta(days=2)
            await tx.enqueue([OutboxRow(kind=OutboxKind.MAIL, key="m", payload={}, due_at=due)])
            for at in (due + timedelta(minutes=5), NOW + timedelta(minutes=10)):
                (claimed,) = await tx.claim([OutboxKind.MAIL], at - timedelta(minutes=1), timedelta(minutes=1), 1)
                await tx.retry(claimed.id, "no answer from the mail server", at)
        (told,) = (await read_state(application)).attention
    assert told == "outbox mail: the oldest has waited 2880 minutes: no answer from the mail server"


@pytest.mark.parametrize(
    ("beats", "told"),
    [
        ({"bot": 0, "worker": 120}, ["role worker has shown no sign of life since 2026-11-18T11:00:00+01:00"]),
        ({"bot": 120, "worker": 60}, ["the service has shown no sign of life since 2026-11-18T12:00:00+01:00"]),
        ({"all": 0, "worker": 120}, []),
        ({"all": 120, "bot": 0, "worker": 0}, []),
        ({"bot": 0, "worker": 60 * 24 * 30}, []),
        ({}, []),
    ],
)
async def test_a_dead_role_does_not_hide_behind_a_living_one(
    installation: Installation, beats: dict[str, int], told: list[str]
) -> None:
    async with opened(installation) as application:
        async with application.store.step() as tx:
            for role, minutes in beats.items():
                await tx.set_fact(f"{BEAT}.{role}", (NOW - timedelta(minutes=minutes)).isoformat(), NOW)
        assert (await read_state(application)).attention == [f"{each}: is it running?" for each in told]


def test_failures_that_somebody_has_seen_need_no_attention_again(installation: Installation, omdome) -> None:
    async def fail() -> None:
        async with opened(installation) as application, application.store.step() as tx:
            await tx.enqueue([OutboxRow(kind=OutboxKind.MAIL, key="m", payload={}, due_at=NOW)])
            (claimed,) = await tx.claim([OutboxKind.MAIL], NOW, timedelta(minutes=1), 1)
            await tx.retry(claimed.id, "mailbox unknown", None)

    asyncio.run(fail())
    told = omdome("status")
    assert told.exit_code == 1
    assert "mailbox unknown" in told.output
    assert omdome("status", "--seen").exit_code == 0
    assert omdome("status", "--json").exit_code == 0


def test_whoever_sets_it_up_can_be_the_first_customer(installation: Installation, omdome) -> None:
    assert isinstance(omdome("try-me").exception, Problem)
    installation.configure('[telegram]\nbot_username = "ProvBot"\n')
    shown = omdome("try-me", "--handler-mail", "Jag@example.org")
    assert "https://t.me/ProvBot?start=" in shown.output
    assert "█" in shown.output
    assert "The bot is off: set [telegram] enabled = true" in shown.output
    made = json.loads(omdome("try-me", "--json", "--language", "en").output)
    assert made["case_id"].startswith("PROV-")
    assert set(json.loads(omdome("status", "--json").output)["survey"].values()) == {0}  # a trial is no statistics
    assert isinstance(omdome("try-me", "--language", "fi").exception, Problem)
    installation.configure('[web]\npublic_url = "https://omdome.example.se"\n[telegram]\nbot_username = "ProvBot"\n')
    page, bot = json.loads(omdome("try-me", "--json").output)["links"]
    assert page.startswith("https://omdome.example.se/s/")
    assert bot == f"https://t.me/ProvBot?start={page.rpartition('/')[2]}"


def test_a_handler_gets_a_personal_link(installation: Installation, omdome) -> None:
    assert isinstance(omdome("handlers", "link", "a@example.org").exception, Problem)
    installation.configure('[telegram]\nbot_username = "ProvBot"\n')
    made = json.loads(omdome("handlers", "link", "Handlaggare01@example.org", "--json").output)
    assert made["mail"] == "handlaggare01@example.org"
    assert made["link"].startswith("https://t.me/ProvBot?start=h_")
    assert "█" in omdome("handlers", "link", "a@example.org").output


def test_a_fresh_database_needs_no_migration(installation: Installation, omdome) -> None:
    assert "before: empty" in omdome("migrate").output
    assert "already" in omdome("migrate").output
