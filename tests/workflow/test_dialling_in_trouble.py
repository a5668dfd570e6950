"""The dialler and a trunk in trouble: whom it calls meanwhile, and whose numbers it believes to be dead."""

import asyncio
from datetime import timedelta

from models.calling import CallOutcome
from models.survey import AttemptOutcome
from tests.voice.call_world import customer_in
from tests.workflow.conftest import TUESDAY
from tests.workflow.office import (
    HOUR,
    NOBODYS,
    REFUSED,
    UNREACHED,
    Office,
)
from workflow.call_plan import Called
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
