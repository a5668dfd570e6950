"""Calls are recorded only where that is on and after a yes; what is recorded is found, given out and deleted."""

import asyncio
import json
import os
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from models.case import Address, AddressKind, ClosedCase
from models.survey import Channel, Invitation
from omdome import jobs
from omdome.calls import interview_of
from omdome.cli import app as command_line
from omdome.config import load_config
from omdome.console import Problem
from omdome.credentials import Credentials
from omdome.recordings import Recorded, folder_of, purge_recordings, recordings
from omdome.taping import hold_recorded
from omdome.trial import make_trial
from omdome.wiring import Application, open_application
from tests.omdome.conftest import Installation
from tests.voice.call_world import CALLS, TUESDAY, FixedClock, presses, prompts
from tests.voice.speech import noise
from voice.audio_files import read_audio
from voice.call import CallReport
from voice.line import FRAME_BYTES
from voice.lines.recording import RecordingLine

ON = "[voice]\nrecording = true\n"
VOICE = noise(20.0, level=0.02, seed=7)
PHONE = "+46701740605"
OTHER = "+46701740606"
YES = {"consent": "1", "recording": "1", "question": "1"}


@dataclass
class Town:
    """Customers to call, in a real installation."""

    app: Application
    clock: FixedClock
    numbers: list[int] = field(default_factory=list)

    async def close_cases(self) -> None:
        """Two customers, SK-0 and SK-1, are asked."""
        when, until = TUESDAY - timedelta(hours=1), TUESDAY + timedelta(days=14)
        for case_id, phone in (("SK-0", PHONE), ("SK-1", OTHER)):
            case = ClosedCase(case_id=case_id, closed_at=when, unit="Gata", phone=phone)
            async with self.app.store.step() as tx:
                await tx.put_cases([case], when)
                (number,) = [each.id for each in await tx.undecided(9) if each.case == case]
                token = f"{number:022}"
                asked = Invitation(
                    id=0, case_number=number, token=token, language="sv", created_at=when, expires_at=until
                )
                self.numbers += [each.id for each in await tx.put_invitations([asked])]

    async def call(self, customer: int = 0, **keys: str) -> CallReport:
        """One of them is called, talks all the time, and presses these keys."""
        line, act = RecordingLine(background=VOICE), presses(**keys)
        async with self.app.store.look() as tx:
            invitation = await tx.invitation(self.numbers[customer])
        assert invitation is not None
        interview, policy = interview_of(self.app, invitation), replace(CALLS, no_input_seconds=2.0)
        return await hold_recorded(self.app, line, None, prompts(), interview, policy, lambda entry: act(line, entry))

    def recorded(self) -> list[Recorded]:
        return recordings(self.app)

    def files(self) -> list[Path]:
        folder = folder_of(self.app)
        return sorted(folder.iterdir()) if folder.exists() else []

    async def deletions(self) -> list[tuple[object, object]]:
        async with self.app.store.look() as tx:
            return [(each["kind"], each["count"]) for each in await tx.deletions()]


@pytest.fixture
async def town(installation: Installation) -> AsyncIterator[Town]:
    installation.configure(ON)
    async with opened(installation) as made:
        await made.close_cases()
        yield made


class opened:  # noqa: N801 - reads as what it does
    """The installation's application, on a Tuesday."""

    def __init__(self, installation: Installation) -> None:
        self._config, self._clock = load_config(installation.folder / "config.toml"), FixedClock(TUESDAY)
        self._opening = open_application(self._config, Credentials(), self._clock)

    async def __aenter__(self) -> Town:
        return Town(await self._opening.__aenter__(), self._clock)

    async def __aexit__(self, *how: Any) -> None:
        await self._opening.__aexit__(*how)


# --- what is written -------------------------------------------------------------------------------------------------

_written: list[str] = []
_watching = False


def _note_writing(event: str, details: tuple[Any, ...]) -> None:
    if _watching and event == "open" and details[2] & (os.O_WRONLY | os.O_RDWR):
        _written.append(str(details[0]))


@contextmanager
def written() -> Iterator[list[str]]:
    """The files that this process opens for writing meanwhile, wherever they are."""
    global _watching
    if "installed" not in _written:
        sys.addaudithook(_note_writing)
    _written[:] = []
    _watching = True
    found: list[str] = []
    try:
        yield found
    finally:
        _watching = False
        found += _written
        _written[:] = ["installed"]


def in_any_file(folder: Path, audio: bytes) -> bool:
    """Whether any second frame of it stands in a file somewhere below."""
    frames = [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES * 2)]
    contents = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return any(frame in content for frame in frames for content in contents)


