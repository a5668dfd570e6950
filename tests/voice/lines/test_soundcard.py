"""The sound card: what comes through a real sound server, devices that are not there, and devices that go away."""

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.voice.lines.conftest import Card
from tests.voice.lines.hearing import hear
from voice.answer_words.engine import AnswerWordsEngine
from voice.audio_files import in_frames, read_audio
from voice.ears import Ears, TurnPolicy
from voice.line import SILENCE, Heard
from voice.lines import keypad
from voice.lines.sound_devices import SoundcardError, devices
from voice.lines.soundcard import SoundcardLine
from voice.outcomes import Key, Utterance
from voice.recognition import Expecting

CHECKOUT = Path(__file__).parents[3]


def tone(hertz: float, seconds: float) -> bytes:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(8000 * seconds)) / 8000)).astype("<i2").tobytes()


def loud(heard: list[Heard]) -> list[bool]:
    return [bool(np.frombuffer(each.frame, "<i2").std() > 2000) for each in heard]


def pitch(heard: list[Heard]) -> float:
    samples = np.frombuffer(b"".join(each.frame for each in heard), "<i2")
    return float(np.abs(np.fft.rfft(samples)).argmax() * 8000 / len(samples))


async def test_what_is_played_is_heard_as_it_was(sound_server: Card) -> None:
    line = SoundcardLine(sound_server.microphone, sound_server.loudspeaker)
    await hear(line, 0.2)
    line.play(tone(700, 0.5))
    heard = await hear(line, 1.2)
    sounding = [each for each, is_loud in zip(heard, loud(heard), strict=True) if is_loud]
    assert 21 <= len(sounding) <= 32  # half a second, not in a burst; a busy machine may put gaps into it
    assert abs(pitch(sounding) - 700) < 20
    assert not any(each for each, is_loud in zip(heard, loud(heard), strict=True) if is_loud and not each.playing)
    await line.hang_up()


async def test_cutting_silences_the_room_and_the_next_prompt_begins_afresh(sound_server: Card) -> None:
    line = SoundcardLine(sound_server.microphone, sound_server.loudspeaker)
    line.play(tone(700, 20))
    await hear(line, 0.6)
    line.cut()
    before = await hear(line, 0.5)
    assert not any(loud(before)[15:])  # what was on its way through the server is still heard
    line.play(tone(1100, 0.3))
    heard = await hear(line, 0.8)
    assert abs(pitch([each for each, is_loud in zip(heard, loud(heard), strict=True) if is_loud]) - 1100) < 20
    await line.hang_up()


async def test_what_was_said_while_nobody_listened_is_kept(sound_server: Card) -> None:
    line = SoundcardLine(sound_server.microphone, sound_server.loudspeaker)
    line.play(tone(700, 0.3))
    await asyncio.sleep(1)
    heard = await hear(line, 0.8)
    assert heard[0].behind
    assert 12 <= sum(loud(heard)) <= 20
    await line.hang_up()


async def test_a_caller_at_the_machine_is_asked_and_heard(sound_server: Card) -> None:
    ours = SoundcardLine("mouth_ear", "room")
    caller = SoundcardLine("ear", "mouth")  # the person: hears our loudspeaker, speaks into our microphone
    prompt, reply = tone(440, 1.0), read_audio(CHECKOUT / "demo" / "replies" / "bra.wav")

    async def answer() -> None:
        while not any(loud([await caller.listen()])):
            pass
        quiet = 0
        while quiet < 20:
            quiet = 0 if any(loud([await caller.listen()])) else quiet + 1
        caller.play(reply)

    answering = asyncio.create_task(answer())
    ears = Ears(ours, await AnswerWordsEngine().recognizer())
    outcome = await ears.turn(in_frames(prompt), Expecting.RATING, TurnPolicy())
    assert isinstance(outcome, Utterance)
    assert outcome.hearing.words == "bra"
    await answering
    await caller.hang_up()
    await ours.hang_up()


async def test_keys_are_typed_or_come_as_tones_over_a_phone_adapter(sound_server: Card) -> None:
    ours = SoundcardLine("mouth_ear", "room")
    telephone = SoundcardLine("ear", "mouth")
    ears = Ears(ours, None)
    await hear(ours, 0.2)
    telephone.play(keypad.tones("3"))
    assert await ears.turn(b"", Expecting.RATING, TurnPolicy()) == Key("3")
    ours.press("2")
    assert await ears.turn(b"", Expecting.RATING, TurnPolicy()) == Key("2")
    await telephone.hang_up()
    await ours.hang_up()


async def test_a_sound_server_that_dies_ends_the_call(sound_server: Card) -> None:
    line = SoundcardLine(sound_server.microphone, sound_server.loudspeaker)
    await hear(line, 0.2)
    assert sound_server.server is not None
    sound_server.server.terminate()
    async with asyncio.timeout(10):
        while not (await line.listen()).hung_up:
            pass
    line.play(tone(700, 0.3))
    assert await line.listen() == Heard(SILENCE, hung_up=True)
    await line.hang_up()


async def test_devices_are_listed_and_chosen_by_number_or_part_of_the_name(silent_card: Card) -> None:
    listed = {device.name: device for device in devices()}
    assert listed["quiet"].system == "ALSA"
    assert listed["default"].default_input
    assert not listed["quiet"].default_input
    assert listed["quiet"].inputs > 0
    for choice in ("quie", listed["quiet"].number, None):
        line = SoundcardLine(choice, choice)
        assert len(await hear(line, 0.1)) == 5
        await line.hang_up()


@pytest.mark.parametrize("choice", ["trumpet", 99])
async def test_a_device_that_isnt_there_is_named(silent_card: Card, choice: int | str) -> None:
    with pytest.raises(SoundcardError, match=rf"There is no microphone {choice!r}.*voice devices"):
        SoundcardLine(choice)
    with pytest.raises(SoundcardError, match=rf"There is no loudspeaker {choice!r}.*voice devices"):
        SoundcardLine("quiet", choice)


async def test_a_machine_without_sound_says_so(no_card: None) -> None:
    assert devices() == []
    with pytest.raises(SoundcardError, match="There is no loudspeaker on this machine"):
        SoundcardLine()


def test_without_portaudio_the_package_is_named_and_only_the_sound_card_needs_it() -> None:
    program = """
import ctypes.util, sys
ctypes.util.find_library = lambda name: None
import voice.lines.soundcard, voice.lines.recording, voice.audio_files
assert "sounddevice" not in sys.modules
from voice.lines import keypad
from voice.lines.sound_devices import SoundcardError, devices
try:
    devices()
except SoundcardError as problem:
    print(problem)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    if "libportaudio2" not in done.stdout and sys.platform != "linux":
        pytest.skip("the wheel of this system brings PortAudio")
    assert "apt-get install libportaudio2" in done.stdout
    assert done.stderr == ""
