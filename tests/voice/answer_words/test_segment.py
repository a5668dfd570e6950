"""Where somebody speaks, and that the level of the line makes no difference."""

import numpy as np
import pytest

from voice.answer_words.segment import FRAMES, LONGEST, Nothing, Window, spoken_part, window
from voice.answer_words.spectrum import BANDS, samples_of, spectrum

RATE = 8000
RNG = np.random.default_rng(3)


def burst(seconds: float, before: float = 0.4, after: float = 0.3, noise: float = 0.001) -> np.ndarray:
    """Something like a voice between two silences."""
    count = int(seconds * RATE)
    voice = sum(np.sin(2 * np.pi * 130 * n * np.arange(count) / RATE) / n for n in range(1, 20)) * np.hanning(count)
    sound = np.concatenate([np.zeros(int(before * RATE)), 0.1 * voice, np.zeros(int(after * RATE))])
    return (sound + noise * RNG.standard_normal(len(sound))).astype(np.float32)


def test_a_frame_every_10_ms():
    mel, loudness = spectrum(np.zeros(RATE, np.float32))
    assert mel.shape == (98, BANDS)
    assert loudness.shape == (98,)


def test_the_speech_is_found():
    start, end = spoken_part(spectrum(burst(0.5))[1])
    assert 35 <= start <= 50
    assert 78 <= end <= 95


def test_a_click_before_the_speech_is_not_speech():
    sound = burst(0.5, before=0.8)
    sound[800:820] += 0.3
    assert spoken_part(spectrum(sound)[1])[0] > 60


@pytest.mark.parametrize("level", [0.02, 0.3, 3.0])
def test_the_level_makes_no_difference(level):
    sound = burst(0.5, noise=0.0001)
    one, other = window(*spectrum(sound)), window(*spectrum(level * sound))
    assert isinstance(one, Window)
    assert isinstance(other, Window)
    assert one.features.shape == (FRAMES, BANDS)
    np.testing.assert_allclose(one.features, other.features, atol=1e-3)


def test_speech_that_is_too_long_has_no_window():
    long = burst(LONGEST / 100 + 0.8)
    found = window(*spectrum(long))
    assert isinstance(found, Nothing)
    assert found.seconds > LONGEST / 100


def test_silence_has_no_window():
    assert window(*spectrum(np.zeros(RATE, np.float32))) == Nothing(0.0)
    assert window(*spectrum(np.zeros(0, np.float32))) == Nothing(0.0)


def test_an_odd_byte_is_left_out():
    assert samples_of(b"\x00\x40\x01").tolist() == [0.5]