async def test_after_a_yes_the_call_is_kept_for_this_user_alone(town: Town) -> None:
    with written() as files:
        await town.call(**YES)
    (recorded,) = town.recorded()
    assert (recorded.began, recorded.invitation_id) == (TUESDAY, town.numbers[0])
    assert 5 < recorded.seconds < 30
    assert recorded.seconds == len(read_audio(recorded.sound)) / 16000
    assert recorded.transcript()[-1]["prompt"] == "thanks.completed"
    assert set(files) == {str(recorded.sound), str(recorded.words)}, "and nothing else is written"
    assert [stat.S_IMODE(file.stat().st_mode) for file in (folder_of(town.app), *town.files())] == [0o700, 0o600, 0o600]
    assert "701740605" not in "".join(file.name for file in town.files())


@pytest.mark.parametrize("answer", ["2", "#", "5", ""])
async def test_without_a_yes_not_one_sound_is_written(town: Town, installation: Installation, answer: str) -> None:
    with written() as files:
        report = await town.call(**(YES | {"recording": answer}))
    assert any(entry.prompt == "recording.off" for entry in report.transcript)
    assert files == []
    assert not in_any_file(installation.folder, VOICE)


async def test_where_it_is_off_nobody_is_asked_and_not_one_sound_is_written(
    town: Town, installation: Installation
) -> None:
    voice = town.app.config.voice.model_copy(update={"recording": False})
    config = town.app.config.model_copy(update={"voice": voice})
    town.app = replace(town.app, config=config)
    with written() as files:
        report = await town.call(**YES)
    said = [entry.prompt for entry in report.transcript]
    assert "disclosure" in said
    assert not any(prompt.startswith("recording") or prompt == "disclosure_recorded" for prompt in said)
    assert (files, town.files()) == ([], [])
    assert not in_any_file(installation.folder, VOICE)


def test_off_is_the_default(installation: Installation) -> None:
    assert not load_config(installation.folder / "config.toml").voice.recording


async def test_who_presses_nine_is_not_kept(town: Town, installation: Installation) -> None:
    await town.call(**(YES | {"question_tillganglighet": "9"}))
    assert town.files() == []
    assert await town.deletions() == [("recordings", 1)]
    assert not in_any_file(installation.folder, VOICE)


# --- how long --------------------------------------------------------------------------------------------------------


async def test_it_is_kept_as_long_as_the_rule_says(town: Town) -> None:
    await town.call(**YES)
    town.clock.time = TUESDAY + timedelta(days=30)
    assert await purge_recordings(town.app) == 0
    assert len(town.files()) == 2
    town.clock.time += timedelta(seconds=1)
    await jobs.purge_recordings(town.app)
    assert (town.files(), await town.deletions()) == ([], [("recordings", 1)])


async def test_who_refuses_later_in_any_channel_is_not_kept(town: Town) -> None:
    await town.call(**YES)
    await town.call(1, **YES)
    async with town.app.store.step() as tx:
        await tx.opt_out([Address(AddressKind.PHONE, PHONE)], TUESDAY, Channel.WEB)
    assert await purge_recordings(town.app) == 1
    assert [each.invitation_id for each in town.recorded()] == [town.numbers[1]]


async def test_what_belongs_to_nobody_any_more_goes(town: Town) -> None:
    """Their case has been deleted; or another database stood here when it was made."""
    await town.call(**YES)
    (recorded,) = town.recorded()
    before = f"20200101T000000Z-{recorded.name.split('-', 1)[1]}"
    for file in (recorded.sound, recorded.words):
        file.rename(file.with_stem(before.replace("20200101", "20261101")))
    assert await purge_recordings(town.app) == 1
    await town.call(1, **YES)
    async with town.app.store.step() as tx:
        await tx.purge("cases", TUESDAY, TUESDAY)
    assert await purge_recordings(town.app) == 1
    assert town.files() == []


async def test_what_could_not_be_found_by_whose_it_is_goes(town: Town) -> None:
    await town.call(**YES)
    async with town.app.store.step() as tx:
        await tx.purge("contacts", TUESDAY, TUESDAY)
    assert await purge_recordings(town.app) == 1
    assert town.files() == []


async def test_ones_own_trials_stay_until_their_time(town: Town) -> None:
    _, invitation = await make_trial(town.app, "sv", "Provsamtal", "")
    town.numbers.append(invitation.id)
    await town.call(2, **YES)
    assert await purge_recordings(town.app) == 0
    town.clock.time = TUESDAY + timedelta(days=31)
    assert await purge_recordings(town.app) == 1


async def test_what_is_none_of_ours_stays(town: Town) -> None:
    await town.call(**YES)
    note = folder_of(town.app) / "läs mig.txt"
    note.write_text("hej")
    town.clock.time = TUESDAY + timedelta(days=60)
    await purge_recordings(town.app)
    assert town.files() == [note]


