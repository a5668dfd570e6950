"""What every part of a transaction stands on."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Table, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK = 1000  #: values in one IN (…): far below SQLite's 32,766 and PostgreSQL's 65,535

# Written out in the statement: a partial index is used only where the query says what the index says, and a bound
# parameter says nothing. A test looks at the query plans.
WAITING: ColumnElement[str] = literal_column("'waiting'")
FAILED: ColumnElement[str] = literal_column("'failed'")
NOTHING: ColumnElement[str] = literal_column("''")

Item = TypeVar("Item")


class Part:
    """One connection inside one transaction."""

    def __init__(self, connection: AsyncConnection, zone: ZoneInfo, key: bytes) -> None:
        self._db = connection
        self._zone = zone
        self._key = key

    def _insert(self, table: Table) -> sqlite.Insert:
        """An INSERT that knows ON CONFLICT; both dialects' constructs have the same methods."""
        if self._db.dialect.name == "postgresql":
            return cast(sqlite.Insert, postgresql.insert(table))
        return sqlite.insert(table)

    async def _insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Many rows with the same columns, at half of SQLAlchemy's own price: the statement is compiled once."""
        dialect = self._db.dialect
        names = list(rows[0])
        compiled = table.insert().compile(dialect=dialect, column_keys=names)
        order = compiled.positiontup or names
        writers = [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in order]
        values = [[write(row[name]) if write else row[name] for name, write in writers] for row in rows]
        parameters = [tuple(each) if compiled.positional else dict(zip(order, each, strict=True)) for each in values]
        await self._db.exec_driver_sql(str(compiled), parameters)

    def _hashed(self, *parts: str) -> str:
        """A keyed hash, hex, for what must be recognised after it has been forgotten."""
        return hmac.new(self._key, "\x1f".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def chunked(items: Iterable[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """`items` in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
