"""What a recording becomes: words with a little silence around them, all equally loud, in the telephone's band."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voice.speech import noise, silence, spoken
from voice.prompts.loudness import loudness
from voice.prompts.shaping import CEILING, UnusableSoundError, measured, shaped, trimmed
from voice.prompts.synthesis import samples_of

WORDS = samples_of(spoken("Hur upplevde du vårt bemötande? Svara bra, okej eller dåligt."))


def leading_silence(samples: np.ndarray, rate: int) -> float:
    """Seconds until something is 40 dB below the loudest sample or more."""
    return float(np.flatnonzero(np.abs(samples) > np.abs(samples).max() / 100)[0]) / rate


@given(st.floats(0.01, 1.0), st.floats(0.0, 1.5), st.floats(0.0, 1.5))
@settings(max_examples=15)
def test_however_it_was_recorded_it_comes_out_alike(gain: float, before: float, after: float) -> None:
    recorded = np.concatenate([samples_of(silence(before)), WORDS * np.float32(gain), samples_of(silence(after))])
    prompt = shaped(recorded, 8000)
    assert loudness(prompt, 8000) == pytest.approx(-23, abs=0.2)
    assert np.abs(prompt).max() <= CEILING + 1e-6
    assert 0.05 <= leading_silence(prompt, 8000) <= 0.15
    assert 0.05 <= leading_silence(prompt[::-1], 8000) <= 0.15


def test_only_the_telephones_band_is_left() -> None:
    hiss_and_hum = np.random.default_rng(1).normal(0, 0.1, 48000).astype(np.float32)
    hiss_and_hum += 0.02 * np.sin(2 * np.pi * 50 * np.arange(48000) / 48000).astype(np.float32)
    power = np.abs(np.fft.rfft(shaped(hiss_and_hum, 48000))) ** 2
    hertz = np.linspace(0, 4000, len(power))
    inside = power[(hertz > 350) & (hertz < 3350)].mean()
    assert 10 * np.log10(power[hertz < 180].mean() / inside) < -30
    assert 10 * np.log10(power[hertz > 3520].mean() / inside) < -30


def test_the_master_keeps_what_the_telephone_loses() -> None:
    hiss = np.random.default_rng(2).normal(0, 0.1, 48000).astype(np.float32)
    power = np.abs(np.fft.rfft(shaped(hiss, 48000, 16000))) ** 2
    assert power[-len(power) // 4 :].sum() > 0.1 * power.sum()


def test_one_loud_click_is_turned_down_without_touching_the_rest() -> None:
    clicked = WORDS * np.float32(0.1)
    clicked[len(clicked) // 2] = 1.0
    prompt = shaped(clicked, 8000)
    assert np.abs(prompt).max() <= CEILING + 1e-6
    assert loudness(prompt, 8000) == pytest.approx(-23, abs=1)


def test_a_noisy_rooms_silence_is_trimmed_too() -> None:
    room = samples_of(noise(1.0, 0.003))
    recorded = np.concatenate([room, WORDS + np.resize(room, len(WORDS)), room])
    assert len(trimmed(recorded, 8000)) / 8000 == pytest.approx(len(trimmed(WORDS, 8000)) / 8000, abs=0.15)


@pytest.mark.parametrize(
    "recorded", [np.zeros(8000), np.zeros(0), np.zeros(1), np.full(8000, 1e-4)], ids=["silent", "empty", "one", "hum"]
)
def test_a_recording_without_speech_is_refused(recorded: np.ndarray) -> None:
    with pytest.raises(UnusableSoundError, match="no speech, only silence"):
        shaped(recorded.astype(np.float32), 8000)


def test_what_the_recorder_cut_off_is_found() -> None:
    loud = np.clip(WORDS * 4, -1, 1)
    assert measured(WORDS, 8000).clipped == 0
    assert measured(loud, 8000).clipped > 50
    assert "turned down" in measured(loud, 8000).complaints[0]


def test_a_noisy_room_is_complained_of() -> None:
    how = measured(WORDS + np.resize(samples_of(noise(2.0, 0.05)), len(WORDS)), 8000)
    assert "find a quiet one" in how.complaints[-1]
    assert measured(np.concatenate([WORDS, np.zeros(4000, np.float32)]), 8000).complaints == []
