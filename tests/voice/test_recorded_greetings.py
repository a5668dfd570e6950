"""Who answered, on a few of the greetings that `bench.answering_machines` has by the hundred.

Voices of Kokoro (Apache-2.0) over a telephone line (tools/greetings.py, bench/_greetings.py); all names are invented.
They are among those by which the numbers were chosen, and come out right: this is to notice when they no longer do.
"""

from pathlib import Path

import pytest

from tests.voice.speech import in_frames, noise
from voice.answering_machine import Callee, GreetingPolicy
from voice.audio_files import read_audio
from voice.ears import Ears
from voice.lines.recording import RecordingLine

GREETINGS = sorted((Path(__file__).parent / "greetings").glob("*.wav"))
INTRODUCTION = noise(9.0)


@pytest.mark.parametrize("file", GREETINGS, ids=lambda file: file.stem)
async def test_people_hear_us_out_and_machines_are_hung_up_on(file: Path) -> None:
    line = RecordingLine()
    line.say(in_frames(read_audio(file)), after=0)
    ears = Ears(line, None)
    machine = await ears.greeting(GreetingPolicy()) is Callee.MACHINE
    if not machine:
        await ears.speak(INTRODUCTION, interruptible=True, machines=GreetingPolicy())
    assert (machine or ears.machine_heard) is file.stem.startswith("machine")
