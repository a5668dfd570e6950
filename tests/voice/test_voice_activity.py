"""Whether somebody is speaking: real detector, speech of a synthesiser, and the noises of homes and lines."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.voice.speech import frames, mixed, noise, silence, spoken
from voice.line import RATE
from voice.voice_activity import VoiceActivity, level

SENTENCE = "Det tog sju veckor innan någon svarade"


def at(audio: bytes, dbfs: float) -> bytes:
    """`audio`, so loud (RMS of the whole of it)."""
    samples = np.frombuffer(audio, "<i2").astype(float)
    scaled = samples * 10 ** ((dbfs - level(audio)) / 20)
    return bytes(np.clip(scaled, -32768, 32767).astype("<i2").tobytes())


def heard(audio: bytes, activity: VoiceActivity | None = None) -> list[bool]:
    activity = activity or VoiceActivity()
    return [activity.is_speech(frame) for frame in frames(audio)]


def share(voices: list[bool]) -> float:
    return sum(voices) / len(voices)


def hum(seconds: float) -> bytes:
    times = np.arange(round(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * 50 * number * times + number) / number for number in (1, 2, 3, 4, 5, 6, 8))
    return bytes((wave * 8000).astype("<i2").tobytes())


def pink(seconds: float) -> bytes:
    spectrum = np.fft.rfft(np.random.default_rng(1).normal(size=round(seconds * RATE)))
    wave = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)))
    return bytes((wave / np.abs(wave).max() * 20000).astype("<i2").tobytes())


def babble(seconds: float) -> bytes:
    voices = ["sv", "sv+f2", "sv+m3", "de", "fr", "nl"]
    talk = [spoken("det var en gång en liten by vid havet där alla kände alla " * 6, voice) for voice in voices]
    return mixed(*[at(each, -30) for each in talk])[: round(seconds * RATE) * 2]


def music(seconds: float) -> bytes:
    """Chords that are struck and die away, two a second."""
    rng = np.random.default_rng(1)
    times = np.arange(RATE // 2) / RATE
    chords = []
    for _ in range(round(seconds * 2)):
        root = 110 * 2 ** (rng.integers(0, 12) / 12)
        strings = [root * step * overtone for step in (1, 1.26, 1.5, 2) for overtone in (1, 2, 3)]
        chords.append(sum(np.sin(2 * np.pi * each * times) for each in strings) * np.exp(-3 * times))
    wave = np.concatenate(chords)
    return bytes((wave / np.abs(wave).max() * 20000).astype("<i2").tobytes())


def test_levels_are_relative_to_full_scale() -> None:
    assert level(bytes(320)) < -99
    assert level(b"\xff\x7f\x01\x80" * 80) == pytest.approx(0, abs=0.01)
    assert level(b"\x00\x10" * 160) < -99
    assert level(noise(1.0, level=0.1)) == pytest.approx(-20, abs=0.2)


@pytest.mark.parametrize("dbfs", [-36, -24, -12, -8])
def test_a_word_is_heard_however_loud_the_caller_is(dbfs: float) -> None:
    word = at(spoken("dåligt"), dbfs)
    voices = heard(silence(1.0) + word + silence(0.5))
    assert share(voices[50 : 50 + len(word) // 320]) > 0.5
    assert not any(voices[:50])
    assert not any(voices[-15:])


def test_a_sound_card_that_adds_a_constant_hides_nobody() -> None:
    said = at(spoken(SENTENCE), -34)
    voices = heard(mixed(silence(2.0) + said + silence(1.0), b"\x00\x06" * 60000))
    assert share(voices[100 : 100 + len(said) // 320]) > 0.5


@pytest.mark.parametrize("sound", [silence, noise, pink, hum])
def test_silence_and_steady_noise_are_nobody(sound: Callable[[float], bytes]) -> None:
    for dbfs in (-40, -18):
        loud = sound(6.0) if sound is silence else at(sound(6.0), dbfs)
        assert share(heard(loud)[100:]) < 0.02


@pytest.mark.parametrize("sound", [noise, pink, hum])
@pytest.mark.parametrize("snr", [10, 20])
def test_speech_is_told_from_the_noise_around_it(sound: Callable[[float], bytes], snr: float) -> None:
    said = at(spoken(SENTENCE), -20)
    voices = heard(mixed(silence(3.0) + said + silence(2.0), at(sound(9.0), -20 - snr)))
    first, last = 150, 150 + len(said) // 320
    assert share(voices[100:first]) < 0.1
    assert share(voices[first:last]) > 0.4
    assert share(voices[last + 5 : last + 90]) < 0.05


@pytest.mark.parametrize("sound", [babble, music])
def test_a_room_full_of_sound_is_silent_beside_the_caller(sound: Callable[[float], bytes]) -> None:
    """The caller has spoken once: a television 20 dB weaker is then no reason to go on listening."""
    said = at(spoken(SENTENCE), -18)
    voices = heard(mixed(said + silence(1.0) + said + silence(2.0), at(sound(11.0), -38)))
    after = voices[2 * len(said) // 320 + 55 :][:80]
    assert share(after) < 0.1


def test_a_quieter_voice_is_heard_when_the_louder_one_is_forgotten() -> None:
    activity = VoiceActivity()
    heard(at(spoken(SENTENCE), -10), activity)
    assert share(heard(at(spoken("bra"), -34), activity)) < 0.2
    heard(silence(25.0), activity)
    assert share(heard(at(spoken("bra"), -34), activity)) > 0.4


def test_who_talks_from_the_very_first_moment_is_heard_as_well() -> None:
    said = spoken(SENTENCE)
    assert share(heard(said)) == pytest.approx(share(heard(silence(0.5) + said)[25:]), abs=0.1)


def test_the_callers_own_voice_is_near_and_a_television_behind_it_is_not() -> None:
    activity = VoiceActivity()

    def near(audio: bytes) -> list[bool]:
        return [activity.is_speech(frame) and activity.is_near for frame in frames(audio)]

    assert share(near(at(spoken(SENTENCE), -20))) > 0.5
    assert share(near(at(spoken(SENTENCE, "sv+f2"), -32))) < 0.2


@pytest.mark.parametrize("sound", [noise, pink, hum])
def test_the_hiss_with_which_a_call_begins_is_no_voice(sound: Callable[[float], bytes]) -> None:
    assert not any(heard(at(sound(2.0), -38)))
