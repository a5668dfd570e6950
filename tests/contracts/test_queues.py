"""The inbox and the outbox, on every backend."""

import pytest

from models.queues import OutboxKind
from storage.database import SqlStore
from storage.inbox import chat_of
from tests.contracts.examples import MINUTE, NOW, a_row, an_update
from workflow.ports import Transaction

ALL = list(OutboxKind)


async def claimed_updates(transaction: Transaction, minutes: int = 0, limit: int = 10) -> list[int]:
    return [each.update_id for each in await transaction.claim_updates(NOW + minutes * MINUTE, MINUTE, limit)]


async def claimed(transaction: Transaction, minutes: int = 0, limit: int = 10) -> list[str]:
    return [row.key for row in await transaction.claim(ALL, NOW + minutes * MINUTE, MINUTE, limit)]


# --- inbox -----------------------------------------------------------------------------------------------------


async def test_an_update_is_stored_once(any_store: SqlStore):
    async with any_store.step() as transaction:
        assert await transaction.put_updates([an_update(1), an_update(2), an_update(1)]) == 2
        assert await transaction.put_updates([an_update(2), an_update(3)]) == 1
        await transaction.claim_updates(NOW, MINUTE, 10)
        for update_id in (1, 2, 3):
            await transaction.finish_update(update_id, NOW)
        assert await transaction.put_updates([an_update(1), an_update(2), an_update(3)]) == 0, "also when done"
        assert await claimed_updates(transaction, 60) == []


async def test_a_claimed_update_is_the_one_that_came(any_store: SqlStore):
    sent = an_update(1, 17)
    async with any_store.step() as transaction:
        await transaction.put_updates([sent])
        [got] = await transaction.claim_updates(NOW, MINUTE, 10)
        assert (got.payload, got.received_at, got.attempts) == (sent.payload, NOW, 1)