# --- a person's rights -----------------------------------------------------------------------------------------------


@pytest.fixture
def recorded_town(installation: Installation) -> Installation:
    """Two customers, each called and recorded."""

    async def hold() -> None:
        async with opened(installation) as town:
            await town.close_cases()
            await town.call(**YES)
            await town.call(1, **YES)

    keeps = "[privacy]\ncontacts_days = 0\ncases_days = 0\n"  # the commands go by today's clock, the town doesn't
    installation.configure(keeps + ON.replace("true", "true\nrecording_days = 3650"))
    asyncio.run(hold())
    return installation


Run = Callable[..., Result]


@pytest.fixture
def omdome(recorded_town: Installation, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process: `omdome("erase", "x@y.se")`."""
    monkeypatch.setenv("OMDOME_CONFIG", str(recorded_town.folder / "config.toml"))
    return lambda *arguments: CliRunner().invoke(command_line, list(arguments))


def problem(result: Result) -> tuple[int, str]:
    assert isinstance(result.exception, Problem), result.output
    return result.exception.code, str(result.exception)


def test_erasing_a_person_erases_their_recordings_and_no_others(recorded_town: Installation, omdome: Run) -> None:
    assert json.loads(omdome("erase", "070-174 06 05", "--yes", "--json").stdout)["recordings"] == 1
    (left,) = json.loads(omdome("voice", "recordings", "list", "--json").stdout)
    assert left["case_id"] == "SK-1"
    kinds = {each["kind"]: each["count"] for each in json.loads(omdome("purge", "--history", "--json").stdout)}
    assert kinds["recordings"] == 1
    assert len(list((recorded_town.folder / "data" / "recordings").iterdir())) == 2


def test_a_person_is_not_erased_half(recorded_town: Installation, omdome: Run) -> None:
    """While a recording of theirs can't be deleted it must be known whose it is."""
    words = next((recorded_town.folder / "data" / "recordings").glob("*-1-*.jsonl"))
    words.unlink()
    (words / "in the way").mkdir(parents=True)
    code, told = problem(omdome("erase", PHONE, "--yes"))
    assert (code, f"{words}: can't be deleted" in told) == (1, True)
    (words / "in the way").rmdir()
    words.rmdir()
    assert len(json.loads(omdome("export", PHONE).stdout)["cases"]) == 1
    assert "1 recordings" in omdome("erase", PHONE, "--yes").stdout


def test_a_person_is_given_what_was_said_and_the_sound(recorded_town: Installation, omdome: Run) -> None:
    (recorded,) = json.loads(omdome("export", PHONE).stdout)["recordings"]
    assert recorded["transcript"][-1]["prompt"] == "thanks.completed"
    to = recorded_town.folder / "out"
    assert omdome("voice", "recordings", "export", recorded["name"], "--to", str(to)).exit_code == 0
    assert sorted(file.suffix for file in to.iterdir()) == [".jsonl", ".wav"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in to.iterdir()} == {0o600}
    code, told = problem(omdome("voice", "recordings", "export", "--case", "SK-0", "--to", str(to)))
    assert (code, "is not overwritten" in told) == (2, True)


def test_they_are_listed_and_deleted_by_name_or_case(omdome: Run) -> None:
    shown = omdome("voice", "recordings", "list").stdout
    assert "SK-0" in shown
    assert "2036-11-14" in shown
    assert "+46" not in shown
    assert omdome("voice", "recordings", "delete", "--case", "SK-1", "--yes").stdout == "Deleted: 1 recording\n"
    (left,) = json.loads(omdome("voice", "recordings", "list", "--json").stdout)
    assert omdome("voice", "recordings", "delete", left["name"]).exit_code == 1, "nobody said yes"
    assert omdome("voice", "recordings", "delete", left["name"], "--yes").exit_code == 0
    assert omdome("voice", "recordings", "list").stdout == "There are no recordings.\n"
    code, told = problem(omdome("voice", "recordings", "delete", left["name"], "--yes"))
    assert (code, "there is no such recording" in told) == (1, True)
    assert problem(omdome("voice", "recordings", "delete", "--yes"))[0] == 2


def test_purge_deletes_them_too(recorded_town: Installation, omdome: Run) -> None:
    assert json.loads(omdome("purge", "--json").stdout)["recordings"] == 0
    recorded_town.configure(ON.replace("true", "false"))  # which keeps nothing that there is
    for file in (recorded_town.folder / "data" / "recordings").iterdir():
        file.rename(file.with_stem(file.stem.replace("2026", "2020")))
    assert json.loads(omdome("purge", "--json").stdout)["recordings"] == 2
