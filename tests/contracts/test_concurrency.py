"""What must hold when many work at once, and when work is broken off, on every backend."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from models.queues import OutboxKind
from storage.database import SqlStore, open_store
from tests.conftest import STOCKHOLM
from tests.contracts.examples import MINUTE, NOW, a_case, a_row, an_answer, an_update, invited
from workflow.ports import Transaction


@pytest.fixture
async def two_stores(any_url: str) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """The same database opened twice, as by two processes."""
    stores = await open_store(any_url, STOCKHOLM), await open_store(any_url, STOCKHOLM)
    yield stores
    for store in stores:
        await store.close()


async def count_one(store: SqlStore) -> None:
    async with store.step() as transaction:
        before = int(await transaction.fact("counted") or 0)
        await asyncio.sleep(0)  # let the others in, if they can get in
        await transaction.set_fact("counted", str(before + 1), NOW)


async def test_600_concurrent_read_then_updates_lose_none(any_store: SqlStore):
    await asyncio.gather(*(count_one(any_store) for _ in range(600)))
    async with any_store.look() as transaction:
        assert await transaction.fact("counted") == "600"


async def test_two_processes_read_then_updates_lose_none(two_stores: tuple[SqlStore, SqlStore]):
    await asyncio.gather(*(count_one(store) for _ in range(50) for store in two_stores))
    async with two_stores[0].look() as transaction:
        assert await transaction.fact("counted") == "100"


async def claim_updates(transaction: Transaction) -> list[int]:
    return [each.update_id for each in await transaction.claim_updates(NOW, MINUTE, 7)]


async def claim_rows(transaction: Transaction) -> list[int]:
    return [row.id for row in await transaction.claim(list(OutboxKind), NOW, MINUTE, 7)]


@pytest.mark.parametrize("claim", [claim_updates, claim_rows])
async def test_two_workers_never_claim_the_same(
    two_stores: tuple[SqlStore, SqlStore], claim: Callable[[Transaction], Awaitable[list[int]]]
):
    async with two_stores[0].step() as transaction:
        await transaction.put_updates([an_update(number) for number in range(200)])
        await transaction.enqueue([a_row(f"key {number}") for number in range(200)])
    taken: list[int] = []

    async def work(store: SqlStore) -> None:
        while True:
            async with store.step() as transaction:
                found = await claim(transaction)
            if not found:
                return
            taken.extend(found)

    await asyncio.gather(*(work(store) for store in two_stores for _ in range(2)))
    assert len(taken) == len(set(taken)) == 200


async def test_a_key_enqueued_at_the_same_time_is_stored_once(two_stores: tuple[SqlStore, SqlStore]):
    async def enqueue(store: SqlStore) -> int:
        async with store.step() as transaction:
            return await transaction.enqueue([a_row("digest:2026-W47")])

    assert sum(await asyncio.gather(*(enqueue(store) for store in two_stores for _ in range(10)))) == 1


async def test_a_step_that_fails_leaves_nothing(any_store: SqlStore):
    async def fail() -> None:
        async with any_store.step() as transaction:
            [invitation] = await invited(transaction, [a_case()])
            await transaction.put_answer(an_answer(invitation.id))
            await transaction.enqueue([a_row("a")])
            raise OSError("the worker died here")

    with pytest.raises(OSError, match="died here"):
        await fail()
    async with any_store.look() as transaction:
        assert await transaction.undecided(9) == []
        assert await transaction.queue_state(NOW) == {**await transaction.queue_state(NOW), "outbox": {}}
        assert await transaction.verify_rollup() == 0


async def test_a_cancelled_step_leaves_nothing_and_lets_the_next_in(any_store: SqlStore):
    begun = asyncio.Event()

    async def never_ends() -> None:
        async with any_store.step() as transaction:
            await transaction.set_fact("left", "half", NOW)
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(never_ends())
    await begun.wait()
    waiting = asyncio.create_task(count_one(any_store))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await waiting
    async with any_store.look() as transaction:
        assert await transaction.fact("left") is None
        assert await transaction.fact("counted") == "1"


async def test_a_look_sees_one_moment_and_waits_for_nobody(any_store: SqlStore):
    await count_one(any_store)
    async with any_store.look() as looking:
        assert await looking.fact("counted") == "1"
        async with any_store.step() as writing:
            await writing.set_fact("counted", "2", NOW)
            async with asyncio.timeout(5), any_store.look() as other:
                assert await other.fact("counted") == "1", "not committed"
        assert await looking.fact("counted") == "1", "as it was when the look began"
    async with any_store.look() as later:
        assert await later.fact("counted") == "2"


async def test_a_look_cannot_write(any_store: SqlStore):
    with pytest.raises(Exception, match=r"readonly|read-only"):
        async with any_store.look() as transaction:
            await transaction.set_fact("counted", "1", NOW)


async def test_a_step_inside_a_step_is_refused(any_store: SqlStore):
    with pytest.raises(RuntimeError, match="wait for itself"):
        async with any_store.step(), any_store.step():
            pass