async def test_a_lease_that_runs_out_gives_the_update_to_another(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.put_updates([an_update(1)])
        assert await claimed_updates(transaction) == [1]
        assert await claimed_updates(transaction) == []
        [again] = await transaction.claim_updates(NOW + MINUTE, MINUTE, 10)
        assert again.attempts == 2


async def test_one_chats_updates_never_overtake_each_other(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.put_updates([an_update(1, 17), an_update(2, 17), an_update(3, 4), an_update(4), an_update(5)])
        assert await claimed_updates(transaction, limit=1) == [1]
        assert await claimed_updates(transaction) == [3, 4, 5], "2 waits for 1, which is being done"
        await transaction.retry_update(1, "locked", NOW + 5 * MINUTE)
        assert await claimed_updates(transaction, 2) == [3, 4, 5], "2 waits for 1, which waits to be tried again"
        assert await claimed_updates(transaction, 6, limit=2) == [1, 3], "2 may not overtake 1 if that fails again"
        await transaction.retry_update(1, "malformed", None)
        assert await claimed_updates(transaction, 6) == [2, 4, 5], "a failed one holds nobody up"


@pytest.mark.parametrize(
    ("update", "chat"),
    [
        ({"message": {"chat": {"id": 17}}}, 17),
        ({"edited_message": {"chat": {"id": 17}}}, 17),
        ({"callback_query": {"from": {"id": 4}, "message": {"chat": {"id": -17}}}}, -17),
        ({"my_chat_member": {"chat": {"id": 17}}}, 17),
        ({"callback_query": {"inline_message_id": "x"}}, None),
        ({"poll": {"id": "5"}}, None),
        ({"message": {"chat": {"id": "17; DROP TABLE"}}}, None),
        ({"message": ["what"]}, None),
        ({}, None),
    ],
)
def test_the_chat_of_an_update(update: dict[str, object], chat: int | None):
    assert chat_of(update) == chat


# --- outbox ----------------------------------------------------------------------------------------------------


async def test_a_key_is_enqueued_once_for_ever(any_store: SqlStore):
    async with any_store.step() as transaction:
        assert await transaction.enqueue([a_row("a"), a_row("b"), a_row("a")]) == 2
        [first, *_] = await transaction.claim(ALL, NOW, MINUTE, 10)
        await transaction.finish(first.id, NOW)
        assert await transaction.enqueue([a_row("a"), a_row("c")]) == 1
        assert await claimed(transaction) == ["c"]


async def test_a_claimed_row_is_the_one_enqueued(any_store: SqlStore):
    row = a_row("a", lane="chat:17", payload={"text": "Tack! 👍🏽", "n": [1, None]}, kind=OutboxKind.MAIL)
    async with any_store.step() as transaction:
        await transaction.enqueue([row, a_row("b", kind=OutboxKind.DIGEST)])
        assert await transaction.claim([OutboxKind.HANDLER_ALERT], NOW, MINUTE, 10) == []
        [got] = await transaction.claim([OutboxKind.MAIL], NOW, MINUTE, 10)
        assert (got.kind, got.key, got.payload, got.due_at, got.lane) == (
            row.kind,
            row.key,
            row.payload,
            row.due_at,
            row.lane,
        )
        assert got.attempts == 1


async def test_a_lane_is_worked_off_one_by_one_in_order(any_store: SqlStore):
    rows = [a_row("a1", lane="a"), a_row("b1", lane="b"), a_row("a2", lane="a"), a_row("x"), a_row("y")]
    async with any_store.step() as transaction:
        await transaction.enqueue(rows)
        first, *_ = await transaction.claim(ALL, NOW, MINUTE, 1)
        assert first.key == "a1"
        assert await claimed(transaction) == ["b1", "x", "y"], "no order without a lane; a2 waits for a1"
        await transaction.retry(first.id, "429", NOW + 5 * MINUTE)
        assert "a2" not in await claimed(transaction, 2), "a1 is to be tried again first"
        assert "a1" in await claimed(transaction, 6)
        await transaction.retry(first.id, "blocked", None)
        assert "a2" in await claimed(transaction, 6), "a failed row doesn't block its lane"


async def test_a_row_whose_time_has_not_come_holds_nobody_up(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.enqueue([a_row("tomorrow", lane="a", due_at=NOW + 2 * MINUTE), a_row("now", lane="a")])
        [now] = await transaction.claim(ALL, NOW, 5 * MINUTE, 10)
        assert now.key == "now"
        assert await claimed(transaction, 3) == [], "one of a lane at a time"
        await transaction.finish(now.id, NOW)
        assert await claimed(transaction, 3) == ["tomorrow"]


async def test_waiting_rows_can_be_taken_back_and_hastened(any_store: SqlStore):
    async with any_store.step() as transaction:
        later = NOW + 10 * MINUTE
        await transaction.enqueue([a_row("a", due_at=later), a_row("b", due_at=later), a_row("c")])
        assert await claimed(transaction) == ["c"]
        await transaction.cancel("c")
        await transaction.cancel("a")
        await transaction.hasten("b", NOW)
        await transaction.hasten("b", later)
        assert await claimed(transaction) == ["b"]
        assert await claimed(transaction, 20) == ["b", "c"], "c was being done when it was cancelled"
        assert await transaction.enqueue([a_row("a"), a_row("c")]) == 1, "taken back: as if it had never been there"


async def test_a_row_that_may_have_arrived_is_not_taken_back(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.enqueue([a_row("a")])
        [tried] = await transaction.claim(ALL, NOW, MINUTE, 10)
        await transaction.retry(tried.id, "no answer", NOW + MINUTE)
        await transaction.cancel("a")
        assert await transaction.enqueue([a_row("a")]) == 0
        assert await claimed(transaction, 2) == ["a"]


async def test_the_state_of_the_queues(any_store: SqlStore):
    async with any_store.step() as transaction:
        empty = await transaction.queue_state(NOW)
        assert empty["outbox"] == {}
        await transaction.put_updates([an_update(1), an_update(2)])
        await transaction.enqueue(
            [a_row("a"), a_row("b"), a_row("later", due_at=NOW + 60 * MINUTE), a_row("m", kind=OutboxKind.MAIL)]
        )
        [mail] = await transaction.claim([OutboxKind.MAIL], NOW, MINUTE, 1)
        await transaction.retry(mail.id, "mailbox unknown", None)
        [message] = await transaction.claim([OutboxKind.TELEGRAM], NOW, 10 * MINUTE, 1)
        await transaction.claim_updates(NOW, 10 * MINUTE, 1)
        state = await transaction.queue_state(NOW + 2 * MINUTE)
    assert message.key == "a"
    nothing = {"waiting": 0, "leased": 0, "failed": 0, "oldest_seconds": 0.0, "errors": []}
    assert empty["inbox"] == nothing
    assert state["inbox"] == nothing | {"waiting": 1, "leased": 1, "oldest_seconds": 120.0}
    assert state["outbox"] == {
        "telegram": nothing | {"waiting": 2, "leased": 1, "oldest_seconds": 120.0},
        "mail": nothing | {"failed": 1, "errors": ["mailbox unknown"]},
    }


async def test_what_is_tried_again_and_again_has_waited_since_it_first_was_due(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.enqueue([a_row("m", kind=OutboxKind.MAIL, due_at=NOW + MINUTE)])
        now = NOW + MINUTE
        for _ in range(3):
            [row] = await transaction.claim([OutboxKind.MAIL], now, MINUTE, 1)
            now += 15 * MINUTE
            await transaction.retry(row.id, "connection refused", now)
        state = await transaction.queue_state(now - MINUTE)
    assert state["outbox"]["mail"]["oldest_seconds"] == 44 * 60  # type: ignore[index]


async def test_what_the_dead_had_claimed_can_be_freed(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.put_updates([an_update(1, 17), an_update(2, 18)])
        await transaction.enqueue([a_row("a"), a_row("done"), a_row("free")])
        await transaction.claim_updates(NOW, MINUTE, 1)
        first, second = await transaction.claim(ALL, NOW, MINUTE, 2)
        await transaction.finish(second.id, NOW)
        assert await transaction.release_leases() == 2
        assert await claimed(transaction) == ["a", "free"]
        assert [row.attempts for row in await transaction.claim_updates(NOW, MINUTE, 9)] == [2, 1]
        assert first.key == "a"


async def test_what_is_done_keeps_no_contents(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.put_updates([an_update(1, 17)])
        await transaction.enqueue([a_row("a")])
        [row] = await transaction.claim(ALL, NOW, MINUTE, 1)
        await transaction.finish(row.id, NOW)
        await transaction.finish_update(1, NOW)
        for table in ("inbox", "outbox"):
            stored = await transaction._db.exec_driver_sql(f"SELECT payload FROM {table}")  # type: ignore[attr-defined]
            assert str(stored.scalar_one()) == "{}"


async def test_a_claimed_row_is_kept_by_whoever_claimed_it_last(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.enqueue([a_row("call:1:wanted")])
        [first] = await transaction.claim(ALL, NOW, MINUTE, 10)
        assert await transaction.renew(first.id, first.attempts, NOW + 5 * MINUTE)
        assert await claimed(transaction, 4) == [], "it was kept"
        [second] = await transaction.claim(ALL, NOW + 5 * MINUTE, MINUTE, 10)
        assert not await transaction.renew(first.id, first.attempts, NOW + 9 * MINUTE), "another has it"
        assert await transaction.renew(second.id, second.attempts, NOW + 9 * MINUTE)
        await transaction.postpone(second.id, NOW + 9 * MINUTE)
        assert not await transaction.renew(second.id, second.attempts, NOW + 20 * MINUTE), "nobody has"
