"""A recorded caller: when they speak, press and leave, and what is kept of it."""

import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voice.lines.hearing import hear
from tests.voice.speech import noise
from voice.line import FRAME_BYTES, RATE, SILENCE, LineTraits
from voice.lines.keypad import tones
from voice.lines.recording import RecordingLine
from voice.tones import KeypadTones

PROMPT = b"\x01\x10" * 160 * 50  # a second
REPLY = b"\x02\x20" * 160 * 25  # half a second


def when_heard(line_frames: list[bytes]) -> list[int]:
    """The numbers of the frames in which the caller was heard."""
    return [number for number, frame in enumerate(line_frames) if frame != SILENCE]


async def test_the_caller_answers_when_the_prompt_has_ended_and_a_pause_has_passed() -> None:
    line = RecordingLine()
    line.say(REPLY)
    line.play(PROMPT)
    heard = await hear(line, 2.0)
    assert [each.playing for each in heard] == [True] * 50 + [False] * 50
    assert when_heard([each.frame for each in heard]) == list(range(70, 95))  # 1.0 s of prompt, 0.4 s of pause


async def test_replies_told_beforehand_wait_for_their_prompts() -> None:
    line = RecordingLine()
    line.say(REPLY)
    line.press("3", pause=0.1)
    line.leave(pause=0)
    assert when_heard([each.frame for each in await hear(line, 1.0)]) == []  # nobody has spoken to the caller yet
    line.play(PROMPT)
    await hear(line, 3.0)
    assert not line.idle
    line.play(PROMPT)
    heard = await hear(line, 2.0)
    assert [(at, each.keys) for at, each in enumerate(heard) if each.keys] == [(55, "3")]
    line.play(PROMPT)
    heard = await hear(line, 2.0)
    assert [each.hung_up for each in heard].index(True) == 50


async def test_a_reply_decided_while_the_prompt_plays_comes_after_it() -> None:
    line = RecordingLine()
    line.play(PROMPT)
    await hear(line, 0.5)
    line.say(REPLY)
    heard = await hear(line, 1.5)
    assert when_heard([each.frame for each in heard]) == list(range(45, 70))


async def test_talking_over_a_prompt() -> None:
    line = RecordingLine()
    line.play(PROMPT)
    line.say(REPLY, after=0.2)
    line.press("19", after=0)
    heard = await hear(line, 2.0)
    assert when_heard([each.frame for each in heard]) == list(range(10, 35))
    assert [(at, each.keys) for at, each in enumerate(heard) if each.keys] == [(35, "1"), (45, "9")]


async def test_what_is_cut_is_silent_at_once_and_the_caller_goes_on_from_there() -> None:
    line = RecordingLine()
    line.say(REPLY)
    line.play(PROMPT * 10)
    await hear(line, 0.5)
    line.cut()
    heard = await hear(line, 1.0)
    assert not any(each.playing for each in heard)
    assert when_heard([each.frame for each in heard])[0] == 20


async def test_keys_can_be_sounds() -> None:
    line = RecordingLine(in_band_keys=True)
    assert line.traits == LineTraits(signals_keys=False, echo_free=True)
    line.press("1#", after=0)
    heard = await hear(line, 0.4)
    assert b"".join(each.frame for each in heard) == tones("1#")
    assert not any(each.keys for each in heard)


async def test_keys_as_sounds_are_understood_also_in_noise() -> None:
    line = RecordingLine(in_band_keys=True, background=noise(1.0, 0.003))
    line.press("1234567890*#", after=0.3)
    keypad = KeypadTones()
    assert "".join([keypad.hear(heard.frame) for heard in await hear(line, 3.0)]) == "1234567890*#"


async def test_a_key_tone_has_the_two_frequencies_of_its_row_and_column() -> None:
    spectrum = np.abs(np.fft.rfft(np.frombuffer(tones("6"), "<i2")[:800]))
    assert sorted(np.argsort(spectrum)[-2:] * RATE / 800) == [770, 1480]  # 1477 Hz in steps of 10


@pytest.mark.parametrize("keys", ["", "A", "1 2", "ett"])
async def test_what_no_telephone_has_cant_be_pressed(keys: str) -> None:
    with pytest.raises(ValueError, match="0 to 9"):
        RecordingLine().press(keys)


async def test_background_is_heard_all_the_time_and_under_the_caller() -> None:
    hum = b"\x05\x00" * 160
    line = RecordingLine(background=hum)
    line.say(b"\x10\x00" * 160, after=0.02)
    assert [each.frame[0] for each in await hear(line, 0.06)] == [5, 21, 5]


async def test_an_echo_is_declared_and_comes_back_weaker_and_later() -> None:
    line = RecordingLine(echo=0.25)
    assert not line.traits.echo_free
    line.play(b"\x00\x04" * 160 * 2)
    levels = [int(np.frombuffer(each.frame, "<i2").max()) for each in await hear(line, 0.12)]
    assert levels == [0, 0, 0, 256, 256, 0]


async def test_the_whole_call_is_kept_with_both_sides_apart() -> None:
    line = RecordingLine()
    line.say(REPLY)
    line.play(PROMPT)
    heard = await hear(line, 2.0)
    with wave.open(io.BytesIO(line.mix())) as call:
        assert (call.getnchannels(), call.getframerate(), call.getsampwidth()) == (2, RATE, 2)
        both = np.frombuffer(call.readframes(call.getnframes()), "<i2").reshape(-1, 2)
    assert both[:, 0].tobytes() == PROMPT + bytes(len(PROMPT))
    assert both[:, 1].tobytes() == b"".join(each.frame for each in heard)


async def test_paced_time_passes_while_nobody_listens() -> None:
    import asyncio

    line = RecordingLine(paced=True)
    line.say(REPLY, after=0)
    line.play(PROMPT[: FRAME_BYTES * 2])
    await asyncio.sleep(0.2)
    line.play(PROMPT[: FRAME_BYTES * 2])  # late: begins now, not where the first one ended
    heard = await hear(line, 0.26)
    playing = [each.playing for each in heard]
    assert playing[:10] == [True, True] + [False] * 8
    assert True in playing[10:]
    assert heard[0].behind
    assert not heard[-1].behind


@given(st.lists(st.tuples(st.sampled_from(["say", "press", "play", "cut"]), st.integers(0, 30)), max_size=12))
async def test_the_same_call_has_the_same_frames_every_time(steps: list[tuple[str, int]]) -> None:
    async def call() -> tuple[list[object], bytes]:
        line = RecordingLine(background=b"\x01\x02\x03\x04" * 500)
        heard: list[object] = []
        for what, frames in steps:
            match what:
                case "say":
                    line.say(REPLY[: 7 * frames // 2 * 2], after=frames / 100)
                case "press":
                    line.press("12")
                case "play":
                    line.play(PROMPT[: FRAME_BYTES * frames])
                case _:
                    line.cut()
            heard += await hear(line, frames / 50)
        return heard, line.mix()

    first, second = await call(), await call()
    assert first == second
    assert len(first[0]) == sum(frames for _, frames in steps)
