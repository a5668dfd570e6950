"""The test sound is found again in what comes back, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voice.speech import spoken
from voice.phone_check.probe import echo_in, probe


def came_back(delay: float, gain: float, noise: float = 0.0, invert: bool = False) -> bytes:
    """`gain` in dB, `noise` as an amplitude of full scale."""
    sound = np.frombuffer(probe(), "<i2").astype(float)
    heard = np.concatenate((np.zeros(round(delay * 8000)), sound, np.zeros(16000))) * 10 ** (gain / 20)
    heard *= -1 if invert else 1
    heard += np.random.default_rng(7).normal(0, noise * 32768, len(heard))
    return np.clip(heard, -32768, 32767).astype("<i2").tobytes()


@settings(deadline=None, max_examples=12)
@given(st.floats(0, 1.5), st.floats(-25, 3), st.sampled_from([0.0, 0.003]), st.booleans())
def test_found_however_late_and_faint(delay: float, gain: float, noise: float, invert: bool) -> None:
    echo = echo_in(came_back(delay, gain, noise, invert))
    assert echo is not None
    assert echo.delay == pytest.approx(delay, abs=0.001)
    assert echo.gain == pytest.approx(gain, abs=0.5)
    assert echo.found == 1.0


def test_parts_of_it_will_do() -> None:
    heard = bytearray(came_back(0.2, 0))
    heard[: 2 * round(1.0 * 8000)] = bytes(2 * round(1.0 * 8000))  # the line opened late
    echo = echo_in(bytes(heard))
    assert echo is not None
    assert echo.delay == pytest.approx(0.2, abs=0.001)
    assert echo.found == pytest.approx(0.6, abs=0.1)


def test_lost_packets_and_telephone_sound_do_no_harm() -> None:
    heard = bytearray(came_back(0.1, -6))
    for at in range(0, len(heard) - 320, 320 * 20):  # 5 %
        heard[at : at + 320] = bytes(320)
    assert echo_in(bytes(heard)) is not None


def test_nothing_is_found_where_it_isnt() -> None:
    noise = np.random.default_rng(7).normal(0, 3000, 40000).astype("<i2").tobytes()
    tone = (8000 * np.sin(2 * np.pi * 425 * np.arange(40000) / 8000)).astype("<i2").tobytes()
    for heard in (b"", bytes(64000), noise, tone, spoken("bra") * 2):
        assert echo_in(heard) is None


@pytest.mark.parametrize("instead", [b"", bytes(320)])
def test_every_fifth_packet_is_lost(instead: bytes) -> None:
    heard, lost = came_back(0.1, -6), np.random.default_rng(3).random(1000) < 0.2
    packets = [heard[at : at + 320] for at in range(0, len(heard), 320)]
    echo = echo_in(b"".join(instead if gone else each for each, gone in zip(packets, lost, strict=False)))
    assert echo is not None
    assert echo.delay == pytest.approx(0.1, abs=0.2)
