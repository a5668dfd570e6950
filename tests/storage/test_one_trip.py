"""Each trip to SQLite's thread costs more than most statements do."""

import aiosqlite
import pytest

from storage.database import SqlStore


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    made: list[object] = []
    really = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, work: object, *arguments: object) -> object:
        made.append(work)
        return await really(self, work, *arguments)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    return made


async def test_a_statement_and_its_rows_take_one_trip(store: SqlStore, trips: list[object]) -> None:
    async with store.step() as tx:
        await tx.fact("nothing")
        before = len(trips)
        for _ in range(10):
            await tx.fact("nothing")
        assert len(trips) - before == 10
