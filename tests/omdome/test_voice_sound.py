"""`voice devices` and `voice level` from the command line, over a made-up sound card."""

import asyncio
import json
import os
import subprocess
import sys

from omdome.config import CHECKOUT
from tests.voice.lines.conftest import Card, no_card, silent_card, sound_server
from tests.voice.speech import mixed, noise, spoken
from voice.lines.soundcard import SoundcardLine

__all__ = ["no_card", "silent_card", "sound_server"]  # fixtures of the lines' own tests


def voice(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m omdome voice …`, which sees the same sound devices as this test."""
    command = [sys.executable, "-m", "omdome", "voice", *words]
    return subprocess.run(command, cwd=CHECKOUT, env=os.environ, capture_output=True, text=True, check=False)


def test_devices_are_listed_for_people_and_for_scripts(silent_card: Card) -> None:
    shown = voice("devices")
    assert shown.returncode == 0, shown.stderr
    assert "quiet" in shown.stdout
    assert "ALSA" in shown.stdout
    assert "in, out" in shown.stdout
    listed = json.loads(voice("devices", "--json").stdout)
    assert {"number", "name", "inputs", "outputs", "rate", "default_input"} <= listed[0].keys()


def test_a_machine_without_sound_is_told_what_to_do(no_card: None) -> None:
    for words in (["devices"], ["level"]):
        told = voice(*words)
        assert told.returncode == 1
        assert "This machine has no sound device" in told.stderr or "There is no loudspeaker" in told.stderr
        assert "Traceback" not in told.stderr


def test_a_wrong_device_is_named(silent_card: Card) -> None:
    told = voice("level", "--microphone", "trumpet")
    assert told.returncode == 1
    assert "There is no microphone 'trumpet' on this machine" in told.stderr


def test_a_microphone_without_sound_is_called_muted(sound_server: Card) -> None:
    told = voice("level", "--seconds", "1", "--microphone", "ear", "--loudspeaker", "room")
    assert told.returncode == 1, told.stderr
    assert "Nothing comes from this microphone" in told.stdout
    assert "The microphone hears the loudspeaker" in told.stdout  # it does, in this made-up room


async def test_somebody_who_speaks_is_heard_well(sound_server: Card) -> None:
    person = SoundcardLine("ear", "mouth")
    person.play(mixed(spoken("Jag är ganska nöjd med det mesta. " * 10), noise(30, 0.001)))
    level = ["level", "--seconds", "2", "--microphone", "mouth_ear", "--loudspeaker", "room"]
    told = await asyncio.to_thread(voice, *level)
    await person.hang_up()
    assert told.returncode == 0, told.stderr
    assert "Good: the voice is loud and clear enough" in told.stdout
    assert "A tone was played" in told.stdout
