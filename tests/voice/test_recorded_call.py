"""Whole calls that may be recorded: a recorded caller, real ears, a real store, real files."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.survey import Disposition
from storage.database import SqlStore
from tests.voice.call_world import Customer, ScriptedEars, customer_in, presses, prompts, said
from tests.voice.lines.test_taped import sides
from tests.voice.speech import noise, spoken
from voice.audio_files import read_audio
from voice.call import CallReport, Ending, hold_call
from voice.line import FRAME_BYTES
from voice.lines.recording import RecordingLine
from voice.lines.taped import Taped
from voice.recognition import Recognizer, Trust
from voice.transcript import Entry

Act = Callable[[RecordingLine, Entry], None]

ANSWERS = {"consent": "1", "question": "1"}
PROMPT = prompts().sound


@pytest.fixture
async def customer(store: SqlStore) -> Customer:
    return await customer_in(store)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recordings" / "one.wav"


async def taped(
    customer: Customer, file: Path, act: Act, line: RecordingLine | None = None, ears: Recognizer | None = None
) -> CallReport:
    """A call on a line that may record."""
    on = line or RecordingLine()
    tape = Taped(on, file)

    def happened(entry: Entry) -> None:
        tape.note(entry)
        act(on, entry)

    return await hold_call(tape, ears, prompts(), customer.interview(), customer.policy, happened)


def transcript(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.with_suffix(".jsonl").read_text("utf-8").splitlines()]


async def test_with_a_yes_the_rest_of_the_call_is_kept(customer: Customer, file: Path) -> None:
    line = RecordingLine(background=noise(3.0, level=0.01))
    report = await taped(customer, file, presses(**ANSWERS, recording="1"), line)
    assert report.ending is Ending.FINISHED
    told = said(report)
    assert "disclosure" not in told
    assert told[4:11] == [
        "disclosure_recorded",
        "consent.full",
        "[1]",
        "recording.full",
        "[recorded from here on, after this yes:]",
        "[1]",
        "recording.on",
    ]
    theirs, ours = sides(file)
    whole = stereo_sides(line)
    assert whole[0].endswith(theirs), "the caller, as they were heard to the end"
    assert whole[1].endswith(ours), "and what they heard of us"
    assert ours.count(PROMPT) == len([each for each in told[10:] if not each.startswith("[")])
    first, *_, last = transcript(file)
    assert first["text"] == "recorded from here on, after this yes:"
    assert last["prompt"] == "thanks.completed"


def stereo_sides(line: RecordingLine) -> tuple[bytes, bytes]:
    """The caller's side and ours of all that passed."""
    both = np.frombuffer(line.mix()[44:], "<i2").reshape(-1, 2)
    return both[:, 1].tobytes(), both[:, 0].tobytes()


@pytest.mark.parametrize("answer", ["2", "#", None])
async def test_with_a_no_or_with_none_there_is_no_file_and_the_survey_goes_on(
    customer: Customer, file: Path, answer: str | None
) -> None:
    replies = ANSWERS | ({"recording": answer} if answer else {})
    report = await taped(customer, file, presses(**replies))
    assert report.disposition is Disposition.COMPLETED
    assert "recording.off" in said(report)
    assert not exists(file.parent)


def exists(path: Path) -> bool:
    return path.exists()


async def test_on_a_line_that_cannot_record_nobody_is_asked(customer: Customer) -> None:
    report = await customer.called(presses(**ANSWERS))
    assert "disclosure" in said(report)
    assert not any("record" in each for each in said(report))


async def test_a_yes_in_words(customer: Customer, file: Path) -> None:
    line = RecordingLine()
    yes = spoken("ja")

    def act(line: RecordingLine, entry: Entry) -> None:
        if entry.prompt in ("consent.full", "recording.full"):
            line.say(yes)
        presses(question="1")(line, entry)

    ears = ScriptedEars([("ja", Trust.ACCEPT), ("ja", Trust.ACCEPT)])
    report = await taped(customer, file, act, line, ears)
    assert report.ending is Ending.FINISHED
    assert [each.get("text") for each in transcript(file)[:2]] == ["recorded from here on, after this yes:", "ja"]
    loud = np.abs(np.frombuffer(sides(file)[0], "<i2")).max()
    assert loud < 100, "the yes itself came before"


async def test_where_it_cannot_be_written_they_are_told_and_the_call_goes_on(customer: Customer, file: Path) -> None:
    file.parent.touch()
    report = await taped(customer, file, presses(**ANSWERS, recording="1"))
    assert report.ending is Ending.FINISHED
    assert "recording.off" in said(report)
    assert "recording.on" not in said(report)


async def test_a_refusal_in_words_stops_it_before_the_goodbye(customer: Customer, file: Path) -> None:
    line = RecordingLine()

    def act(line: RecordingLine, entry: Entry) -> None:
        if entry.prompt.startswith("question."):
            line.say(spoken("ring inte mer"))
        presses(consent="1", recording="1")(line, entry)

    report = await taped(customer, file, act, line, ScriptedEars([("ring inte mer", Trust.ACCEPT)]))
    assert report.ending is Ending.OPTED_OUT
    assert transcript(file)[-1].get("prompt") == "question.bemotande.full"
    assert stereo_sides(line)[1].count(PROMPT) == sides(file)[1].count(PROMPT) + len(
        ["hello", "identification", "why", "counts", "disclosure", "consent", "recording", "goodbye"]
    )


async def test_whoever_hangs_up_leaves_what_was_said_till_then(customer: Customer, file: Path) -> None:
    def act(line: RecordingLine, entry: Entry) -> None:
        if entry.prompt == "question.tillganglighet.full":
            line.leave()
        presses(**ANSWERS, recording="1")(line, entry)

    report = await taped(customer, file, act)
    assert report.ending is Ending.HUNG_UP
    assert sides(file)[1].endswith(PROMPT + bytes(20 * FRAME_BYTES))
    assert transcript(file)[-1]["text"] == "hung up"


async def test_what_was_recorded_survives_a_kill(customer: Customer, file: Path, store_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.voice.dying_call", store_url, str(customer.invitation.id), str(file)
    )
    assert await process.wait() == -signal.SIGKILL
    theirs, ours = sides(file)
    assert ours.count(PROMPT) == 3, "recording.on, how_to_answer, and the question"
    assert len(read_audio(file)) == len(theirs) == len(ours)
    assert transcript(file)[-1]["prompt"] == "question.tillganglighet.full"
