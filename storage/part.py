"""What every part of a transaction stands on."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK = 1000  #: values in one IN (…): far below SQLite's 32,766 and PostgreSQL's 65,535

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

    def _hashed(self, *parts: str) -> str:
        """A keyed hash, hex, for what must be recognised after it has been forgotten."""
        return hmac.new(self._key, "\x1f".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def chunked(items: Iterable[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """`items` in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
