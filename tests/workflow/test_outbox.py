"""The outbox worker over a real database, with a sender that fails as told."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from models.queues import OutboxKind, OutboxRow
from omdome.demo.clock import SimulatedClock
from storage.database import SqlStore
from workflow.outbox import OutboxPolicy, OutboxWorker
from workflow.ports import PermanentError, RetryableError

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)


class Postman:
    def __init__(self, clock: SimulatedClock) -> None:
        self.sent: list[str] = []
        self.tried: list[float] = []  #: seconds after NOW
        self.trouble: Exception | None = None
        self._clock = clock

    async def send(self, row: OutboxRow) -> None:
        self.tried.append((self._clock.now() - NOW).total_seconds())
        if self.trouble and "trouble" in row.key:
            raise self.trouble
        self.sent.append(row.key)


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOW)


@pytest.fixture
def postman(clock: SimulatedClock) -> Postman:
    return Postman(clock)


@pytest.fixture
def worker(store: SqlStore, clock: SimulatedClock, postman: Postman) -> OutboxWorker:
    policy = OutboxPolicy(fault_attempts=3)
    return OutboxWorker(store, clock, {OutboxKind.MAIL: postman}, policy, jitter=lambda: 0.0)


async def put(store: SqlStore, keys: Sequence[str], lane: str = "", kind: OutboxKind = OutboxKind.MAIL) -> None:
    async with store.step() as tx:
        await tx.enqueue([OutboxRow(kind=kind, key=key, payload={}, due_at=NOW, lane=lane) for key in keys])


async def work(worker: OutboxWorker, clock: SimulatedClock, seconds: int = 0) -> None:
    """Second by second, whatever is due."""
    for _ in range(seconds + 1):
        while await worker.run_once():
            pass
        clock.move_to(clock.now() + timedelta(seconds=1))


async def state(store: SqlStore) -> str:
    async with store.look() as tx:
        return str(await tx.queue_state(NOW))


async def test_a_lane_keeps_its_order_whatever_happens(
    store: SqlStore, worker: OutboxWorker, clock: SimulatedClock, postman: Postman
) -> None:
    await put(store, ["trouble", "second", "third"], lane="chat:1")
    await put(store, ["elsewhere"], lane="chat:2")
    postman.trouble = RetryableError("away")
    await work(worker, clock)
    assert postman.sent == ["elsewhere"]
    postman.trouble = None
    await work(worker, clock, 3)
    assert postman.sent == ["elsewhere", "trouble", "second", "third"]


async def test_waiting_doubles_and_never_ends(
    store: SqlStore, worker: OutboxWorker, clock: SimulatedClock, postman: Postman
) -> None:
    postman.trouble = RetryableError("away")
    await put(store, ["trouble"])
    await work(worker, clock, 130)
    assert postman.tried == [0, 2, 6, 14, 30, 62, 126]
    clock.move_to(NOW + timedelta(days=3))
    postman.trouble = None
    await work(worker, clock)
    assert postman.sent == ["trouble"]


async def test_retry_after_is_obeyed_to_the_second(
    store: SqlStore, worker: OutboxWorker, clock: SimulatedClock, postman: Postman
) -> None:
    postman.trouble = RetryableError("slow down", retry_after=17)
    await put(store, ["trouble"])
    await work(worker, clock, 20)
    assert postman.tried == [0, 17]


async def test_what_can_never_work_stays_visible_and_lets_its_lane_go_on(
    store: SqlStore, worker: OutboxWorker, clock: SimulatedClock, postman: Postman
) -> None:
    postman.trouble = PermanentError("mailbox unknown")
    await put(store, ["trouble", "second"], lane="chat:1")
    await work(worker, clock, 5)
    assert (postman.sent, postman.tried) == (["second"], [0, 0])
    assert "mailbox unknown" in await state(store)


async def test_our_own_faults_are_tried_a_few_times_and_never_quoted(
    store: SqlStore, worker: OutboxWorker, clock: SimulatedClock, postman: Postman
) -> None:
    postman.trouble = KeyError("kund@example.org")
    await put(store, ["trouble"])
    await work(worker, clock, 60)
    assert postman.tried == [0, 2, 6]
    assert "KeyError" in await state(store)
    assert "kund@example.org" not in await state(store)


async def test_what_a_dead_worker_held_is_sent_when_its_lease_ends(
    store: SqlStore, worker: OutboxWorker, clock: SimulatedClock, postman: Postman
) -> None:
    await put(store, ["a"])
    async with store.step() as tx:
        await tx.claim([OutboxKind.MAIL], NOW, timedelta(minutes=2), 10)
    await work(worker, clock, 121)
    assert (postman.sent, postman.tried) == (["a"], [120])


async def test_kinds_without_a_sender_here_are_left_to_others(
    store: SqlStore, worker: OutboxWorker, clock: SimulatedClock, postman: Postman
) -> None:
    await put(store, ["digest"], kind=OutboxKind.DIGEST)
    await work(worker, clock)
    assert postman.tried == []


async def test_a_slow_delivery_holds_up_nobody_else(store: SqlStore, clock: SimulatedClock) -> None:
    hanging, stop, wake = asyncio.Event(), asyncio.Event(), asyncio.Event()
    sent: list[str] = []

    class Slow:
        async def send(self, row: OutboxRow) -> None:
            if row.key == "slow":
                await hanging.wait()
            sent.append(row.key)

    worker = OutboxWorker(store, clock, {OutboxKind.MAIL: Slow()}, OutboxPolicy(batch=2), jitter=lambda: 0.0)
    await put(store, ["slow", "after it"], lane="chat:1")
    await put(store, ["a", "b", "c"], lane="chat:2")
    running = asyncio.create_task(worker.run(stop, wake, rest_seconds=0.01))
    async with asyncio.timeout(5):
        while len(sent) < 3:  # noqa: ASYNC110 - the sender is a test's own
            await asyncio.sleep(0.01)
    assert sent == ["a", "b", "c"]
    stop.set()
    await asyncio.sleep(0.03)
    assert not running.done()  # what is in flight is finished first
    hanging.set()
    await asyncio.wait_for(running, 5)
    assert sent == ["a", "b", "c", "slow"]
