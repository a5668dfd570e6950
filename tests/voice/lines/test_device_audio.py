"""Between a device's blocks and a line's frames: nothing is lost, doubled or out of order, however the blocks fall."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.line import FRAME_BYTES, SILENCE
from voice.lines.device_audio import KEPT_SECONDS, Intake, Playback

RATES = [8000, 11025, 16000, 44100, 48000, 96000]
sizes = st.lists(st.integers(1, 3000), min_size=1, max_size=40)


def sweep(rate: int, seconds: float) -> np.ndarray:
    """A sound that differs at every moment."""
    times = np.arange(round(rate * seconds)) / rate
    return np.asarray((9000 * np.sin(2 * np.pi * (200 + 500 * times) * times)).astype("<i2"))


def taken(intake: Intake) -> bytes:
    frames = []
    while (frame := intake.next()) is not None:
        assert len(frame) == FRAME_BYTES
        frames.append(frame)
    return b"".join(frames)


def in_blocks(sound: np.ndarray, lengths: list[int]) -> list[np.ndarray]:
    """All of it, cut into blocks of these lengths over and over."""
    ends = np.cumsum(lengths * (len(sound) // sum(lengths) + 1))
    return np.split(sound, ends[ends < len(sound)])


@given(lengths=sizes, rate=st.sampled_from(RATES), channels=st.sampled_from([1, 2, 4]))
def test_what_comes_in_doesnt_depend_on_the_blocks(lengths: list[int], rate: int, channels: int) -> None:
    sound = sweep(rate, 0.5)
    one, many = Intake(rate, channels), Intake(rate, channels)
    one.take(np.repeat(sound, channels).tobytes())
    for block in in_blocks(sound, lengths):
        many.take(np.repeat(block, channels).tobytes())
    assert taken(one) == taken(many)


@given(lengths=sizes, rate=st.sampled_from(RATES), channels=st.sampled_from([1, 2]))
def test_what_goes_out_doesnt_depend_on_the_blocks(lengths: list[int], rate: int, channels: int) -> None:
    sound = sweep(8000, 0.5).tobytes()
    one, many = Playback(rate, channels), Playback(rate, channels)
    for playback in (one, many):
        playback.queue(sound)
    total = round(rate * 0.6)
    whole = one.give(total)
    lengths = [len(block) for block in in_blocks(np.zeros(total), lengths)]
    assert b"".join(many.give(length) for length in lengths) == whole
    assert len(whole) == 2 * channels * total


@pytest.mark.parametrize("rate", RATES)
def test_out_and_in_again_is_the_same_sound_a_little_later(rate: int) -> None:
    sound = sweep(8000, 1.0)
    playback, intake = Playback(rate, 2), Intake(rate, 2)
    playback.queue(sound.tobytes())
    for _ in range(55):
        intake.take(playback.give(round(rate / 50)))
    back = np.frombuffer(taken(intake), "<i2").astype(float)
    delay = int(np.correlate(back, sound.astype(float), "valid").argmax())
    assert delay < 0.06 * 8000
    difference = back[delay : delay + 8000] - sound
    assert difference[100:-100].std() < 0.02 * sound.std()


def test_at_the_lines_own_rate_not_a_bit_is_changed() -> None:
    sound = sweep(8000, 0.5).tobytes()
    playback, intake = Playback(8000, 1), Intake(8000, 1)
    playback.queue(sound)
    intake.take(playback.give(4000))
    assert taken(intake) == sound


def test_silence_where_nothing_is_queued_and_after_a_cut() -> None:
    playback = Playback(48000, 1)
    assert not any(playback.give(960))
    playback.queue(sweep(8000, 1.0).tobytes())
    playback.give(960 * 10)
    assert playback.playing
    playback.cut()
    assert not playback.playing
    assert not any(playback.give(4800))


def test_it_plays_until_the_last_of_it_has_come_through() -> None:
    playback = Playback(8000, 1)
    playback.latency = 0.06
    playback.queue(SILENCE * 2)
    playing = []
    for _ in range(8):
        playing.append(playback.playing)
        playback.give(160)
    assert playing == [True] * 5 + [False] * 3


def test_of_what_nobody_listened_to_the_last_minute_is_kept() -> None:
    intake = Intake(8000, 1)
    for second in range(KEPT_SECONDS + 5):
        intake.take(bytes([second, 0]) * 8000)
    assert len(intake) == KEPT_SECONDS * 50
    assert (intake.next() or b"")[0] == 5
