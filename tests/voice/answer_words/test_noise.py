"""What nobody said is never accepted: silence, noise, tones, music, clicks, clipping, an hour of it."""

import tracemalloc

import numpy as np
import pytest

from voice.answer_words.engine import LONGEST_BYTES, AnswerWords
from voice.answer_words.model import shipped_model
from voice.recognition import Expecting, Trust

RATE = 8000
RNG = np.random.default_rng(7)
TIME = np.arange(RATE) / RATE


def pcm(sound: np.ndarray) -> bytes:
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


def tone(*hertz: float) -> np.ndarray:
    return sum(0.3 * np.sin(2 * np.pi * each * TIME) for each in hertz)


def bursts(count: int) -> np.ndarray:
    """Barking, as a network may take it: falling harmonics with rough edges."""
    sound = np.zeros(RATE)
    for start in np.linspace(800, 6000, count).astype(int):
        inside = np.arange(1200) / RATE
        bark = sum(np.sin(2 * np.pi * 420 * n * inside * (1 - inside)) / n for n in range(1, 7))
        sound[start : start + 1200] += 0.2 * bark * np.exp(-inside * 14)
    return sound


SOUNDS = {
    "silence": np.zeros(RATE),
    "white noise": 0.05 * RNG.standard_normal(RATE),
    "loud noise": 0.5 * RNG.standard_normal(RATE),
    "full scale noise": np.sign(RNG.standard_normal(RATE)),
    "brown noise": np.cumsum(RNG.standard_normal(RATE)) / 300,
    "hum": tone(50, 100, 150),
    "dial tone": tone(425),
    "beep": tone(1000) * (TIME < 0.3),
    "chord": tone(262, 330, 392) * np.exp(-3 * TIME),
    "sweep": 0.4 * np.sin(2 * np.pi * (300 * TIME + 900 * TIME**2)),
    "a click": np.eye(1, RATE, 4000)[0],
    "breath": 0.1 * RNG.standard_normal(RATE) * np.sin(np.pi * TIME),
    "one bark": bursts(1),
    "three barks": bursts(3),
    "clipped square": np.sign(np.sin(2 * np.pi * 140 * TIME)),
    **{f"key {low}+{high}": tone(low, high) for low, high in [(697, 1209), (697, 1336), (697, 1477), (941, 1477)]},
}


@pytest.mark.parametrize("expecting", list(Expecting))
@pytest.mark.parametrize("name", SOUNDS)
async def test_no_word_is_accepted(name, expecting):
    ears = AnswerWords(shipped_model())
    await ears.start(expecting)
    await ears.feed(pcm(np.concatenate([np.zeros(1600), SOUNDS[name], np.zeros(2400)])))
    hearing = await ears.finish()
    assert hearing.trust is not Trust.ACCEPT


@pytest.mark.parametrize("key", [name for name in SOUNDS if name.startswith("key")])
async def test_keypad_tones_are_muted(key):
    ears = AnswerWords(shipped_model())
    await ears.start(Expecting.RATING)
    await ears.feed(pcm(SOUNDS[key]))
    assert ears.candidates() == {}


async def test_an_hour_neither_fills_memory_nor_is_accepted():
    ears = AnswerWords(shipped_model())
    frame = pcm(0.1 * RNG.standard_normal(160))
    await ears.start(Expecting.RATING)
    tracemalloc.start()
    for _ in range(3600 * 50):
        await ears.feed(frame)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 4 * LONGEST_BYTES
    assert (await ears.finish()).trust is Trust.ASK_AGAIN


@pytest.mark.parametrize("sound", [b"", b"\x01", b"\x01\x02\x03", bytes(319), b"\xff" * 641])
async def test_scraps_are_nothing(sound):
    ears = AnswerWords(shipped_model())
    await ears.start(Expecting.YES_NO)
    await ears.feed(sound)
    hearing = await ears.finish()
    assert (hearing.words, hearing.trust) == ("", Trust.ASK_AGAIN)
