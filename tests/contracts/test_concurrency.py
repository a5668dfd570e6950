"""What must hold when many work at once, on every backend."""

import asyncio
from datetime import UTC, datetime

from storage.database import SqlStore

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)


async def test_600_concurrent_read_then_updates_lose_none(any_store: SqlStore):
    async def count_one() -> None:
        async with any_store.step() as transaction:
            before = int(await transaction.fact("counted") or 0)
            await asyncio.sleep(0)  # let the others in, if they can get in
            await transaction.set_fact("counted", str(before + 1), NOW)

    await asyncio.gather(*(count_one() for _ in range(600)))

    async with any_store.look() as transaction:
        assert await transaction.fact("counted") == "600"
