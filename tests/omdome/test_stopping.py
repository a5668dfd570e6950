"""The service stops: nobody more is rung, and who is spoken with is given a little time."""

import asyncio

import pytest

from omdome.stopping import GOODBYE_SECONDS, Stopping
from voice.lines.cut_short import CutShortError
from voice.lines.recording import RecordingLine


async def test_what_rings_stops_and_nobody_more_is_rung() -> None:
    stopping, rung, let_be = Stopping(), list[int](), list[int]()

    async def rings(number: int) -> str:
        rung.append(number)
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            let_be.append(number)
            raise
        return "answered"

    ringing = asyncio.ensure_future(stopping.unless_begun(rings(1)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    stopping.begin()
    assert await ringing is None
    assert await stopping.unless_begun(rings(2)) is None
    assert (rung, let_be) == ([1], [1])


async def test_who_answers_before_is_spoken_with() -> None:
    async def answers() -> str:
        return "answered"

    assert await Stopping().unless_begun(answers()) == "answered"


async def test_who_gives_up_waiting_lets_it_be() -> None:
    let_be = asyncio.Event()

    async def rings() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            let_be.set()

    waiting = asyncio.ensure_future(Stopping().unless_begun(rings()))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert let_be.is_set()


async def test_calls_are_cut_short_once_they_have_had_their_time() -> None:
    stopping, stop = Stopping(), asyncio.Event()
    async with stopping.when(stop, GOODBYE_SECONDS + 1.0):
        with stopping.stoppable(RecordingLine()) as line:
            stop.set()
            await asyncio.sleep(0.05)
            await line.listen()
            await asyncio.sleep(1.3)
            with pytest.raises(CutShortError):
                await line.listen()
            await line.listen()  # and the goodbye can be said
    with stopping.stoppable(RecordingLine()) as late, pytest.raises(CutShortError):
        await late.listen()
