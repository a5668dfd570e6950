"""Small durable facts of the installation."""

from datetime import datetime

from sqlalchemy import bindparam, select

from storage.part import Part
from storage.tables import facts

_VALUE = select(facts.c.value).where(facts.c.name == bindparam("name"))


class Facts(Part):
    async def fact(self, name: str) -> str | None:
        found: str | None = await self._db.scalar(_VALUE, {"name": name})
        return found

    async def set_fact(self, name: str, value: str, now: datetime) -> None:
        await self._upsert(facts, {"name": name, "value": value, "set_at": now})
