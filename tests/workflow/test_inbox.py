"""The durable inbox over a real database: one transaction an update, and a poisonous one blocks nobody else."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models.queues import InboxRow
from omdome.demo.clock import SimulatedClock
from storage.database import SqlStore
from workflow.inbox import Inbox, InboxPolicy, InboxWorker, NotYetError
from workflow.ports import StoreUnavailableError, Transaction

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOW)


class Handler:
    """Notes what it was given; stumbles over updates whose text says so."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.trouble: Exception | None = ValueError("kund@example.org skrev något")

    async def __call__(self, tx: Transaction, row: InboxRow) -> None:
        text = str(row.payload["text"])
        self.seen.append(text)
        await tx.set_fact(f"seen {row.update_id}", text, NOW)
        if "poison" in text and self.trouble:
            raise self.trouble


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def worker(store: SqlStore, clock: SimulatedClock, handler: Handler) -> InboxWorker:
    return InboxWorker(store, clock, handler, InboxPolicy(attempts=3), jitter=lambda: 0.0)


def update(number: int, text: str = "hej", chat: int | None = None) -> InboxRow:
    message = {"chat": {"id": chat or number}}
    return InboxRow(number, {"text": text, "message": message}, NOW)


async def work(worker: InboxWorker) -> None:
    while await worker.run_once():
        pass


async def test_updates_are_worked_through_once_and_in_order(
    store: SqlStore, worker: InboxWorker, handler: Handler
) -> None:
    inbox = Inbox(store)
    assert await inbox.put([update(3, "c"), update(1, "a"), update(2, "b")]) == 3
    assert await inbox.put([update(2, "b")]) == 0
    await work(worker)
    assert handler.seen == ["a", "b", "c"]


async def test_updates_that_arrive_together_share_a_transaction(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0
    step = store.step

    def counted() -> object:
        nonlocal steps
        steps += 1
        return step()

    monkeypatch.setattr(store, "step", counted)
    inbox = Inbox(store)
    await asyncio.gather(*(inbox.put([update(number)]) for number in range(100)))
    assert steps <= 2
    assert inbox.arrived.is_set()


async def test_everybody_is_told_when_nothing_could_be_stored(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise StoreUnavailableError("locked")

    inbox = Inbox(store)
    with monkeypatch.context() as patched:
        patched.setattr(store, "step", broken)
        results = await asyncio.gather(*(inbox.put([update(n)]) for n in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailableError] * 3
    assert await inbox.put([update(1)]) == 1


async def test_a_poisonous_update_blocks_nobody_and_stays_visible(
    store: SqlStore, worker: InboxWorker, handler: Handler, clock: SimulatedClock
) -> None:
    await Inbox(store).put([update(1, "poison"), update(2, "other")])
    await work(worker)
    assert handler.seen == ["poison", "other"]
    for seconds in (1.9, 0.2, 3.8, 0.3, 3600):  # tried again after 2 s and after 4 s more, and no more
        clock.move_to(clock.now() + timedelta(seconds=seconds))
        await work(worker)
    assert handler.seen.count("poison") == 3
    async with store.look() as tx:
        state = str(await tx.queue_state(clock.now()))
        assert await tx.fact("seen 1") is None  # nothing of it was kept
        assert await tx.fact("seen 2") == "other"
    assert "ValueError" in state
    assert "kund@example.org" not in state


async def test_a_cured_update_goes_through(
    store: SqlStore, worker: InboxWorker, handler: Handler, clock: SimulatedClock
) -> None:
    await Inbox(store).put([update(1, "poison")])
    await work(worker)
    handler.trouble = None
    clock.move_to(NOW + timedelta(seconds=2))
    await work(worker)
    async with store.look() as tx:
        assert await tx.fact("seen 1") == "poison"


async def test_a_handler_can_ask_for_a_little_time(
    store: SqlStore, worker: InboxWorker, handler: Handler, clock: SimulatedClock
) -> None:
    handler.trouble = NotYetError(after=1)
    await Inbox(store).put([update(1, "poison")])
    await work(worker)
    handler.trouble = None
    await work(worker)
    assert len(handler.seen) == 1
    clock.move_to(NOW + timedelta(seconds=1))
    await work(worker)
    assert len(handler.seen) == 2


async def test_a_database_that_is_away_is_not_the_updates_fault(
    store: SqlStore, worker: InboxWorker, handler: Handler, clock: SimulatedClock
) -> None:
    handler.trouble = StoreUnavailableError("disk full")
    await Inbox(store).put([update(1, "poison")])
    for _ in range(5):
        with pytest.raises(StoreUnavailableError):
            await worker.run_once()
        clock.move_to(clock.now() + timedelta(seconds=31))  # the lease has ended
    handler.trouble = None
    await work(worker)
    async with store.look() as tx:
        assert await tx.fact("seen 1") == "poison"


async def test_an_update_that_a_dead_worker_held_is_taken_up_when_its_lease_ends(
    store: SqlStore, worker: InboxWorker, handler: Handler, clock: SimulatedClock
) -> None:
    await Inbox(store).put([update(1)])
    async with store.step() as tx:
        assert len(await tx.claim_updates(NOW, timedelta(seconds=30), 10)) == 1
    await work(worker)
    assert handler.seen == []
    clock.move_to(NOW + timedelta(seconds=30))
    await work(worker)
    assert handler.seen == ["hej"]
