"""The store: a database opened, its transactions, and its end."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.addresses import database_url, sqlite_path
from storage.engines import reading_engine, writing_engine
from storage.migration import HEAD, DatabaseRefusedError, migrate, version_of
from storage.tables import facts
from storage.transaction import SqlTransaction
from workflow.ports import StoreUnavailableError, Transaction

HASH_KEY = "storage.hash_key"  #: the fact that keeps the key of opt-outs' and erasures' hashes

# SQLSTATE classes that may work later: connection, resources, operator, rollback (deadlock); 55P03 is lock_timeout
_PASSING_STATES = ("08", "40", "53", "55P03", "57")
_PASSING_SQLITE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
)


class SqlStore:
    """`workflow.ports.Store` over SQLAlchemy. Open it with `open_store`; it must be closed."""

    def __init__(self, url: URL, zone: ZoneInfo, key: bytes, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.url = url
        self._zone = zone
        self._key = key
        self._writer = writer
        self._reader = reader
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None

    @asynccontextmanager
    async def step(self) -> AsyncIterator[Transaction]:
        """A writing transaction, one at a time. Raises StoreUnavailableError when the database can't take it now."""
        if self._holder is not None and self._holder is asyncio.current_task():
            raise RuntimeError("a step inside a step would wait for itself for ever")
        async with self._turn:
            self._holder = asyncio.current_task()
            try:
                async with self._transaction(self._writer) as transaction:
                    yield transaction
            finally:
                self._holder = None

    def look(self) -> AbstractAsyncContextManager[Transaction]:
        """A reading transaction: one moment of the database, waiting for no writer."""
        return self._transaction(self._reader)

    async def close(self) -> None:
        """Waits for the step under way, then closes every connection."""
        async with self._turn:
            await self._writer.dispose()
            await self._reader.dispose()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[Transaction]:
        try:
            async with engine.begin() as connection:
                yield SqlTransaction(connection, self._zone, self._key)
        except SQLAlchemyError as error:
            if _may_pass(error):
                raise StoreUnavailableError(f"the database can't take it now: {_first_line(error)}") from error
            raise


async def open_store(url: str, zone: ZoneInfo) -> SqlStore:
    """Open the database; `zone` is the organisation's, and decides the ISO week that an answer counts in.

    An SQLite file is created and migrated as needed. A PostgreSQL database is not, since other machines may be using
    it: `migrate(url)` first. Raises DatabaseRefusedError (newer, unmigrated, unreachable) or ValueError (bad URL).
    """
    target = database_url(url)
    file = sqlite_path(target)
    if file is not None:
        await asyncio.to_thread(_ready_file, file, url)
    writer, reader = writing_engine(target), reading_engine(target)
    try:
        async with writer.begin() as connection:
            await _check_version(connection)
            key = await _hash_key(connection)
    except DBAPIError as error:
        await writer.dispose()
        raise DatabaseRefusedError(f"can't open {target.render_as_string()}: {_first_line(error)}") from error
    except BaseException:
        await writer.dispose()
        raise
    return SqlStore(target, zone, key, writer, reader)


def _ready_file(file: Path, url: str) -> None:
    if not file.parent.is_dir():
        raise DatabaseRefusedError(f"can't open {file}: its directory doesn't exist; create {file.parent}")
    if not _is_current(file):
        migrate(url)


def _is_current(file: Path) -> bool:
    """A quick look, so that opening needn't import Alembic. Any doubt is left to `migrate`."""
    if not file.exists():
        return False
    try:
        connection = sqlite3.connect(file, timeout=10)
        try:
            found: object = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        return False
    return found == (HEAD,)


async def _check_version(connection: AsyncConnection) -> None:
    version = await connection.run_sync(version_of)
    if version != HEAD:
        state = f"at version {version}" if version else "empty"
        raise DatabaseRefusedError(
            f"the database is {state}, and this program needs version {HEAD}: stop every other Omdöme that uses it, "
            "then run `python -m omdome migrate`"
        )


async def _hash_key(connection: AsyncConnection) -> bytes:
    found: str | None = await connection.scalar(select(facts.c.value).where(facts.c.name == HASH_KEY))
    if found is None:
        raise DatabaseRefusedError(f"the database has lost the fact {HASH_KEY}; restore it from a backup")
    return bytes.fromhex(found)


def _may_pass(error: SQLAlchemyError) -> bool:
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    original = error.orig
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in _PASSING_SQLITE
    state: str | None = getattr(original, "sqlstate", None)
    # no state: it never reached the server
    return isinstance(error, OperationalError) if state is None else state.startswith(_PASSING_STATES)


def _first_line(error: SQLAlchemyError) -> str:
    """What the driver said, without SQLAlchemy's statement and parameters: those may hold what a person wrote."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return str(original).partition("\n")[0]
