"""What every line does, whatever it is made of."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests.voice.lines.conftest import Card, PhoneMaking
from tests.voice.lines.hearing import hear
from tests.voice.lines.sip.far_ends import OurTelephone
from voice.line import FRAME_BYTES, Heard, Line
from voice.lines.recording import RecordingLine
from voice.lines.sip.line import SipLine
from voice.lines.sip.targets import on_this_machine
from voice.lines.soundcard import SoundcardLine

SECOND = b"\x01\x10" * 8000

Making = Callable[[], Awaitable[RecordingLine | SoundcardLine | SipLine]]


IN_TIME = ["recording", "paced recording", "sound card", "SIP"]  # a card that is not there is as fast as the machine


@pytest.fixture(params=[*IN_TIME, "silent sound card"])
def make(request: pytest.FixtureRequest) -> Making:
    """Makes a line, in the test's own event loop."""
    return _making(request)


@pytest.fixture(params=IN_TIME)
def make_in_time(request: pytest.FixtureRequest) -> Making:
    """Makes a line on which 20 ms are 20 ms."""
    return _making(request)


def _making(request: pytest.FixtureRequest) -> Making:
    match request.param:
        case "recording" | "paced recording" as kind:
            return at_once(lambda: RecordingLine(paced=kind == "paced recording"))
        case "SIP":
            calling: Making = request.getfixturevalue("calling")
            return calling
        case kind:
            card: Card = request.getfixturevalue("sound_server" if kind == "sound card" else "silent_card")
            return at_once(lambda: SoundcardLine(card.microphone, card.loudspeaker))


def at_once(line: Callable[[], RecordingLine | SoundcardLine]) -> Making:
    async def make() -> RecordingLine | SoundcardLine:
        return line()

    return make


@pytest.fixture
def calling(start_phone: PhoneMaking, tmp_path: Path) -> Iterator[Making]:
    """Calls a telephone that presses two keys when something has been said to it."""
    with OurTelephone(tmp_path / "far", replies=("key:1*",)) as far:

        async def call() -> SipLine:
            line = await (await start_phone()).dial(on_this_machine(far.address))
            assert isinstance(line, SipLine), line
            return line

        yield call


async def until(line: Line, wanted: Callable[[Heard], bool], most: int = 500) -> int:
    """How many frames passed before the one wanted."""
    for number in range(most):
        if wanted(await line.listen()):
            return number
    raise AssertionError(f"not within {most} frames")


async def test_every_frame_is_whole(make: Making) -> None:
    line = await make()
    for heard in await hear(line, 0.4):
        assert len(heard.frame) == FRAME_BYTES
        assert not heard.hung_up
    await line.hang_up()


async def test_it_says_what_plays_and_when_that_is_over(make_in_time: Making) -> None:
    line = await make_in_time()
    line.play(SECOND * 60)
    line.play(b"")
    assert (await line.listen()).playing
    line.cut()
    line.play(SECOND[:3200])
    await until(line, lambda heard: not heard.playing)
    await line.hang_up()


async def test_what_is_queued_plays_after_what_is_queued_already(make_in_time: Making) -> None:
    line = await make_in_time()
    for _ in range(4):
        line.play(SECOND[:1600])
    playing = [heard.playing for heard in await hear(line, 0.8)]
    assert playing.index(False) >= 18  # one of the four is 5 frames; a busy machine's clock is a frame or two off
    assert not playing[-1]
    await line.hang_up()


async def test_cutting_is_quick_and_what_comes_next_plays(make: Making) -> None:
    line = await make()
    line.play(SECOND * 60)
    await line.listen()
    line.cut()
    assert await until(line, lambda heard: not heard.playing) <= 3
    line.play(SECOND)
    assert await until(line, lambda heard: heard.playing) <= 1
    await line.hang_up()


async def test_keys_come_once_and_in_order(make: Making) -> None:
    line = await make()
    seconds = 0.6
    if isinstance(line, RecordingLine):
        line.press("1*", after=0)
    elif isinstance(line, SipLine):
        line.play(SECOND[:8000])
        seconds = 5.0
    else:
        line.press("1")
        line.press("*")
    assert "".join(heard.keys for heard in await hear(line, seconds)) == "1*"
    await line.hang_up()


async def test_others_have_their_turn_while_somebody_only_listens(make: Making) -> None:
    line = await make()
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await hear(line, 0.5)
    task.cancel()
    assert turns >= 20
    await line.hang_up()


async def test_after_hanging_up_it_says_so_again_and_again(make: Making) -> None:
    line = await make()
    line.play(SECOND)
    await line.listen()
    await line.hang_up()
    await line.hang_up()
    line.play(SECOND)
    line.cut()
    assert [heard.hung_up for heard in await hear(line, 0.1)] == [True] * 5


async def test_two_may_hang_up_at_once(make: Making) -> None:
    line = await make()
    await line.listen()
    async with asyncio.timeout(5):
        await asyncio.gather(line.hang_up(), line.hang_up())
    assert (await line.listen()).hung_up


async def test_hanging_up_ends_a_listen_under_way(make: Making) -> None:
    line = await make()
    listening = asyncio.create_task(until(line, lambda heard: heard.hung_up, most=10**6))
    await asyncio.sleep(0.05)
    await line.hang_up()
    await asyncio.wait_for(listening, 5)


@pytest.mark.parametrize("headset", [True, False])
async def test_only_with_a_headset_may_prompts_be_interrupted_by_speech(silent_card: Card, headset: bool) -> None:
    line = SoundcardLine(silent_card.microphone, silent_card.loudspeaker, headset=headset)
    assert line.traits.echo_free == headset
    await line.hang_up()
