"""Bearer tokens of the API. Only their SHA-256 is stored: they are random, so no slow hash is needed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, update

from storage.columns import Instant
from storage.part import Part
from storage.tables import api_tokens
from workflow.store_parts import ApiToken

_NOTED_EVERY = timedelta(hours=1)

_BY_HASH = select(api_tokens).where(api_tokens.c.hash == bindparam("digest"), api_tokens.c.revoked_at.is_(None))
_NOTE_USE = (
    update(api_tokens)
    .where(
        api_tokens.c.hash == bindparam("digest"),
        or_(
            api_tokens.c.last_used_at.is_(None),
            api_tokens.c.last_used_at <= bindparam("stale", type_=Instant),
        ),
    )
    .values(last_used_at=bindparam("now", type_=Instant))
)


class ApiTokens(Part):
    async def put_api_token(self, name: str, digest: str, scopes: Sequence[str], now: datetime) -> bool:
        """A name stays taken when its token is revoked: the log of who did what must not change its meaning."""
        row = {"name": name, "hash": digest, "scopes": " ".join(scopes), "created_at": now}
        insert = self._insert(api_tokens).values(row).on_conflict_do_nothing(index_elements=[api_tokens.c.name])
        return await self._db.scalar(insert.returning(api_tokens.c.id)) is not None

    async def api_token(self, digest: str) -> ApiToken | None:
        row = (await self._db.execute(_BY_HASH, {"digest": digest})).one_or_none()
        return _token_from(row) if row else None

    async def note_use(self, digest: str, now: datetime) -> None:
        await self._db.execute(_NOTE_USE, {"digest": digest, "now": now, "stale": now - _NOTED_EVERY})

    async def api_tokens(self) -> list[ApiToken]:
        """Oldest first, revoked ones included."""
        return [_token_from(row) for row in await self._db.execute(select(api_tokens).order_by(api_tokens.c.id))]

    async def revoke_api_token(self, name: str, now: datetime) -> bool:
        """False if there is none of that name that works."""
        statement = (
            update(api_tokens)
            .where(api_tokens.c.name == name, api_tokens.c.revoked_at.is_(None))
            .values(revoked_at=now)
        )
        return (await self._db.execute(statement)).rowcount == 1


def _token_from(row: Row[Any]) -> ApiToken:
    return ApiToken(
        name=row.name,
        scopes=tuple(row.scopes.split()),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
