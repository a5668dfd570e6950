"""What every part of a transaction stands on."""

import hashlib
import hmac
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Table, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from models.case import Address

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
        return insert_into(self._db.dialect.name, table)

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

    async def _upsert(self, table: Table, values: Mapping[str, Any], *, keep: Collection[str] = ()) -> None:
        """Insert the row, or replace the columns of the one with its primary key, but for those in `keep`."""
        statement = _upsert(self._db.dialect.name, table, tuple(values), tuple(keep))
        await self._db.execute(statement, [dict(values)])

    def _hashed(self, *parts: str) -> str:
        """A keyed hash, hex, for what must be recognised after it has been forgotten."""
        return hmac.new(self._key, "\x1f".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def _address_hash(self, address: Address) -> str:
        return self._hashed(address.kind.value, address.value)


def insert_into(dialect: str, table: Table) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT; both dialects' constructs have the same methods."""
    return cast(sqlite.Insert, postgresql.insert(table)) if dialect == "postgresql" else sqlite.insert(table)


@cache  # building a statement takes longer than executing it
def _upsert(dialect: str, table: Table, names: tuple[str, ...], keep: tuple[str, ...]) -> sqlite.Insert:
    insert = insert_into(dialect, table)
    key = [column.name for column in table.primary_key]
    replaced = {name: insert.excluded[name] for name in names if name not in key and name not in keep}
    return insert.on_conflict_do_update(index_elements=key, set_=replaced)


def chunked(items: Iterable[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """`items` in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
