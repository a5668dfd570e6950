"""The demonstration's calls: real SIP and real speech recognition, answers beside those of the chat."""

import subprocess
import sys
import wave
from datetime import datetime, time

import numpy as np
import pytest

from models.rating import Rating
from models.survey import Channel
from omdome.commands.demo import tell_calls
from omdome.config import CHECKOUT, load_config
from omdome.console import MISUSE
from omdome.credentials import read_credentials
from omdome.demo import invented
from omdome.demo.clock import SimulatedClock
from omdome.demo.half_year import WORSE_UNIT, monday_morning
from omdome.demo.living import going_by
from omdome.demo.phone_act import phone_calls
from omdome.demo.phone_call import call_somebody
from omdome.demo.phone_calls import BUSY, PRESSING, SPEAKING
from omdome.digests import figures
from omdome.only_one import only_one
from omdome.policies import recipients_of
from omdome.texts import load_texts
from omdome.wiring import open_application
from voice.audio_files import write_wav
from voice.call import Ending
from voice.prompts.library import wordings_of
from voice.transcript import Entry, Who

PROMPT_SECONDS = 0.6


def hum() -> bytes:
    """What is said in these calls, so that they don't take a minute."""
    times = np.arange(round(PROMPT_SECONDS * 8000)) / 8000
    return (6000 * np.sin(2 * np.pi * 300 * times)).astype("<i2").tobytes()


@pytest.fixture
async def stage(tmp_path):
    """The half-year's last week alone, until those who haven't answered are to be called."""
    async with going_by(tmp_path, weeks=1) as half_year:
        assert await half_year.over(lambda done, of: None) > 15
    config = load_config(invented.FOLDER / "config.toml")
    storage = config.storage.model_copy(update={"url": f"sqlite:///{tmp_path / 'half-year.db'}"})
    voice = config.voice.model_copy(update={"engine": "answer_words", "studio_prompts": f"{tmp_path / 'studio'}"})
    config = config.model_copy(update={"storage": storage, "voice": voice})
    clock = SimulatedClock(monday_morning(invented.WEEK))
    async with open_application(config, read_credentials({}), clock) as app:
        yield app, clock


@pytest.fixture
def short_prompts(tmp_path):
    folder = tmp_path / "studio" / "sv"
    folder.mkdir(parents=True)
    for key in wordings_of(load_texts("sv"), "Exempelkommunen"):
        write_wav(folder / f"{key}.wav", hum())


async def channels_of(app, clock):
    """By which way the digest says that they answered."""
    await invented.live_on(app, clock, weeks=1)
    clock.move_to(datetime.combine(invented.WEEK.shifted(1).monday, time(6), app.config.organisation.timezone))
    digest = await figures(app, invented.WEEK, recipients_of(app.config)[0], load_texts("sv"))
    channels = dict(digest.account.channels)
    assert channels.pop(Channel.CHAT) > 30
    return channels


def sides(file):
    """The loudest of each channel, 0..1."""
    with wave.open(str(file)) as sound:
        assert sound.getnchannels() == 2
        both = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2)
    return np.abs(both.astype(np.int32)).max(axis=0) / 32768


@pytest.mark.timeout(300)
async def test_three_are_called_over_sip_by_the_dialler(stage, short_prompts, tmp_path, capsys):
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    app, clock = stage
    asked = await invented.to_be_called(app)
    left = await phone_calls(app, clock, tmp_path)

    answers = {}
    async with app.store.look() as tx:
        for number, (invitation, stored) in asked.items():
            assert stored.case.unit == WORSE_UNIT
            answers[number] = [(each.rating, each.engine.partition("/")[0]) for each in await tx.answers(invitation.id)]
    assert answers == {
        SPEAKING: [(rating, "answer_words") for rating in (Rating.BRA, Rating.OK, Rating.BRA)],
        PRESSING: [(rating, "key") for rating in (Rating.BRA, Rating.BRA, Rating.DALIGT)],
        BUSY: [],
    }
    assert await channels_of(app, clock) == {Channel.PHONE: 2}

    told = capsys.readouterr().out
    assert "busy, SIP 486, AAPOR 3.12" in told
    assert "today: 2 held, 1 busy" in told
    assert "+467" not in told, "no numbers"
    assert [file.name for file in left] == [
        "samtal-ord.wav",
        "samtal-ord.txt",
        "samtal-knappar.wav",
        "samtal-knappar.txt",
    ]
    for sound in (left[0], left[2]):
        ours, theirs = sides(sound)
        assert ours == pytest.approx(6000 / 32768, rel=0.1), "what came out at the customer's end"
        assert theirs > 0.1, "their words, or the tones of their keys"
    words, keys = left[1].read_text("utf-8"), left[3].read_text("utf-8")
    assert "Fick du svar på din fråga" in words
    assert "caller  okej" in words
    assert "caller  [3]   → dåligt" in keys


async def test_where_there_is_no_sip_stack_somebody_is_called_by_recording(stage, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "baresip", None)  # as if it weren't installed
    app, clock = stage
    left = await phone_calls(app, clock, tmp_path)

    assert "baresip-python has no wheel for this system" in capsys.readouterr().out
    assert [file.name for file in left] == ["samtal.wav", "samtal.txt"]
    assert await channels_of(app, clock) == {Channel.PHONE: 1}


async def test_somebody_is_called_by_recording_and_counted(stage, tmp_path):
    transcript: list[Entry] = []
    app, clock = stage
    called = await call_somebody(app, clock, tmp_path / "samtal.wav", transcript.append)

    assert called.case.case.unit == WORSE_UNIT
    assert called.report.ending is Ending.FINISHED
    assert [answer.rating for answer in called.answers] == [Rating.BRA, Rating.OK, Rating.DALIGT]
    assert {answer.channel for answer in called.answers} == {Channel.PHONE}
    assert await channels_of(app, clock) == {Channel.PHONE: 1}
    heard = {entry.text for entry in transcript if entry.who is Who.CALLER and entry.text}
    assert heard == {"ja", "bra", "okej", "dåligt"}, "“ja” also where it was asked whether that was heard rightly"
    with wave.open(str(tmp_path / "samtal.wav")) as sound:
        assert sound.getnframes() / sound.getframerate() > 60


def test_whoever_listens_is_told_who_is_on_which_side_and_why_it_was_kept(tmp_path, capsys):
    tell_calls([tmp_path / "samtal-ord.wav"])
    told = capsys.readouterr().out
    assert "we to the left, the customer to the right" in told
    assert "A real call is recorded only where [voice] recording is on" in told
    assert told.endswith("samtal-ord.wav\n")


def test_one_demonstration_at_a_time_in_a_folder(tmp_path):
    with only_one(tmp_path / "demo.lock"):
        command = [sys.executable, "-m", "omdome", "demo", "--out", str(tmp_path)]
        other = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert other.returncode == MISUSE
    assert "another demonstration is on" in other.stderr
