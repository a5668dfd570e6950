"""Retention, erasure and export."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from models.case import Address
from models.queues import Payload
from storage.part import Part
from storage.tables import deletions


class Privacy(Part):
    async def purge(self, kind: str, before: datetime, now: datetime) -> int:
        raise NotImplementedError

    async def erase(self, address: Address, now: datetime) -> Mapping[str, int]:
        raise NotImplementedError

    async def export(self, address: Address) -> Payload:
        raise NotImplementedError

    async def deletions(self) -> list[Mapping[str, object]]:
        rows = await self._db.execute(select(deletions).order_by(deletions.c.id))
        return [dict(row._mapping) for row in rows]
