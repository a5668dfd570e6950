"""Recorded calls over SIP: through the dialler, and killed in the middle."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.survey import Disposition
from omdome.cli import app as command_line
from omdome.config import load_config
from omdome.credentials import Credentials
from omdome.demo.clock import GoingOn
from omdome.recordings import recordings
from omdome.texts import load_texts
from omdome.wiring import open_application
from tests.omdome.conftest import Installation
from tests.omdome.test_dialling import CALLS, TUESDAY, calls_of, close_cases, dialling, until
from tests.omdome.test_inbound import THINKS, Town, by_words, short
from tests.voice.call_world import prompts
from tests.voice.lines.sip.far_ends import OurTelephone
from tests.voice.lines.sip.hearing import found, loud
from tests.voice.lines.test_taped import sides
from tests.voice.speech import noise
from voice.audio_files import read_audio, wav
from voice.lines.sip.line import SipLine

PROMPT = noise(0.3)
BRA = Path(__file__).parents[2] / "demo" / "replies" / "bra.wav"
VOICE = '[voice]\nengine = "answer_words"\nanswering_machines = false\nrecording = true\n'


@pytest.fixture
def short_spoken(installation: Installation) -> Installation:
    """An organisation that has recorded very short prompts of its own."""
    studio = installation.folder / "data" / "studio_prompts" / "sv"
    studio.mkdir(parents=True)
    for key in load_texts("sv").below("voice"):
        (studio / f"{key}.wav").write_bytes(wav(PROMPT))
    installation.configure(CALLS + VOICE)
    return installation


async def test_the_dialler_records_who_agrees(short_spoken: Installation) -> None:
    replies = ("key:1", "key:1", str(BRA), "key:2", "key:1")
    with OurTelephone(short_spoken.folder / "far", replies=replies) as far:
        config = load_config(short_spoken.folder / "config.toml")
        async with open_application(config, Credentials(), GoingOn(TUESDAY)) as app:
            (number,) = await close_cases(app, 1)
            stop = asyncio.Event()
            running = asyncio.create_task(dialling(app, far.address, stop))

            async def over() -> bool:
                return await calls_of(app, number) == ["held"]

            await until(over)
            stop.set()
            await running
            (recorded,) = recordings(app)
            async with app.store.look() as tx:
                invitation = await tx.invitation(number)
                assert invitation is not None
                assert invitation.disposition is Disposition.COMPLETED
    theirs, ours = sides(recorded.sound)
    assert recorded.invitation_id == number
    assert found(read_audio(BRA), theirs) > 0.6, "the caller is to the right"
    assert found(PROMPT, ours) > 0.9, "and we are to the left"
    assert loud(theirs) < 2.0, "and nothing of ours"
    assert [each.get("key") or each.get("text") for each in recorded.transcript() if each["who"] == "caller"] == [
        "1", "bra", "2", "1",
    ]  # fmt: skip


def test_what_was_recorded_until_a_kill_is_there_and_can_be_erased(
    short_spoken: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OurTelephone(short_spoken.folder / "far", replies=("key:1", "key:1", str(BRA))) as far:

        async def close_case() -> None:
            config = load_config(short_spoken.folder / "config.toml")
            async with open_application(config, Credentials()) as app:
                await close_cases(app, 1)

        asyncio.run(close_case())
        process = short_spoken.start("call", "--sip", far.address, "--case", "SK-0")
        folder = short_spoken.folder / "data" / "recordings"
        wait_for(folder, "heard.bra")
        process.kill()
        process.wait(10)
    (sound,) = folder.glob("*.wav")
    theirs, ours = sides(sound)
    assert sound.stat().st_size == 44 + 2 * len(theirs), "its header tells all that there is"
    assert found(read_audio(BRA), theirs) > 0.6
    assert found(PROMPT, ours) > 0.9
    monkeypatch.setenv("OMDOME_CONFIG", str(short_spoken.folder / "config.toml"))
    told = CliRunner().invoke(command_line, ["erase", "+46701740605", "--yes", "--json"])
    assert json.loads(told.stdout)["recordings"] == 1
    assert list(folder.iterdir()) == []


async def test_who_rings_us_is_asked_too(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    monkeypatch.setattr("omdome.voices.prompts_of", short)
    monkeypatch.setattr("omdome.inbound._RINGS_SECONDS", 0.0)
    installation.configure(CALLS + VOICE + '[sip]\nhost = "127.0.0.1"\n')
    config = load_config(installation.folder / "config.toml")

    def agrees(line: SipLine, prompt: str) -> None:
        if prompt == "recording.full":
            asyncio.get_running_loop().call_later(THINKS, line.press, "1")
        by_words(line, prompt)

    async with open_application(config, Credentials(), GoingOn(TUESDAY)) as app, AsyncExitStack() as stack:
        (number,) = await close_cases(app, 1)
        town = Town(app, stack)
        await town.open()
        await town.hears(does=agrees)
        assert await town.settled(number) == ["held, inbound"]
        (recorded,) = recordings(app)
    assert town.said[3:6] == ["disclosure_recorded", "consent.full", "recording.full"]
    theirs, ours = sides(recorded.sound)
    assert found(read_audio(BRA), theirs) > 0.6
    assert found(prompts("sv", 0.2).sound, ours) > 0.9


def wait_for(folder: Path, prompt: str) -> None:
    """Until that has been said in the only call."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for words in folder.glob("*.jsonl"):
            if any(json.loads(line).get("prompt") == prompt for line in words.read_text("utf-8").splitlines()):
                return
        time.sleep(0.05)
    raise AssertionError(f"{prompt} was never said")
