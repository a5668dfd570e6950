"""A call's files: `--to` and `--transcript` overwrite nothing but calls, and never cost what came of the call."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from omdome.call_files import check_targets
from omdome.console import MISUSE, Problem
from omdome.held_calls import hold
from tests.omdome.conftest import Installation
from tests.omdome.test_call_command import run
from voice.audio_files import write_wav


def problem(mixed: Path | None = None, transcript: Path | None = None, *replies: Path) -> str:
    with pytest.raises(Problem) as caught:
        check_targets(mixed, transcript, map(str, replies))
    assert caught.value.code == MISUSE
    return str(caught.value)


def test_what_is_no_call_is_not_overwritten(tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text('{"a": 1}')
    assert "exists, and is no WAV file" in problem(settings)
    assert "exists, and is no transcript of a call" in problem(None, settings)
    assert settings.read_text() == '{"a": 1}'


def test_an_earlier_call_is(tmp_path: Path) -> None:
    mixed, transcript = tmp_path / "call.wav", tmp_path / "call.jsonl"
    write_wav(mixed, bytes(320))
    transcript.write_text('{"who": "we", "seconds": 0.0, "text": "Hej!"}\n')
    check_targets(mixed, transcript, [])


def test_a_reply_is_not_overwritten_by_whatever_name(tmp_path: Path) -> None:
    reply, linked = tmp_path / "bra.wav", tmp_path / "linked.wav"
    write_wav(reply, bytes(320))
    linked.hardlink_to(reply)
    for name in (reply, tmp_path / "elsewhere" / ".." / "bra.wav", linked):
        assert "is one of the replies" in problem(name, None, reply)


def test_each_wants_a_file_of_its_own_and_no_folder(tmp_path: Path) -> None:
    assert "is a folder" in problem(tmp_path)
    assert "is a folder" in problem(None, Path())
    assert "both name" in problem(tmp_path / "call", tmp_path / "call")


def test_folders_are_made_and_where_they_cannot_be_is_told(tmp_path: Path) -> None:
    check_targets(tmp_path / "a" / "call.wav", tmp_path / "b" / "call.jsonl", [])
    assert (tmp_path / "a").is_dir()
    assert (tmp_path / "b").is_dir()
    (tmp_path / "file").touch()
    assert "can't be written" in problem(tmp_path / "file" / "call.wav")


def test_nothing_is_called_before_the_files_are_settled(installation: Installation) -> None:
    told = run(installation, "call", "--keys", "1,1,1", "--to", str(installation.folder / "config.toml"))
    assert isinstance(told.exception, Problem)
    assert not (installation.folder / "data").exists()


def test_what_came_of_the_call_is_shown_though_its_file_cannot_be_written(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = installation.folder / "recordings"

    async def hold_and_lose_the_folder(*arguments, **named):
        held = await hold(*arguments, **named)
        folder.rmdir()
        folder.touch()
        return held

    monkeypatch.setattr("omdome.held_calls.hold", hold_and_lose_the_folder)
    told = run(installation, "call", "--keys", "1,1,1", "--json", "--to", str(folder / "call.wav"))
    assert len(json.loads(told.stdout)["answers"]) == 3
    assert isinstance(told.exception, Problem)
    assert "call.wav: can't be written" in str(told.exception)


def test_a_refusal_that_could_not_be_stored_needs_attention(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hold_while_the_store_goes_away(*arguments, **named):
        held = await hold(*arguments, **named)
        return replace(held, report=replace(held.report, refusal_unsaved=True))

    monkeypatch.setattr("omdome.held_calls.hold", hold_while_the_store_goes_away)
    told = run(installation, "call", "--in-order", "key:9")
    assert isinstance(told.exception, Problem)
    assert "asked never to be called again, and it could not be stored" in str(told.exception)
