"""The dialler and a trunk in trouble: whom it calls meanwhile, and whose numbers it believes to be dead."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from models.calling import CallOutcome
from models.case import Address, AddressKind
from models.survey import AttemptOutcome
from tests.voice.call_world import customer_in
from tests.workflow.conftest import TUESDAY
from tests.workflow.office import (
    HOUR,
    NOBODYS,
    REFUSED,
    UNREACHED,
    Office,
    RecordedPhone,
)
from workflow.call_plan import Called, CallState
from workflow.dialling import CallAbout
from workflow.trunk import Trunk


async def test_a_number_that_is_nobodys_is_dead_at_once_where_others_are_reached(office: Office) -> None:
    await office.knows(Trunk(reached_at=TUESDAY - HOUR / 2))
    office.phone.outcomes = [NOBODYS]
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Tue 13:00"]
    assert [each.outcome for each in await office.calls()] == [AttemptOutcome.DEAD_ADDRESS]
    assert await office.is_dead()


async def test_a_trunk_that_has_reached_nobody_is_not_believed_about_numbers(office: Office) -> None:
    office.phone.outcomes = [NOBODYS, NOBODYS]
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Tue 13:00", "Wed 17:00", "Thu 09:00"], "they live, and answer in the end"
    assert [each.detail for each in await office.calls()] == [
        *["wrong_number, SIP 404, AAPOR 4.30, unsure"] * 2,
        "held",
    ]
    assert not await office.is_dead()


async def test_the_same_answer_on_another_day_is_believed_where_others_were_reached_between(office: Office) -> None:
    office.phone.outcomes = [NOBODYS, NOBODYS]
    await office.work(HOUR)
    await office.knows(Trunk(reached_at=office.clock.now()))
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Tue 13:00", "Wed 17:00"]
    assert await office.is_dead()


async def test_what_we_see_ourselves_to_be_no_number_is_dead_at_once(office: Office) -> None:
    office.phone.outcomes = [Called(outcome=CallOutcome.WRONG_NUMBER)]
    await office.work()
    assert await office.is_dead()


async def test_a_trunk_in_trouble_costs_no_tries_and_is_given_time(any_office: Office) -> None:
    """Four customers; no exchange answers at first."""
    office = any_office
    for each in range(1, 4):
        await office.wanted((await customer_in(office.store, f"SK-1{each}", phone=f"+4670174061{each}")).invitation)
    office.phone.outcomes = [UNREACHED] * 6
    await office.work(timedelta(minutes=16))
    assert office.phone.dialled == ["Tue 13:00"] * 4 + ["Tue 13:15"], "then one is called as a probe"
    trunk = await office.trunk()
    assert (trunk.rests, trunk.why, trunk.numbers) == (2, "unreached", 4)
    assert trunk.until == TUESDAY + timedelta(minutes=17)
    await office.work(timedelta(hours=3))
    assert office.phone.dialled[5:7] == ["Tue 13:17", "Tue 13:21"], "the second probe gets through"
    assert len(office.phone.dialled) == 10, "and all are called"
    assert (await office.trunk()).rests == 0
    assert await office.waiting() == 0


async def test_a_call_that_began_before_the_trouble_does_not_end_the_rest(office: Office) -> None:
    resting = Trunk(troubled=("a", "b", "c"), since=TUESDAY, rests=1, until=TUESDAY + HOUR)

    def rings() -> "asyncio.Future[None]":
        return asyncio.ensure_future(office.knows(resting))

    office.phone.before = rings
    office.phone.outcomes = [REFUSED]
    await office.work()
    assert (await office.trunk()).rests == 1, "it was no probe"
    assert (await office.trunk()).until == TUESDAY + HOUR


@dataclass
class Trunkful(RecordedPhone):
    """Everybody answers and talks, but for the time that the trunk is down: from half an hour on, for two hours."""

    down: Called = UNREACHED
    since: datetime = TUESDAY + HOUR / 2
    in_vain: int = 0

    async def call(self, about: CallAbout, answered: Callable[[], None]) -> Called:
        if self.since <= self.clock.now() < self.since + 2 * HOUR:
            self.in_vain += 1
            if self.down.outcome is CallOutcome.NO_AUDIO:
                answered()
            return self.down
        answered()
        return Called(outcome=CallOutcome.ANSWERED, end=CallState.HELD)


@pytest.mark.parametrize(
    ("down", "dead"),
    [
        (UNREACHED, 0),
        (NOBODYS, 1),  # the first, since others were reached a minute before
        (Called(outcome=CallOutcome.NO_AUDIO, rang=True), 0),
    ],
)
async def test_a_day_on_which_the_trunk_is_down_for_two_hours(office: Office, down: Called, dead: int) -> None:
    """Thirty customers, one more every five minutes: few calls are made in vain, and all are called in the end."""
    phone = office.phone = Trunkful(office.clock, office.store, down=down)
    numbers = [f"+467017406{each}" for each in range(10, 40)]
    for each, number in enumerate(numbers):
        customer = await customer_in(office.store, f"SK-{number[-2:]}", phone=number)
        await office.wanted(customer.invitation, after=each * timedelta(minutes=5))
    await office.work(timedelta(days=4))
    assert phone.in_vain <= 13, "of the 24 who came due while it was down"
    async with office.store.look() as tx:
        gone = await tx.dead([Address(AddressKind.PHONE, number) for number in numbers])
        came = [detail for _, each in await tx.calls_since(TUESDAY) if (detail := each.detail) == "held"]
    assert len(gone) == dead
    assert len(came) == 31 - dead
    assert await office.waiting() == 0
