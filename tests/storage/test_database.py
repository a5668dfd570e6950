"""Opening, refusing and migrating a database, and its bad days."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from storage import engines, migration
from storage.database import SqlStore, open_store
from storage.migration import HEAD, DatabaseRefusedError, migrate
from storage.tables import metadata
from tests.conftest import STOCKHOLM
from tests.contracts.examples import NOW
from workflow.ports import StoreUnavailableError

ROOT = Path(__file__).parents[2]


# --- opening -----------------------------------------------------------------------------------------------------


async def test_a_new_file_is_created_and_opened_again(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/new.sqlite"
    for expected in (None, "1"):
        store = await open_store(url, STOCKHOLM)
        async with store.step() as transaction:
            assert await transaction.fact("x") == expected
            await transaction.set_fact("x", "1", NOW)
        await store.close()
    assert list(tmp_path.iterdir()) == [tmp_path / "new.sqlite"], "closing leaves no log behind"  # noqa: ASYNC240


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://me:secret@host/omdome", "mysql: is no database we know; write sqlite:///data/omdome.sqlite"),
        ("data/omdome.sqlite", "is no database we know"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
async def test_an_address_that_is_none(url: str, said: str):
    with pytest.raises(ValueError, match=said) as refused:
        await open_store(url, STOCKHOLM)
    assert "secret" not in str(refused.value)


async def test_a_missing_directory(tmp_path: Path):
    with pytest.raises(DatabaseRefusedError, match=f"its directory doesn't exist; create {tmp_path}/no"):
        await open_store(f"sqlite:///{tmp_path}/no/omdome.sqlite", STOCKHOLM)


async def test_a_file_that_is_no_database(tmp_path: Path):
    (tmp_path / "x.sqlite").write_text("Kära dagbok, " * 100)
    with pytest.raises(DatabaseRefusedError, match="file is not a database"):
        await open_store(f"sqlite:///{tmp_path}/x.sqlite", STOCKHOLM)


async def test_a_newer_database_is_refused(store_url: str):
    with closing(sqlite3.connect(store_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(DatabaseRefusedError, match=f"at version 9999, and this program only knows up to {HEAD}"):
        await open_store(store_url, STOCKHOLM)


async def test_an_empty_postgresql_database_is_refused_until_it_is_migrated(bare_postgres_url: str):
    with pytest.raises(DatabaseRefusedError, match=r"the database is empty, and .* run `python -m omdome migrate`"):
        await open_store(bare_postgres_url, STOCKHOLM)
    assert await asyncio.to_thread(migrate, bare_postgres_url) == ""
    assert await asyncio.to_thread(migrate, bare_postgres_url) == HEAD
    await (await open_store(bare_postgres_url, STOCKHOLM)).close()


async def test_an_unreachable_server(tmp_path: Path):
    url = f"postgresql://me:secret@/omdome?host={tmp_path}"
    with pytest.raises(DatabaseRefusedError, match="can't open") as refused:
        await open_store(url, STOCKHOLM)
    assert "secret" not in str(refused.value)


# --- migrations --------------------------------------------------------------------------------------------------


def test_the_known_versions_are_alembics():
    config = Config()
    config.set_main_option("script_location", str(ROOT / "storage" / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]
    assert sorted(script.revision for script in scripts.walk_revisions()) == sorted(migration._KNOWN)


def test_migrations_make_the_tables(any_url: str):
    engine = create_engine(any_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def stop(*_: object, **__: object) -> None:
        raise OSError("power cut")

    url = f"sqlite:///{tmp_path}/x.sqlite"
    monkeypatch.setattr("alembic.op.create_index", stop)
    with pytest.raises(OSError, match="power cut"):
        migrate(url)
    monkeypatch.undo()
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    assert migrate(url) == ""


def test_each_database_has_its_own_hash_key(tmp_path: Path):
    keys = set()
    for name in ("a", "b"):
        migrate(f"sqlite:///{tmp_path}/{name}.sqlite")
        with closing(sqlite3.connect(tmp_path / f"{name}.sqlite")) as connection:
            keys.add(connection.execute("SELECT value FROM facts WHERE name = 'storage.hash_key'").fetchone())
    assert len(keys) == 2


# --- bad days ----------------------------------------------------------------------------------------------------


async def set_fact(store: SqlStore, name: str, value: str = "1") -> None:
    async with store.step() as transaction:
        await transaction.set_fact(name, value, NOW)


async def test_locked_by_another_process_may_be_tried_again(store_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engines, "BUSY_MILLISECONDS", 50)
    store = await open_store(store_url, STOCKHOLM)
    with closing(sqlite3.connect(store_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match="database is locked"):
            await set_fact(store, "x")
        other.execute("ROLLBACK")
        await set_fact(store, "x")
    await store.close()


async def test_a_full_disk_may_be_tried_again_and_nothing_is_half_stored(store: SqlStore):
    async with store.step() as transaction:
        await transaction._db.exec_driver_sql("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]

    async def store_too_much() -> None:
        async with store.step() as transaction:
            await transaction.set_fact("a little", "1", NOW)
            await transaction.set_fact("too much", "x" * 1_000_000, NOW)

    with pytest.raises(StoreUnavailableError, match="database or disk is full"):
        await store_too_much()
    async with store.step() as transaction:
        await transaction._db.exec_driver_sql("PRAGMA max_page_count = 1000000")  # type: ignore[attr-defined]
        assert await transaction.fact("a little") is None
    await store_too_much()


async def test_a_lost_connection_may_be_tried_again(postgres_url: str):
    store = await open_store(postgres_url, STOCKHOLM)

    async def lose_it() -> None:
        async with store.step() as transaction:
            await transaction.set_fact("x", "1", NOW)
            with psycopg.connect(postgres_url) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            await transaction.set_fact("y", "1", NOW)

    with pytest.raises(StoreUnavailableError):
        await lose_it()
    async with store.step() as transaction:
        assert await transaction.fact("x") is None
        await transaction.set_fact("x", "1", NOW)
    await store.close()


async def test_errors_show_nothing_that_a_person_wrote(store: SqlStore):
    with pytest.raises(Exception, match="FOREIGN KEY") as failed:
        async with store.step() as transaction:
            await transaction._db.exec_driver_sql(  # type: ignore[attr-defined]
                "INSERT INTO comments (invitation_id, text, received_at) VALUES (?, ?, ?)", (4711, "hemligt", "x")
            )
    assert "hemligt" not in str(failed.value)


BROKEN_OFF = """
import asyncio, sys, datetime
from zoneinfo import ZoneInfo
from storage.database import open_store

async def main(url, how):
    store = await open_store(url, ZoneInfo("Europe/Stockholm"))
    async with store.step() as transaction:
        await transaction.set_fact("half", "1", datetime.datetime.now(datetime.UTC))
        print("begun", flush=True)
        if how == "wait":
            await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_killed_in_a_step_nothing_is_stored_and_nothing_is_locked(store: SqlStore, store_url: str):
    command = (sys.executable, "-c", BROKEN_OFF, store_url, "wait")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"begun\n"
    process.kill()
    await process.wait()
    async with store.step() as transaction:
        assert await transaction.fact("half") is None


def test_a_program_that_forgets_to_close_still_ends(store_url: str):
    subprocess.run(
        [sys.executable, "-c", BROKEN_OFF, store_url, "end"], cwd=ROOT, check=True, timeout=30, capture_output=True
    )
