"""A line over real SIP and RTP: sound both ways, keys, and every way to end."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from models.calling import CallAttempt, CallOutcome
from tests.voice.lines.conftest import PhoneMaking
from tests.voice.lines.hearing import hear
from tests.voice.lines.sip import scenarios
from tests.voice.lines.sip.far_ends import DebianBaresip, OurTelephone, Sipp, ended
from tests.voice.lines.sip.hearing import found, loud
from tests.voice.speech import noise
from voice.audio_files import read_audio, wav
from voice.line import Heard, Line, LineTraits
from voice.lines.sip.framing import Kind
from voice.lines.sip.line import LOST, RemoteCall, SipLine
from voice.lines.sip.phone import NoPlaceError
from voice.lines.sip.targets import on_this_machine
from voice.tones import KeypadTones

CHECKOUT = Path(__file__).parents[4]
SPEECH = read_audio(CHECKOUT / "demo" / "replies" / "bra.wav")


NUMBER = "+46701740605"


async def up(start_phone: PhoneMaking, address: str, **policy: float) -> SipLine:
    line = await (await start_phone(**policy)).dial(on_this_machine(address))
    assert isinstance(line, SipLine), line
    return line


async def until_over(line: Line) -> list[Heard]:
    heard = []
    async with asyncio.timeout(30):
        while not (moment := await line.listen()).hung_up:
            heard.append(moment)
    return heard


@pytest.fixture
def plays(tmp_path: Path) -> Path:
    """A file for a far end to play: a moment of silence, a word, and long silence."""
    file = tmp_path / "plays.wav"
    file.write_bytes(wav(bytes(16000) + SPEECH + bytes(16000 * 60)))
    return file


async def test_both_sides_hear_what_the_other_says(start_phone: PhoneMaking, tmp_path: Path, plays: Path) -> None:
    with DebianBaresip(tmp_path / "far", plays=plays) as far:
        line = await up(start_phone, far.address)
        line.play(SPEECH)
        heard = await hear(line, 4)
        assert any(each.playing for each in heard)
        assert not heard[-1].playing
        assert found(SPEECH, b"".join(each.frame for each in heard)) > 0.6
        await line.hang_up()
    assert found(SPEECH, far.heard()) > 0.6


async def test_what_is_cut_is_heard_no_more_and_what_comes_next_is(
    start_phone: PhoneMaking, tmp_path: Path, plays: Path
) -> None:
    with DebianBaresip(tmp_path / "far", plays=plays) as far:
        line = await up(start_phone, far.address)
        line.play(noise(20, 0.1))
        await hear(line, 1)
        line.cut()
        await hear(line, 1)
        line.play(SPEECH)
        await hear(line, 2)
        await line.hang_up()
    assert 0.5 < loud(far.heard()[: 16000 * 3]) < 2.5  # not the second that the stack had been given beforehand
    assert found(SPEECH, far.heard()) > 0.6


@pytest.mark.parametrize("by_info", [False, True])
async def test_keys_come_as_signals(start_phone: PhoneMaking, tmp_path: Path, plays: Path, by_info: bool) -> None:
    with DebianBaresip(tmp_path / "far", plays=plays, keys_by_info=by_info) as far:
        line = await up(start_phone, far.address)
        assert line.traits == LineTraits(signals_keys=False, echo_free=True)
        keys = ""
        for key in "19":
            await asyncio.to_thread(far.do, "sndcode", key)
            for _ in range(250):
                keys += (await line.listen()).keys
                if keys.endswith(key):
                    break
        assert keys == "19"
        assert line.traits.signals_keys  # from then on no tone is taken for another key
        await line.hang_up()


async def test_keys_by_info_as_exchanges_send_them(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.presses_by_info("1*#")) as far:
        line = await up(start_phone, far.address)
        assert "".join(each.keys for each in await hear(line, 3)) == "1*#"
        await line.hang_up()
        assert far.went_as_written()


async def test_keys_that_are_sounds_are_heard(start_phone: PhoneMaking, tmp_path: Path) -> None:
    from voice.lines.keypad import tones

    file = tmp_path / "tones.wav"
    file.write_bytes(wav(bytes(16000) + tones("3#") + bytes(16000 * 60)))
    with DebianBaresip(tmp_path / "far", plays=file) as far:
        line = await up(start_phone, far.address)
        keypad = KeypadTones()
        assert "".join([keypad.hear(each.frame) for each in await hear(line, 3)]) == "3#"
        await line.hang_up()


async def test_the_far_end_hangs_up(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.hangs_up()) as far:
        line = await up(start_phone, far.address)
        await until_over(line)
        assert line.ended is not None
        assert not line.ended.by_us
        line.play(SPEECH)
        assert (await line.listen()) == Heard(hung_up=True)
        await line.hang_up()
        assert far.went_as_written()


async def test_we_hang_up(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.answers()) as far:
        line = await up(start_phone, far.address)
        await hear(line, 0.3)  # it sends nothing: 20 ms are 20 ms all the same
        await line.hang_up()
        assert line.ended is not None
        assert line.ended.by_us
        assert far.went_as_written()


async def test_a_call_survives_a_refresh_and_being_held(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.holds_and_resumes(), answers_with_echo=True) as far:
        line = await up(start_phone, far.address)
        await hear(line, 3)
        line.play(SPEECH)
        heard = await hear(line, 3)
        assert line.ended is None
        assert found(SPEECH, b"".join(each.frame for each in heard)) > 0.6  # back from where it was sent
        await line.hang_up()
        assert far.went_as_written()


async def test_a_far_end_that_vanishes_is_noticed(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with OurTelephone(tmp_path / "far") as far:
        line = await up(start_phone, far.address, dead_seconds=1)
        await hear(line, 0.5)
        far.process.kill()
        await until_over(line)
        await line.hang_up()


async def test_the_process_dies_and_only_its_calls_with_it(
    start_phone: PhoneMaking, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with OurTelephone(tmp_path / "far") as far:
        phone = await start_phone()
        line = await phone.dial(on_this_machine(far.address))
        assert isinstance(line, SipLine)
        before = phone.pid
        os.kill(before, signal.SIGSEGV)
        await until_over(line)
        assert line.ended is not None
        assert line.ended.cause == LOST
        await line.hang_up()
        async with asyncio.timeout(20):
            while phone.pid in (0, before):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.05)
        again = await phone.dial(on_this_machine(far.address))
        assert isinstance(again, SipLine)
        await again.hang_up()
    assert "signal 11" in caplog.text


async def test_a_process_that_hangs_is_replaced(start_phone: PhoneMaking) -> None:
    phone = await start_phone(silent_seconds=2.5)
    before = phone.pid
    os.kill(before, signal.SIGSTOP)
    async with asyncio.timeout(30):
        while phone.pid in (0, before):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)
    assert ended(before)


async def test_a_process_that_dies_while_it_rings_is_a_failed_attempt(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.rings_for_ever()) as far:
        phone = await start_phone()
        dialling = asyncio.create_task(phone.dial(on_this_machine(far.address)))
        await asyncio.sleep(0.5)
        os.kill(phone.pid, signal.SIGKILL)
        attempt = await dialling
        assert isinstance(attempt, CallAttempt)
        assert attempt.outcome is CallOutcome.FAULT
        far.process.kill()


async def test_closing_says_goodbye_and_leaves_no_process(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.answers()) as far:
        phone = await start_phone()
        line = await phone.dial(on_this_machine(far.address))
        assert isinstance(line, SipLine)
        pid = phone.pid
        await phone.close()
        assert (await line.listen()).hung_up
        assert ended(pid)
        assert far.went_as_written()


async def test_no_more_calls_than_may_be_are_up_at_once(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with OurTelephone(tmp_path / "far") as far:
        phone = await start_phone(calls_at_once=1)
        first = await phone.dial(on_this_machine(far.address))
        assert isinstance(first, SipLine)
        with pytest.raises(NoPlaceError):  # at once: it may not be right to ring them later
            await asyncio.wait_for(phone.dial(on_this_machine(far.address)), 5)
        await first.hang_up()
        second = await phone.dial(on_this_machine(far.address))
        assert isinstance(second, SipLine)
        await second.hang_up()


async def test_a_report_that_makes_us_stumble_costs_its_own_call_alone(
    start_phone: PhoneMaking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    take = RemoteCall.take

    def stumbles(call: RemoteCall, kind: Kind, payload: bytes) -> None:
        if kind is Kind.ANSWERED:
            raise IndexError(NUMBER)
        take(call, kind, payload)

    with OurTelephone(tmp_path / "far") as far:
        phone = await start_phone()
        before = phone.pid
        first = await phone.dial(on_this_machine(far.address))
        assert isinstance(first, SipLine)
        monkeypatch.setattr(RemoteCall, "take", stumbles)
        lost = await phone.dial(on_this_machine(far.address))
        assert isinstance(lost, CallAttempt)
        assert lost.outcome is CallOutcome.FAULT
        monkeypatch.undo()
        assert first.ended is None
        second = await phone.dial(on_this_machine(far.address))
        assert isinstance(second, SipLine)
        await asyncio.gather(first.hang_up(), second.hang_up())
        assert phone.pid == before
    assert "IndexError" in caplog.text
    assert NUMBER not in caplog.text
