"""A microphone's verdict in plain words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voice.speech import frames, mixed, noise, silence, spoken
from voice.lines.sound_level import Verdict, judged, loudness, tone

WORDS = "Jag är nöjd med det mesta, men det tog lite lång tid."


def at(level: float, sound: bytes) -> bytes:
    """`sound` so many times as loud."""
    return bytes((np.frombuffer(sound, "<i2") * level).clip(-32768, 32767).astype("<i2").tobytes())


@pytest.mark.parametrize(
    ("sound", "verdict"),
    [
        (silence(3), Verdict.NOTHING),
        (b"", Verdict.NOTHING),
        (noise(3, 0.02), Verdict.NO_SPEECH),
        (mixed(spoken(WORDS, pause=0.5), noise(3, 0.001)), Verdict.GOOD),
        (mixed(at(0.02, spoken(WORDS, pause=0.5)), noise(3, 0.0002)), Verdict.TOO_QUIET),
        (at(8, spoken(WORDS, pause=0.5)), Verdict.CLIPPING),
    ],
)
def test_verdicts(sound: bytes, verdict: Verdict) -> None:
    assert judged(frames(sound)).verdict is verdict


def test_the_noise_floor_is_what_is_heard_between_the_words() -> None:
    level = judged(frames(mixed(spoken(WORDS, pause=1.0), noise(7, 0.01))))  # the words take 5.5 s, pauses included
    assert level.noise == pytest.approx(-40, abs=2)
    assert level.speech > -25


def test_a_tone_is_as_loud_as_asked_and_fades_in_and_out() -> None:
    samples = np.frombuffer(tone(440, 1.0, 0.5), "<i2")
    assert len(samples) == 8000
    assert samples.max() == pytest.approx(0.5 * 32767, rel=0.01)
    assert abs(samples[0]) + abs(samples[-1]) < 50
    assert loudness(tone(440, 1.0, 0.5)[3200:6400]) == pytest.approx(-9, abs=0.1)


@given(st.lists(st.binary(min_size=320, max_size=320), max_size=20))
def test_any_sound_gets_a_verdict(sound: list[bytes]) -> None:
    level = judged(sound)
    assert -100 <= level.noise <= level.speech <= 0.01
