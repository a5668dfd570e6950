"""Waiting before the next try, and a worker's rounds."""

import asyncio
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflow.backoff import Backoff, keep_working


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_wait_is_between_half_of_the_first_and_the_longest(attempts: int, jitter: float) -> None:
    backoff = Backoff(first=timedelta(seconds=2), longest=timedelta(minutes=15))
    assert timedelta(seconds=1) <= backoff.delay(attempts, jitter) <= timedelta(minutes=15)


@given(st.integers(1, 100), st.floats(0, 1))
def test_waits_never_get_shorter(attempts: int, jitter: float) -> None:
    assert Backoff().delay(attempts, jitter) <= Backoff().delay(attempts + 1, jitter)


async def test_work_goes_on_at_once_while_there_is_any_and_rests_until_woken() -> None:
    found = [3, 1, 0]
    stop, wake = asyncio.Event(), asyncio.Event()
    rounds = 0

    async def round_() -> int:
        nonlocal rounds
        rounds += 1
        return found.pop(0) if found else 0

    working = asyncio.create_task(keep_working(round_, stop, wake, rest_seconds=60))
    await asyncio.sleep(0.02)
    assert rounds == 3
    wake.set()
    await asyncio.sleep(0.02)
    assert rounds == 4
    stop.set()
    await asyncio.wait_for(working, 1)


async def test_a_round_that_fails_is_not_the_last() -> None:
    stop, wake = asyncio.Event(), asyncio.Event()
    rounds = 0

    async def round_() -> int:
        nonlocal rounds
        rounds += 1
        if rounds < 3:
            raise OSError("disk full")
        stop.set()
        return 0

    await asyncio.wait_for(keep_working(round_, stop, wake, rest_seconds=0.001), 1)
    assert rounds == 3


async def test_what_a_round_has_begun_is_finished() -> None:
    stop, wake, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def round_() -> int:
        stop.set()
        await asyncio.sleep(0.02)
        finished.set()
        return 1

    await asyncio.wait_for(keep_working(round_, stop, wake, rest_seconds=60), 1)
    assert finished.is_set()
