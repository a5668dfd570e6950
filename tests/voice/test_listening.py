"""What 20 ms of a call hold, put together from the line's frames."""

import pytest

from tests.voice.speech import spoken
from tests.voice.test_tones import sines
from voice.line import FRAME_BYTES, SILENCE
from voice.lines.recording import RecordingLine
from voice.listening import Listener, Moment


async def moments(line: RecordingLine, count: int = 100) -> list[Moment]:
    listener = Listener(line)
    return [await listener.listen() for _ in range(count)]


async def test_speech_is_passed_on_as_it_is() -> None:
    line, said = RecordingLine(), spoken("det var bra")
    line.say(said, after=0.2)
    heard = await moments(line)
    assert said in b"".join(each.frame for each in heard)
    assert sum(each.is_speech for each in heard) > 0.5 * len(said) / FRAME_BYTES


async def test_keypad_tones_are_keys_and_neither_voice_nor_anything_to_recognise() -> None:
    line = RecordingLine(in_band_keys=True)
    line.press("159", after=0.2)
    heard = await moments(line)
    assert "".join(each.keys for each in heard) == "159"
    assert sum(each.is_speech for each in heard) <= 3  # each tone is known for one after 40 ms
    assert sum(each.frame != SILENCE for each in heard) <= 9


@pytest.mark.parametrize("hertz", [425, 1000])
async def test_a_steady_tone_is_no_voice(hertz: float) -> None:
    line = RecordingLine()
    line.say(sines(1.0, (hertz, -15)), after=0.2)
    heard = await moments(line)
    assert sum(each.is_speech for each in heard) <= 4  # too little for an utterance
    assert any(each.beep for each in heard) is (hertz == 1000)


async def test_tones_are_no_keys_on_a_line_that_signals_them() -> None:
    line = RecordingLine()
    line.say(sines(0.2, (770, -18), (1336, -18)), after=0.2)
    line.press("3", after=0.2)
    assert "".join(each.keys for each in await moments(line)) == "3"


async def test_our_own_voice_coming_back_is_no_speech() -> None:
    line = RecordingLine(echo=0.5)
    line.play(spoken("hur var vårt bemötande"))
    heard = await moments(line)
    assert not any(each.is_speech for each in heard)
    assert heard[0].echoing
    assert not heard[-1].echoing


@pytest.mark.parametrize(("level", "beeps"), [(-20, True), (-40, False)])
async def test_a_beep_far_below_the_voice_is_in_somebodys_kitchen(level: float, beeps: bool) -> None:
    line = RecordingLine()
    line.say(spoken("hallå ja det är anna") + sines(0.5, (1000, level)), after=0.2)
    assert any(each.beep for each in await moments(line, 200)) is beeps
