"""Diallers that share a database, and those that crash."""

import asyncio
from datetime import timedelta

import pytest

from models.queues import OutboxKind, OutboxRow
from storage.database import SqlStore
from tests.voice.call_world import customer_in
from tests.workflow.conftest import TUESDAY
from tests.workflow.office import (
    ANSWERS,
    HOUR,
    LEASE,
    Office,
)
from voice.lines.recording import RecordingLine
from voice.transcript import Entry
from workflow.dialling import CallAbout
from workflow.inbound import begin
from workflow.trunk import Trunk


async def test_a_restart_does_not_wake_a_trunk_that_rests(any_office: Office, any_other: SqlStore) -> None:
    office, other = any_office, any_other
    until = TUESDAY + timedelta(minutes=8)
    await office.knows(Trunk(troubled=("a", "b", "c"), since=TUESDAY, rests=4, until=until))
    assert await office.worker(other).run_once() == 1
    assert (office.phone.dialled, await office.came()) == ([], [])
    await office.work(HOUR)
    assert office.phone.dialled == ["Tue 13:08"]


async def test_two_workers_never_call_one_person_at_once(any_office: Office, any_other: SqlStore) -> None:
    """Two cases, two rows about one of them, one number, two processes."""
    office, other = any_office, any_other
    second = await customer_in(office.store, "SK-2")
    await office.wanted(second.invitation)
    async with office.store.step() as tx:
        again = {"invitation_id": office.customer.invitation.id}
        await tx.enqueue([OutboxRow(kind=OutboxKind.CALL, key="contact:1:0:phone", payload=again, due_at=TUESDAY)])
    hung_up = asyncio.Event()
    office.phone.before = lambda: asyncio.ensure_future(_done(hung_up))
    workers = [office.worker(), office.worker(other)]
    first = [asyncio.create_task(each.run_once()) for each in workers]
    while not office.phone.dialled:  # noqa: ASYNC110 - the phone tells, not an event
        await asyncio.sleep(0.01)
    office.clock.move_to(TUESDAY + timedelta(minutes=1))
    assert await workers[1].run_once() + await workers[0].run_once() <= 2
    assert office.phone.up == 1
    hung_up.set()
    await asyncio.gather(*first)
    await office.work(HOUR)
    assert office.phone.most == 1
    assert sorted(await office.came()) == ["held"]
    async with office.store.look() as tx:
        assert [each.detail for each in await tx.attempts(second.invitation.id)] == ["held"]
    assert await office.waiting() == 0


async def _done(event: asyncio.Event) -> None:
    await event.wait()


async def test_a_call_is_kept_for_as_long_as_it_lasts(office: Office, other: SqlStore) -> None:
    lease, hung_up = timedelta(seconds=0.4), asyncio.Event()
    office.phone.before = lambda: asyncio.ensure_future(_done(hung_up))
    ours, theirs = office.worker(lease=lease), office.worker(other, lease)
    calling = asyncio.create_task(ours.run_once())
    while not office.phone.dialled:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    for _ in range(4):
        office.clock.move_to(office.clock.now() + lease / 2)
        await _renewed(office)
        assert await theirs.run_once() == 0
    hung_up.set()
    await calling
    assert office.phone.dialled == ["Tue 13:00"]


async def _renewed(office: Office) -> None:
    """Until the call's own row is held for longer than half a lease from now."""
    for _ in range(200):
        async with office.store.look() as tx:
            if (await tx.queue_state(office.clock.now()))["outbox"]["call"]["leased"]:  # type: ignore[index]
                await asyncio.sleep(0.15)
                return
        await asyncio.sleep(0.02)


async def test_who_has_lost_the_row_hangs_up_and_writes_nothing(any_office: Office, any_other: SqlStore) -> None:
    office, other = any_office, any_other
    lease, gone = timedelta(seconds=0.2), asyncio.Event()

    async def rings_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()

    office.phone.before = lambda: asyncio.ensure_future(rings_for_ever())
    calling = asyncio.create_task(office.worker(lease=lease).run_once())
    while not office.phone.dialled:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    async with other.step() as tx:  # a worker elsewhere, whose clock runs ahead of ours
        (taken,) = await tx.claim([OutboxKind.CALL], TUESDAY + HOUR, HOUR, 9)
    async with asyncio.timeout(10):
        await calling
    assert office.phone.up == 0
    async with other.step() as tx:
        assert await tx.renew(taken.id, taken.attempts, TUESDAY + 2 * HOUR), "it is still theirs"


async def test_a_crash_keeps_the_answers_and_calls_back_once(any_office: Office) -> None:
    office = any_office

    class CrashError(BaseException):
        """Nothing of ours runs after it, as after `kill -9`."""

    def crashes(line: RecordingLine, entry: Entry) -> None:
        ANSWERS(line, entry)
        if entry.prompt == "question.tillganglighet.full":
            raise CrashError

    office.phone.act = crashes
    with pytest.raises(CrashError):
        await office.worker().run_once()
    assert len(await office.customer.answers()) == 1, "what was answered stays"
    (attempt,) = await office.calls()
    assert attempt.detail.startswith("talking, row ")
    office.clock.move_to(office.clock.now() + LEASE)
    await office.work(timedelta(minutes=10))
    assert await office.came() == ["broken_off"]
    assert len(office.phone.dialled) == 1, "not at once"
    office.clock.move_to(office.clock.now() + timedelta(minutes=10))
    with pytest.raises(CrashError):
        await office.worker().run_once()
    office.clock.move_to(office.clock.now() + LEASE)
    await office.work(timedelta(days=3))
    assert await office.came() == ["broken_off", "broken_off"]
    assert len(office.phone.dialled) == 2, "and no third time"
    assert office.phone.interrupted == [False, True]
    assert await office.waiting() == 0


async def test_a_crash_while_it_rings_is_a_try_like_others(office: Office) -> None:
    class CrashError(BaseException):
        pass

    def rings() -> None:
        if len(office.phone.dialled) == 1:
            raise CrashError

    office.phone.before = rings
    with pytest.raises(CrashError):
        await office.worker().run_once()
    office.clock.move_to(office.clock.now() + LEASE)
    await office.work(HOUR)
    assert await office.came() == ["fault", "held"]


async def test_a_call_to_us_that_a_crash_cut_off_is_known_for_what_it_was(office: Office) -> None:
    about = CallAbout(invitation=office.customer.invitation, case=office.customer.case)
    async with office.store.step() as tx:
        await begin(tx, about, TUESDAY - timedelta(hours=2))
    await office.work(HOUR)
    assert [each.detail for each in await office.calls()] == ["broken_off, inbound", "held"]
    assert office.phone.interrupted == [True]
