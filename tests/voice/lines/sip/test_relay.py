"""Calls over a network that loses, delays and reorders: the sound suffers, the call doesn't."""

from pathlib import Path

import pytest

from tests.voice.lines.conftest import PhoneMaking
from tests.voice.lines.hearing import hear
from tests.voice.lines.sip.far_ends import DebianBaresip, OurTelephone
from tests.voice.lines.sip.hearing import found, loud
from tests.voice.lines.sip.relay import LossyRelay, Network
from voice.audio_files import read_audio, wav
from voice.lines.sip.line import SipLine
from voice.lines.sip.targets import on_this_machine

SPEECH = read_audio(Path(__file__).parents[4] / "demo" / "replies" / "bra.wav")
BAD_NIGHT = Network(loss=0.02, jitter_seconds=0.03, doubled=0.01)


@pytest.fixture
def plays(tmp_path: Path) -> Path:
    file = tmp_path / "plays.wav"
    file.write_bytes(wav(bytes(16000) + SPEECH * 3 + bytes(16000 * 60)))
    return file


async def test_a_network_that_does_nothing_changes_nothing(
    start_phone: PhoneMaking, tmp_path: Path, plays: Path
) -> None:
    with DebianBaresip(tmp_path / "far", plays=plays) as far, LossyRelay(far.address) as relay:
        line = await (await start_phone()).dial(on_this_machine(relay.address))
        assert isinstance(line, SipLine), line
        line.play(SPEECH)
        heard = await hear(line, 3)
        assert found(SPEECH, b"".join(each.frame for each in heard)) > 0.6
        await line.hang_up()
        assert relay.passed > 100
    assert found(SPEECH, far.heard()) > 0.6


@pytest.mark.parametrize("far_end", [DebianBaresip, OurTelephone])
async def test_two_in_a_hundred_lost_and_late(
    start_phone: PhoneMaking, tmp_path: Path, plays: Path, far_end: type[DebianBaresip] | type[OurTelephone]
) -> None:
    far = far_end(tmp_path / "far", plays=plays) if far_end is DebianBaresip else far_end(tmp_path / "far")
    with far, LossyRelay(far.address, BAD_NIGHT) as relay:
        line = await (await start_phone()).dial(on_this_machine(relay.address))
        assert isinstance(line, SipLine), line
        line.play(SPEECH * 3)
        heard = await hear(line, 3)
        assert line.ended is None
        assert len(heard) > 100
        await line.hang_up()
        assert line.ended.by_us
        assert 0 < relay.lost / (relay.lost + relay.passed) < 0.1
    assert loud(far.heard()) > 0.2
