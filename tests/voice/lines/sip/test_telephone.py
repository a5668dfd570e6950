"""The telephone for trying out, as an exchange with numbers behind it."""

from pathlib import Path

import numpy as np
import pytest

from models.calling import CallAttempt, CallOutcome
from tests.voice.lines.conftest import PhoneMaking
from tests.voice.lines.sip.far_ends import CHECKOUT, OurTelephone
from voice.audio_files import read_audio
from voice.lines.sip.line import SipLine
from voice.lines.sip.settings import SipAccount

pytest.importorskip("baresip", reason="no baresip-python for this system")
SPEAKS, PRESSES, BUSY, NOBODY = (f"+4670174060{last}" for last in range(5, 9))
YES = str(CHECKOUT / "demo" / "replies" / "ja.wav")


async def test_each_number_has_its_own_telephone(start_phone: PhoneMaking, tmp_path: Path) -> None:
    replies = (SPEAKS, f"{YES}@0.2", PRESSES, "key:5@0.2", BUSY, "busy")
    with OurTelephone(tmp_path / "far", replies=replies) as far:
        phone = await start_phone(SipAccount(host="127.0.0.1", port=far.port))
        speaks, presses, busy, nobody = [await phone.call(each) for each in (SPEAKS, PRESSES, BUSY, NOBODY)]
        assert isinstance(busy, CallAttempt)
        assert (busy.outcome, busy.sip_code) == (CallOutcome.BUSY, 486)
        assert isinstance(nobody, CallAttempt)
        assert nobody.outcome is CallOutcome.WRONG_NUMBER
        assert isinstance(speaks, SipLine)
        assert isinstance(presses, SipLine)
        keys, sound = "", b""
        for _ in range(150):
            sound += (await speaks.listen()).frame
            keys += (await presses.listen()).keys
        assert keys == "5"
        for line in (speaks, presses):
            await line.hang_up()
    said = read_audio(far.folder / f"{SPEAKS}-said-1.wav")
    heard = read_audio(far.folder / f"{SPEAKS}-heard-1.wav")
    assert len(said) <= len(heard)
    assert _loudest(said) == pytest.approx(_loudest(sound), abs=0.1), "each end has it at the same time of the call"
    assert _loudness(read_audio(far.folder / f"{PRESSES}-said-1.wav")) > 1000, "its keys can be heard on its own tape"


def _loudness(audio: bytes) -> float:
    return float(np.abs(np.frombuffer(audio, "<i2").astype(np.float64)).max())


def _loudest(audio: bytes) -> float:
    """Where, in seconds."""
    return int(np.abs(np.frombuffer(audio, "<i2").astype(np.float64)).argmax()) / 8000
