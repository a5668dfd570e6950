"""Keypad tones and beeps, and what must not be taken for them. Figures after ITU-T Q.23 and Q.24."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voice.speech import frames, mixed, noise, silence, spoken
from voice.line import RATE
from voice.lines import keypad
from voice.tones import HIGH, KEYPAD, LOW, Beep, KeypadTones

KEYS = "1234567890*#"


def sines(seconds: float, *tones: tuple[float, float]) -> bytes:
    """(Hz, dBFS) each, all at once."""
    times = np.arange(round(seconds * RATE)) / RATE
    wave = sum(math.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * hertz * times) for hertz, level in tones)
    return bytes((np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes())


def key(
    symbol: str, seconds: float, low: float = 0.0, high: float = 0.0, twist: float = 0.0, level: float = -18.0
) -> bytes:
    """A key's tones; `low` and `high` are how far off they are (0.01 is 1 %), `twist` dB the high one is louder."""
    row = next(number for number, keys in enumerate(KEYPAD) if symbol in keys)
    column = KEYPAD[row].index(symbol)
    return sines(seconds, (LOW[row] * (1 + low), level), (HIGH[column] * (1 + high), level + twist))


def pressed(audio: bytes, before: int = 0) -> str:
    """The keys heard in `audio`, which begins `before` samples after a frame does."""
    tones = KeypadTones()
    return "".join(tones.hear(frame) for frame in frames(bytes(2 * before) + audio + silence(0.2)))


def beeped(audio: bytes) -> float | None:
    """After how many seconds a beep was heard."""
    beep = Beep()
    return next((number * 0.02 for number, frame in enumerate(frames(audio), 1) if beep.hear(frame)), None)


@given(st.text(KEYS, min_size=1, max_size=12), st.integers(0, 159))
def test_every_key_is_heard_once(typed: str, before: int) -> None:
    assert pressed(keypad.tones(typed), before) == typed


@pytest.mark.parametrize("symbol", KEYS)
def test_40_ms_of_tone_and_40_ms_of_pause_are_enough(symbol: str) -> None:
    for before in range(0, 160, 13):
        assert pressed((key(symbol, 0.04) + bytes(640)) * 3, before) == symbol * 3


@pytest.mark.parametrize("symbol", KEYS)
def test_23_ms_are_no_key_and_a_lost_packet_does_not_make_it_two(symbol: str) -> None:
    for before in range(0, 160, 13):
        assert pressed(key(symbol, 0.023), before) == ""
        assert pressed(key(symbol, 0.08) + bytes(320) + key(symbol, 0.08), before) == symbol


def test_a_key_that_is_held_is_one_key() -> None:
    assert pressed(key("5", 4.0)) == "5"


@given(st.sampled_from(KEYS), st.floats(-0.015, 0.015), st.floats(-0.015, 0.015), st.floats(-8, 4))
def test_tones_as_a_telephone_may_send_them(symbol: str, low: float, high: float, twist: float) -> None:
    assert pressed(key(symbol, 0.06, low, high, twist)) == symbol


@given(st.sampled_from(KEYS), st.sampled_from([-1, 1]), st.floats(0.035, 0.05), st.booleans())
def test_tones_that_are_off_by_3_5_per_cent_are_no_key(symbol: str, sign: int, off: float, low: bool) -> None:
    assert pressed(key(symbol, 0.06, sign * off if low else 0, 0 if low else sign * off)) == ""


@pytest.mark.parametrize("twist", [-12, 8])
def test_one_tone_much_louder_than_the_other_is_no_key(twist: float) -> None:
    assert pressed(key("5", 0.1, twist=twist)) == ""


def test_tones_that_glide_against_each_other_are_a_voice() -> None:
    times = np.arange(800) / RATE
    fades = 10 ** (np.linspace(-8, 4, 800) / 20)
    glide = 0.2 * np.sin(2 * np.pi * 770 * times) + 0.2 * fades * np.sin(2 * np.pi * 1336 * times)
    assert pressed((glide * 32767).astype("<i2").tobytes()) == ""


@pytest.mark.parametrize("level", [-3.0, -20.0, -35.0])
def test_keys_are_heard_at_every_level_of_a_telephone(level: float) -> None:
    assert pressed(key("8", 0.06, level=level - 3)) == "8"


def test_keys_are_heard_from_a_sound_card_that_adds_a_constant() -> None:
    assert pressed(mixed(keypad.tones("159"), b"\x00\x10" * 4800)) == "159"


def test_keys_are_heard_in_noise() -> None:
    typed = "1234567890*#"
    tones = keypad.tones(typed)
    for snr in (20, 12):
        hiss = noise(len(tones) / 2 / RATE, level=10 ** ((-13 - snr) / 20))
        assert pressed(mixed(tones, hiss)) == typed


@pytest.mark.parametrize("voice", ["sv", "sv+f2", "sv+m3", "en", "de", "fr", "ko"])
def test_speech_is_no_key(voice: str) -> None:
    said = spoken("Bra, okej, dåligt. Ja, nej. Det tog sju veckor innan någon svarade, och då var det för sent.", voice)
    assert pressed(said) == ""
    assert beeped(said) is None


def test_noise_is_no_key() -> None:
    assert pressed(noise(20.0, level=0.1)) == ""


def test_tones_are_known_while_they_sound_and_not_afterwards() -> None:
    tones = KeypadTones()
    heard = [(tones.hear(frame), tones.sounding)[1] for frame in frames(silence(0.1) + key("1", 0.2) + silence(0.2))]
    assert not any(heard[:5])
    assert all(heard[6:15])
    assert not any(heard[19:])


@pytest.mark.parametrize("hertz", [440, 800, 1000, 1400, 1980])
def test_one_steady_tone_is_a_beep_after_a_seventh_of_a_second(hertz: float) -> None:
    assert beeped(silence(0.1) + sines(0.3, (hertz, -20))) == pytest.approx(0.25, abs=0.03)
    assert beeped(sines(0.1, (hertz, -20)) + silence(1)) is None


def test_ringing_engaged_and_keypad_tones_are_no_beeps() -> None:
    for tone in (sines(1.0, (425, -15)), sines(1.0, (300, -15)), key("1", 1.0), silence(1.0), noise(1.0)):
        assert beeped(tone) is None


def test_a_beep_is_heard_in_noise() -> None:
    assert beeped(mixed(sines(0.5, (1000, -20)), noise(0.5, level=0.015))) is not None
