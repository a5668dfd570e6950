"""Small durable facts of the installation."""

from datetime import datetime

from sqlalchemy import select

from storage.part import Part
from storage.tables import facts


class Facts(Part):
    async def fact(self, name: str) -> str | None:
        found: str | None = await self._db.scalar(select(facts.c.value).where(facts.c.name == name))
        return found

    async def set_fact(self, name: str, value: str, now: datetime) -> None:
        insert = self._insert(facts).values(name=name, value=value, set_at=now)
        await self._db.execute(
            insert.on_conflict_do_update(index_elements=[facts.c.name], set_={"value": value, "set_at": now})
        )
