"""What came of a contact: dead addresses, failures, nights, crashes, and two workers at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.case import Address, AddressKind
from models.survey import AttemptOutcome, Purpose
from omdome.demo.clock import SimulatedClock
from storage.database import SqlStore, open_store
from tests.workflow.conftest import STOCKHOLM, TUESDAY
from tests.workflow.contact_town import (
    CONTACTS,
    DAY,
    EVERYTHING,
    HOUR,
    MAIL,
    NUMBER,
    SMS,
    Post,
    Town,
)
from workflow.attempts import note_dead
from workflow.ports import DeadAddressError, PermanentError, RetryableError, Store, StoreUnavailableError


async def test_a_dead_mailbox_means_a_text_message_at_once_and_is_never_used_again(town: Town) -> None:
    town.post.trouble["kund@example.org"] = DeadAddressError("550 5.1.1")
    invitation = await town.close()
    await town.wait()
    assert town.post.sent == [("Tue 13:00", "sms", NUMBER, "invitation SK-1")]
    del town.post.trouble["kund@example.org"]
    await town.close("SK-2", phone="")
    await town.wait(15 * DAY)
    assert [(kind, text) for _, kind, _, text in town.post.sent] == [
        ("sms", "invitation SK-1"),
        ("sms", "reminder SK-1"),
    ]
    async with town.store.look() as tx:
        first, *_ = await tx.attempts(invitation.id)
        queues = await tx.queue_state(town.clock.now())
    assert (first.outcome, first.detail) == (AttemptOutcome.DEAD_ADDRESS, "550 5.1.1")
    assert "'failed': 1" not in str(queues), "a customer who has moved is no fault of anybody's"


async def test_a_mail_that_comes_back_later_means_a_text_message(town: Town) -> None:
    invitation = await town.close()
    await town.wait(DAY)
    async with town.store.step() as tx:
        address = Address(AddressKind.MAIL, "kund@example.org")
        ((_, attempt),) = await tx.sent_to(address, TUESDAY)
        for _ in range(2):  # the same report, read twice
            await note_dead(tx, attempt, address, "5.1.1", town.clock.now())
    await town.wait(15 * DAY)
    assert [(at, kind, text) for at, kind, _, text in town.post.sent] == [
        ("Tue 13:00", "mail", "invitation SK-1"),
        ("Wed 13:00", "sms", "invitation SK-1"),
        ("Mon 09:00", "sms", "reminder SK-1"),
    ]
    assert [outcome for *_, outcome in await town.attempts(invitation)] == [
        AttemptOutcome.DEAD_ADDRESS,
        AttemptOutcome.SENT,
        AttemptOutcome.SENT,
    ]


async def test_what_we_stumble_over_for_good_is_no_end_either(town: Town) -> None:
    town.post.trouble["kund@example.org"] = KeyError("a fault of ours")
    invitation = await town.close()
    await town.wait(3 * DAY)
    assert [kind for _, kind, *_ in town.post.sent] == ["sms"]
    assert (await town.attempts(invitation))[0][2] is AttemptOutcome.FAILED


async def test_what_a_gateway_refuses_for_good_stays_visible_and_the_next_way_is_tried(town: Town) -> None:
    town.post.trouble["kund@example.org"] = PermanentError("the mail server refused the mail for good (554 5.7.1)")
    invitation = await town.close()
    await town.wait()
    assert [kind for _, kind, *_ in town.post.sent] == ["sms"]
    assert (await town.attempts(invitation))[0] == (MAIL, Purpose.INVITATION, AttemptOutcome.FAILED)
    async with town.store.look() as tx:
        assert "554 5.7.1" in str(await tx.queue_state(town.clock.now()))
        assert await tx.dead([Address(AddressKind.MAIL, "kund@example.org")]) == set()


async def test_at_night_nobody_is_written_to(town: Town) -> None:
    town.clock.move_to(TUESDAY + 6 * HOUR + timedelta(minutes=59))  # 19:59
    invitation = await town.close()
    contacts, delivery = town.workers()
    assert await contacts.run_once() == 1, "decided a minute before eight"
    town.clock.move_to(TUESDAY + 7 * HOUR)
    assert await delivery.run_once() == 1, "and taken up at eight"
    assert town.post.sent == []
    assert [outcome for *_, outcome in await town.attempts(invitation)] == [AttemptOutcome.PLANNED]
    async with town.store.look() as tx:
        state = str(await tx.queue_state(town.clock.now() + 2 * HOUR))
    assert "not yet" not in state
    await town.wait(DAY)
    assert [at for at, *_ in town.post.sent] == ["Wed 09:00"]


async def test_what_is_answered_before_it_is_sent_is_withdrawn(town: Town) -> None:
    invitation = await town.close()
    contacts, _ = town.workers()
    await contacts.run_once()
    await town.answers(invitation, *EVERYTHING)
    await town.wait(15 * DAY)
    assert town.post.sent == []
    assert await town.attempts(invitation) == [(MAIL, Purpose.INVITATION, AttemptOutcome.WITHDRAWN)]
    async with town.store.look() as tx:
        ((attempt),) = await tx.attempts(invitation.id)
    assert attempt.detail == "completed"


async def test_a_mail_server_that_is_down_means_no_reminder_of_what_nobody_has_got(town: Town) -> None:
    town.post.trouble["kund@example.org"] = RetryableError("no connection to the mail server")
    await town.close()
    await town.wait(2 * DAY)
    town.post.trouble.clear()
    await town.wait(15 * DAY)
    assert [(at[:3], text) for at, _, _, text in town.post.sent] == [
        ("Thu", "invitation SK-1"),
        ("Mon", "reminder SK-1"),
    ]


class Fading:
    """A store that lets so many steps through after something was handed over, and fails from then on."""

    def __init__(self, store: Store, post: Post, steps: int) -> None:
        self._store, self._post, self._steps = store, post, steps

    def step(self) -> Any:
        if self._post.sent:
            self._steps -= 1
            if self._steps < 0:
                raise StoreUnavailableError("disk full")
        return self._store.step()


@pytest.mark.parametrize(
    ("steps", "times"),
    [
        (0, 2),  # it could not be noted that it was sent: at least once, and no more than that
        (1, 1),  # it was noted, only not that the row is done
    ],
)
async def test_what_could_not_be_noted_is_sent_again_and_is_still_one_attempt(
    town: Town, steps: int, times: int
) -> None:
    invitation = await town.close()
    contacts, _ = town.workers()
    await contacts.run_once()
    fading = Fading(town.store, town.post, steps)
    _, delivery = town.workers(fading)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailableError):
        await delivery.run_once()
    town.clock.move_to(TUESDAY + HOUR)  # the lease has ended
    await town.wait(HOUR)
    assert [text for *_, text in town.post.sent] == ["invitation SK-1"] * times
    assert await town.attempts(invitation) == [(MAIL, Purpose.INVITATION, AttemptOutcome.SENT)]


@pytest.fixture
async def another(any_url: str) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """The same database opened twice, as by two processes."""
    stores = await open_store(any_url, STOCKHOLM), await open_store(any_url, STOCKHOLM)
    yield stores
    for store in stores:
        await store.close()


async def test_two_workers_at_once_contact_nobody_twice(another: tuple[SqlStore, SqlStore]) -> None:
    town = Town(another[0], SimulatedClock(TUESDAY))
    for number in range(12):  # six respondents, two cases each
        await town.close(f"SK-{number}", mail=f"kund{number % 6}@example.org", phone="")
    workers = [worker for store in another for _ in range(2) for worker in town.workers(store)]
    for _ in range(3):
        await asyncio.gather(*(worker.run_once() for worker in workers))
    reached = [to for _, _, to, _ in town.post.sent]
    assert sorted(reached) == [f"kund{number}@example.org" for number in range(6)]


async def test_a_contact_never_names_anybody_in_the_attempts(town: Town) -> None:
    town.post.trouble[NUMBER] = PermanentError("HTTP 400")
    town.policy = replace(CONTACTS, ways=(SMS,))
    invitation = await town.close()
    await town.wait(DAY)
    async with town.store.look() as tx:
        stored = str(await tx.attempts(invitation.id))
    assert NUMBER not in stored
