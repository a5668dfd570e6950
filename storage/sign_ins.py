"""Who may look at the managers' page: one-time links and sessions, by the SHA-256 of their tokens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Delete, bindparam, delete, select

from storage.columns import Instant
from storage.part import Part
from storage.tables import sign_ins

_THIS: tuple[ColumnElement[bool], ...] = (
    sign_ins.c.hash == bindparam("digest"),
    sign_ins.c.kind == bindparam("kind"),
    sign_ins.c.expires_at > bindparam("now", type_=Instant),
)
_LOOK = select(sign_ins.c.who).where(*_THIS)
_USE: Delete = delete(sign_ins).where(*_THIS)


class SignIns(Part):
    async def put_sign_in(self, digest: str, kind: str, who: str, now: datetime, expires_at: datetime) -> None:
        row = {"hash": digest, "kind": kind, "who": who, "created_at": now, "expires_at": expires_at}
        await self._db.execute(sign_ins.insert(), [row])

    async def sign_in(self, digest: str, kind: str, now: datetime) -> str | None:
        found: str | None = await self._db.scalar(_LOOK, _values(digest, kind, now))
        return found

    async def use_sign_in(self, digest: str, kind: str, now: datetime) -> str | None:
        """The row goes: of two who delete it at once the database lets only one have it."""
        found: str | None = await self._db.scalar(_USE.returning(sign_ins.c.who), _values(digest, kind, now))
        return found

    async def drop_sign_ins(self, who: str, kinds: Sequence[str]) -> int:
        theirs = sign_ins.c.who == who, sign_ins.c.kind.in_(kinds)
        done = await self._db.execute(delete(sign_ins).where(*theirs))
        return int(done.rowcount)

    async def drop_expired_sign_ins(self, now: datetime) -> int:
        done = await self._db.execute(delete(sign_ins).where(sign_ins.c.expires_at <= now))
        return int(done.rowcount)


def _values(digest: str, kind: str, now: datetime) -> dict[str, Any]:
    return {"digest": digest, "kind": kind, "now": now}
