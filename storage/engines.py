"""How the two databases are connected to, so that a transaction means the same on both: one writer at a time."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import one_trip
from storage.columns import plain_json

BUSY_MILLISECONDS = 10_000  #: how long a writer waits for a writer in another process
_WRITERS = 0x6F6D6477  # "omdw": the advisory lock that PostgreSQL's writers take


def writing_engine(url: URL) -> AsyncEngine:
    """Every transaction of this engine starts by becoming the only writer, so what it reads stays true until it ends.

    SQLite: BEGIN IMMEDIATE (with aiosqlite's own transactions 408 of 600 concurrent read-then-updates were lost).
    PostgreSQL: an advisory lock under READ COMMITTED, so that each statement sees what the writer before committed.
    """
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url, pool_size=1, writes=True)
        event.listen(engine.sync_engine, "begin", _begin_immediate)
    else:
        engine = _postgresql(url, pool_size=4, isolation_level="READ COMMITTED")
        event.listen(engine.sync_engine, "begin", _become_the_writer)
    return engine


def reading_engine(url: URL) -> AsyncEngine:
    """Every transaction of this engine sees one moment of the database, waits for nobody, and can't write."""
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url, pool_size=4, writes=False)
        event.listen(engine.sync_engine, "begin", _begin)
        return engine
    return _postgresql(url, pool_size=4, isolation_level="REPEATABLE READ", read_only=True)


def _sqlite(url: URL, *, pool_size: int, writes: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=60,
        json_serializer=plain_json,
        hide_parameters=True,  # they hold what people wrote, and errors are logged
        connect_args={
            "isolation_level": None,
            "timeout": BUSY_MILLISECONDS / 1000,
            "async_creator_fn": one_trip.connect,
        },
    )

    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        # FULL: an update is on the disk before it is acknowledged, also when the power goes
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA cache_size = -20000")  # KiB
        # what is erased is gone from the file, too, not only from the tables
        cursor.execute("PRAGMA secure_delete = ON")
        if writes:
            cursor.execute("PRAGMA journal_mode = WAL")
        else:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    return engine


def _postgresql(url: URL, *, pool_size: int, isolation_level: str, read_only: bool = False) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=60,
        pool_pre_ping=True,
        json_serializer=plain_json,
        hide_parameters=True,  # they hold what people wrote, and errors are logged
        isolation_level=isolation_level,
        execution_options={"postgresql_readonly": True} if read_only else {},
        connect_args={
            "connect_timeout": 10,
            # a writer that hangs must not stop the others for good
            "options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s -c timezone=UTC",
        },
    )


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _become_the_writer(connection: Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
