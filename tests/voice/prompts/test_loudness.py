"""Loudness, against what ITU-R BS.1770-4 and EBU Tech 3341 say it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.prompts.loudness import SILENT_LUFS, loudness


def sine(dbfs: float, seconds: float, rate: int = 48000, hertz: float = 997) -> np.ndarray:
    """A tone whose peaks are at `dbfs`."""
    at = np.arange(round(seconds * rate)) / rate
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100, 48000])
def test_a_full_scale_tone_of_997_hz_is_as_loud_as_bs_1770_says(rate: int) -> None:
    assert loudness(sine(0, 2, rate), rate) == pytest.approx(-3.01, abs=0.05)


def test_soft_passages_do_not_count() -> None:
    """Tech 3341, case 3, in one channel (3 dB less than in two): 10 s soft, 60 s loud, 10 s soft."""
    soft, loud = sine(-36, 10, 8000), sine(-23, 60, 8000)
    assert loudness(np.concatenate([soft, loud, soft]), 8000) == pytest.approx(-26.0, abs=0.1)


def test_pauses_do_not_count() -> None:
    pause = np.zeros(48000, np.float32)
    assert loudness(np.concatenate([sine(-20, 2), pause, sine(-20, 2)]), 48000) == pytest.approx(-23.0, abs=0.5)


@given(st.floats(-40, 0), st.floats(0.05, 1.0))
def test_a_gain_changes_it_by_as_much(gain: float, seconds: float) -> None:
    tone = sine(-10, seconds, 8000, 700)
    louder = tone * np.float32(10 ** (gain / 20))
    assert loudness(louder, 8000) - loudness(tone, 8000) == pytest.approx(gain, abs=0.01)


@pytest.mark.parametrize("samples", [0, 1, 100, 8000])
def test_silence_is_silent_however_short(samples: int) -> None:
    assert loudness(np.zeros(samples, np.float32), 8000) == SILENT_LUFS
