"""Refusals, kept as keyed hashes so that they outlive the address."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from models.case import Address
from models.survey import Channel
from storage.part import Part, chunked
from storage.tables import optouts


class OptOuts(Part):
    async def opted_out(self, addresses: Collection[Address]) -> set[Address]:
        by_hash = {self._address_hash(address): address for address in addresses}
        found: set[Address] = set()
        for hashes in chunked(by_hash):
            rows = await self._db.scalars(select(optouts.c.hash).where(optouts.c.hash.in_(hashes)))
            found.update(by_hash[row] for row in rows)
        return found

    async def opt_out(self, addresses: Collection[Address], now: datetime, channel: Channel) -> None:
        rows = [
            {"hash": self._address_hash(address), "channel": channel.value, "opted_out_at": now}
            for address in set(addresses)
        ]
        if rows:
            await self._db.execute(self._insert(optouts).on_conflict_do_nothing(), rows)
