"""Bringing a database to this program's version of the tables."""

from pathlib import Path

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from storage.addresses import database_url, sqlite_path

HEAD = "0004"  #: the newest migration in `migrations/versions`; a test keeps the two together
_KNOWN = ("0001", "0002", "0003", "0004")
_LOCK = 0x6F6D6468  # "omdh": one migration at a time, on PostgreSQL


class DatabaseRefusedError(Exception):
    """The database can't be opened as it is. The message says why, and what would be right."""


def version_of(connection: Connection) -> str | None:
    """The database's migration, or None when it has no tables of ours. Refuses one that this program doesn't know."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version is not None and version not in _KNOWN:
        raise DatabaseRefusedError(
            f"the database is at version {version}, and this program only knows up to {HEAD}: "
            "it was written by a newer Omdöme. Run that version, or restore a backup made by this one."
        )
    return version


def migrate(url: str) -> str:
    """Bring the database to `HEAD`, in one transaction; creates an SQLite file. Returns what was there ("" if empty).

    Safe to run twice, also at the same time. Blocks: call it in a thread from a running loop.
    """
    target = database_url(url)
    if file := sqlite_path(target):
        _make(file)
    engine = create_engine(_blocking(target), poolclass=NullPool)
    if target.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin_immediate)
    try:
        with engine.begin() as connection:
            if target.get_backend_name() == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            before = version_of(connection)
            if before != HEAD:
                _upgrade(connection)
            return before or ""
    except DBAPIError as error:
        raise DatabaseRefusedError(f"can't open {target.render_as_string()}: {error.orig}") from error
    finally:
        engine.dispose()


def _make(file: Path) -> None:
    """An empty file for its owner alone, if there is none; SQLite gives its -wal and -shm the same rights."""
    try:
        file.touch(mode=0o600)
    except OSError as error:
        raise DatabaseRefusedError(f"can't write {file}: {error.strerror}") from error


def _upgrade(connection: Connection) -> None:
    # Alembic takes a tenth of a second to import: only those who need it pay
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _blocking(url: URL) -> URL:
    return url.set(drivername="sqlite") if url.get_backend_name() == "sqlite" else url


def _leave_transactions_to_us(connection: object, _record: object) -> None:
    # otherwise Python's sqlite3 commits before each CREATE TABLE, and a failed migration stays half done
    connection.isolation_level = None  # type: ignore[attr-defined]


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
