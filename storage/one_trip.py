"""SQLite connections that take a statement and its rows in one trip to their thread.

SQLAlchemy over aiosqlite makes four (cursor, execute, fetch, close), and each costs more than most statements do.
"""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import aiosqlite


def connect(database: str, **settings: Any) -> aiosqlite.Connection:
    """For SQLAlchemy's `async_creator_fn`; `settings` are those of `sqlite3.connect`."""
    made = _Connection(partial(sqlite3.connect, database, **settings), iter_chunk_size=64)
    made._thread.daemon = True  # as SQLAlchemy does: one that nobody closed must not keep the process from ending
    return made


class _Connection(aiosqlite.Connection):
    def cursor(self) -> "_Cursor":  # type: ignore[override]
        return _Cursor(self)


class _Cursor:
    """What SQLAlchemy asks of an asynchronous cursor whose rows are read at once."""

    arraysize = 1

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "_Cursor":
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    async def _run(self, work: Callable[[sqlite3.Cursor], object]) -> None:
        def trip() -> None:
            cursor = self._connection._conn.cursor()
            try:
                work(cursor)
                self._rows = cursor.fetchall() if cursor.description else []
                self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
            finally:
                cursor.close()

        await self._connection._execute(trip)  # type: ignore[no-untyped-call]
