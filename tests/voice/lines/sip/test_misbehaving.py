"""Far ends that don't keep to the rules: their call ends as what it was, and the phone goes on."""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from models.calling import CallAttempt, CallOutcome
from tests.voice.lines.conftest import PhoneMaking
from tests.voice.lines.hearing import hear
from tests.voice.lines.sip import misbehaving, scenarios
from tests.voice.lines.sip.far_ends import FarEnd, Sipp
from tests.voice.lines.sip.misbehaving import ASKED, BODIES, NEGOTIATED, described
from voice.audio_files import read_audio
from voice.lines.sip.framing import GONE, NO_AUDIO
from voice.lines.sip.line import SipLine
from voice.lines.sip.phone import SipPhone
from voice.lines.sip.targets import on_this_machine

UNDERSTOOD = (
    "port 99999",
    "version 6",
    "attributes that go on",
    "ptime 1000",
    "rate 48000",
)  #: though nothing can be heard of some of them


CHECKOUT = Path(__file__).parents[4]
SPEECH = read_audio(CHECKOUT / "demo" / "replies" / "bra.wav")


async def all_dialled(
    phone: SipPhone, folder: Path, cases: Mapping[str, str], seconds: float
) -> dict[str, SipLine | CallAttempt]:
    """What came of calling each of them, all at once; each was asked and answered as its scenario says."""
    with ExitStack() as stack:
        ends = {
            name: stack.enter_context(Sipp(folder / f"{number}", scenario=scenario))
            for number, (name, scenario) in enumerate(cases.items())
        }

        async def call(far: FarEnd) -> SipLine | CallAttempt:
            line = await phone.dial(on_this_machine(far.address))
            if isinstance(line, SipLine):
                await hear(line, seconds)
                await line.hang_up()
            return line

        came = await asyncio.gather(*map(call, ends.values()))
        for name, far in ends.items():
            assert isinstance(far, Sipp)
            assert await asyncio.to_thread(far.went_as_written), (name, far.log()[-2000:])
        return dict(zip(ends, came, strict=True))


async def test_an_answer_that_describes_no_sound_is_no_answer(start_phone: PhoneMaking, tmp_path: Path) -> None:
    phone = await start_phone(calls_at_once=40)
    before = phone.pid
    cases = {name: misbehaving.answers_with(body) for name, body in BODIES.items()}
    for name, came in (await all_dialled(phone, tmp_path, cases, 0.1)).items():
        if name in UNDERSTOOD:
            assert isinstance(came, SipLine), name
        else:
            assert isinstance(came, CallAttempt), name
            assert came.outcome is CallOutcome.NO_AUDIO, (name, came)
    assert phone.pid == before


async def test_whatever_is_asked_within_a_call_it_goes_on(start_phone: PhoneMaking, tmp_path: Path) -> None:
    phone = await start_phone(calls_at_once=40)
    before = phone.pid
    cases = {f"asked {name}": misbehaving.asks(*asked) for name, asked in ASKED.items()}
    cases |= {f"negotiated {name}": misbehaving.negotiates(*bodies) for name, bodies in NEGOTIATED.items()}
    for name, line in (await all_dialled(phone, tmp_path, cases, 3)).items():
        assert isinstance(line, SipLine), (name, line)
        assert line.ended is not None
        assert line.ended.by_us, (name, line.ended)
    assert phone.pid == before


async def test_held_for_longer_than_a_dead_line_is_waited_for(start_phone: PhoneMaking, tmp_path: Path) -> None:
    phone = await start_phone(dead_seconds=1)
    held = {each: misbehaving.negotiates(described(2, each), pause=2500) for each in ("sendonly", "inactive")}
    for name, line in (await all_dialled(phone, tmp_path, held, 3.4)).items():
        assert isinstance(line, SipLine)
        assert line.ended is not None
        assert line.ended.by_us, name


async def test_a_line_on_which_nothing_is_ever_heard_is_told_from_one_that_falls_silent(
    start_phone: PhoneMaking, tmp_path: Path
) -> None:
    phone = await start_phone(dead_seconds=1)
    with Sipp(tmp_path / "mute", scenario=scenarios.answers()) as mute:
        line = await phone.dial(on_this_machine(mute.address))
        assert isinstance(line, SipLine)
        await hear(line, 3)
        assert line.ended is not None
        assert line.ended.cause == NO_AUDIO
    with Sipp(tmp_path / "echo", scenario=scenarios.answers(), answers_with_echo=True) as echo:
        line = await phone.dial(on_this_machine(echo.address))
        assert isinstance(line, SipLine)
        line.play(SPEECH)
        await hear(line, 0.6)
        os.kill(echo.process.pid, signal.SIGSTOP)
        await hear(line, 3)
        os.kill(echo.process.pid, signal.SIGKILL)
        assert line.ended is not None
        assert line.ended.cause == GONE


async def test_provisional_answers_without_end_and_early_sound(start_phone: PhoneMaking, tmp_path: Path) -> None:
    phone = await start_phone()
    cases = {
        "busy": misbehaving.rings_like_mad(40, "486 Busy Here"),
        "announced": misbehaving.early_sound_then("404 Not Found"),
        "odd": misbehaving.rings_like_mad(1, "699 Odd"),
    }
    came = await all_dialled(phone, tmp_path, cases, 0.1)
    assert {name: each.outcome for name, each in came.items() if isinstance(each, CallAttempt)} == {
        "busy": CallOutcome.BUSY,
        "announced": CallOutcome.WRONG_NUMBER,
        "odd": CallOutcome.DECLINED,
    }


async def test_a_storm_of_keys_reaches_us_whole(start_phone: PhoneMaking, tmp_path: Path) -> None:
    phone = await start_phone()
    with Sipp(tmp_path / "far", scenario=misbehaving.storms_of_info(60)) as far:
        line = await phone.dial(on_this_machine(far.address))
        assert isinstance(line, SipLine)
        assert "".join(each.keys for each in await hear(line, 3)) == "12345678*#" * 6
        await line.hang_up()
        assert far.went_as_written()
