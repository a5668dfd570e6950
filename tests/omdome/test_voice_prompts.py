"""`voice prompts` from the command line, on folders of its own: list, import, render, record."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from omdome.cli import app
from omdome.console import Problem
from omdome.prompt_recording import meter, record_prompts
from tests.voice.speech import RATE, spoken
from voice.audio_files import read_audio, write_wav
from voice.prompts.importing import RECORDING_RATE
from voice.prompts.sources import PromptFolders, Source, find_prompts
from voice.prompts.synthesis import samples_of

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    config = tmp_path / "config.toml"
    config.write_text('[organisation]\nname = "Åmåls kommun"\n', "utf-8")
    return lambda *arguments: CliRunner().invoke(app, ["--config", str(config), "voice", "prompts", *arguments])


def listed(run: Run, *keys: str) -> dict[str, dict[str, object]]:
    return {row["key"]: row for row in json.loads(run("list", "--json", *keys).stdout)}


def test_everything_has_audio_but_the_organisations_own_name(run: Run) -> None:
    rows = listed(run)
    assert {key for key, row in rows.items() if row["source"] != "default"} == {
        "identification",
        "inbound.identification",
    }
    assert rows["identification"]["text"] == "Det här är ett automatiskt samtal från Åmåls kommun."
    assert rows["hello"]["lufs"] == pytest.approx(-23, abs=1)


def test_the_list_for_people_says_what_is_missing(run: Run) -> None:
    result = run("list")
    assert result.exit_code == 1
    assert "missing" in result.stdout
    assert "Hur var vårt bemötande: bra, okej eller dåligt?" in result.stdout
    assert run("list", "hello").exit_code == 0


def test_a_misspelt_prompt_is_guessed(run: Run) -> None:
    result = run("list", "helo")
    assert isinstance(result.exception, Problem)
    assert "there is no prompt 'helo'. Did you mean 'hello'?" in str(result.exception)


def test_recordings_are_imported_by_their_names(run: Run, tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    write_wav(recordings / "hello.wav", spoken("Hej hej!"), RATE)
    write_wav(recordings / "identification.wav", spoken("Det här är Åmåls kommun."), RATE)
    result = run("import", str(recordings))
    assert result.exit_code == 0
    assert "2 of 2 imported" in result.stdout
    rows = listed(run)
    assert {key for key, row in rows.items() if row["source"] == "studio"} == {"hello", "identification"}
    assert not rows["hello"]["stale"]


def test_one_file_of_another_name(run: Run, tmp_path: Path) -> None:
    write_wav(tmp_path / "tagning 3.wav", spoken("Hej hej!"), RATE)
    assert run("import", "--key", "hello", str(tmp_path / "tagning 3.wav")).exit_code == 0
    assert listed(run)["hello"]["source"] == "studio"


def test_what_cannot_be_imported_is_told_and_the_rest_is(run: Run, tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    write_wav(recordings / "hello.wav", spoken("Hej hej!"), RATE)
    write_wav(recordings / "thanks.complete.wav", spoken("Tack!"), RATE)
    write_wav(recordings / "why.wav", bytes(RATE), RATE)
    result = run("import", str(recordings))
    assert result.exit_code == 1
    assert "there is no prompt 'thanks.complete'. Did you mean 'thanks.completed'?" in result.stderr
    assert "why.wav: holds no speech, only silence" in result.stderr
    assert "1 of 3 imported" in result.stdout


def test_a_clipped_recording_is_imported_with_a_warning(run: Run, tmp_path: Path) -> None:
    loud = np.clip(samples_of(spoken("Hej hej!")) * 5, -1, 1)
    write_wav(tmp_path / "hello.wav", (loud * 32767).astype("<i2").tobytes(), RATE)
    assert "samples are clipped: record again" in run("import", str(tmp_path / "hello.wav")).stdout


def test_a_recording_of_an_old_text_is_listed_as_stale(run: Run, tmp_path: Path) -> None:
    write_wav(tmp_path / "hello.wav", spoken("Hej hej!"), RATE)
    run("import", str(tmp_path / "hello.wav"))
    (tmp_path / "data" / "studio_prompts" / "sv" / "hello.txt").write_text("Goddag!\n", "utf-8")
    assert listed(run, "hello")["hello"]["stale"]
    assert "the text has changed since" in " ".join(run("list", "hello").stdout.split())


def test_a_broken_recording_is_listed_and_ours_is_used(run: Run, tmp_path: Path) -> None:
    studio = tmp_path / "data" / "studio_prompts" / "sv"
    studio.mkdir(parents=True)
    (studio / "hello.wav").write_bytes(b"RIFFnothing")
    row = listed(run, "hello")["hello"]
    assert row["source"] == "default"
    assert "hello.wav" in str(row["broken"])
    result = run("list", "hello", "heard.bra")
    assert "broken: " in result.stdout
    assert result.exit_code == 1


def test_a_studio_folder_that_cannot_be_is_one_clear_message(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "studio_prompts").touch()
    write_wav(tmp_path / "hello.wav", spoken("Hej hej!"), RATE)
    for command in (("import", str(tmp_path / "hello.wav")), ("record",)):
        error = run(*command).exception
        assert isinstance(error, Problem)
        assert "can't be written (Not a directory); set [voice] studio_prompts" in str(error)


def test_what_can_hardly_be_the_prompt_wants_force(run: Run, tmp_path: Path) -> None:
    long, hum = tmp_path / "hello.wav", tmp_path / "yes.wav"
    write_wav(long, spoken("Jag är ganska nöjd med det mesta. " * 3), RATE)
    tone = np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE) * 9000
    write_wav(hum, tone.astype("<i2").tobytes(), RATE)
    for file, said in ((long, "is it another text?"), (hum, "holds no speech, only a steady sound")):
        refused = run("import", "--key", "hello", str(file))
        assert refused.exit_code == 1
        assert said in " ".join(refused.stderr.split())
        assert run("import", "--key", "hello", "--force", str(file)).exit_code == 0


def test_the_language_is_asked_for_as_elsewhere(run: Run) -> None:
    assert run("list", "--language", "en", "hello").stdout == run("list", "--lang", "en", "hello").stdout


def test_only_what_is_missing_is_rendered(run: Run) -> None:
    assert "2 prompts rendered" in run("render").stdout
    assert listed(run)["identification"]["source"] == "cache"
    assert "Nothing to render" in run("render").stdout
    forced = run("render", "--force", "hello").stdout
    assert "1 of them have other audio" in forced
    assert listed(run)["hello"]["source"] == "default"


def test_an_unknown_language_names_those_there_are(run: Run) -> None:
    result = run("list", "--lang", "xx")
    assert "there are: en, sv" in str(result.exception)


class ScriptedTake:
    level = 0.5

    def __init__(self, samples: np.ndarray) -> None:
        self._samples = samples

    def stop(self) -> np.ndarray:
        return self._samples


class ScriptedStudio:
    """A microphone that hears one thing after the other. The sound card itself is tested with the lines."""

    def __init__(self, *takes: np.ndarray) -> None:
        self._takes = list(takes)
        self.played: list[int] = []

    def record(self) -> ScriptedTake:
        return ScriptedTake(self._takes.pop(0))

    def play(self, samples: np.ndarray, rate: int) -> None:
        self.played.append(len(samples))


def answers(*given: str) -> Callable[[str], str]:
    left = iter(given)
    return lambda _question: next(left)


def test_a_session_records_again_skips_and_ends(tmp_path: Path) -> None:
    hello = np.repeat(samples_of(spoken("Hej!")), RECORDING_RATE // RATE)
    silence = np.zeros(RECORDING_RATE, np.float32)
    folders = PromptFolders.of("sv", tmp_path / "studio", tmp_path / "cache")
    prompts = find_prompts({"hello": "Hej!", "why": "Varför?", "who.full": "Vem?", "thanks": "Tack!"}, folders)
    studio = ScriptedStudio(hello, silence, hello)
    given = (
        *("", "", "a"),  # hello: record, stop, do it again
        *("", "", ""),  # silence can't be kept, though it is asked for
        *("", "", ""),  # kept
        "s",  # why is skipped
        "q",  # and that was it
    )
    assert record_prompts(prompts, folders, studio, answers(*given)) == 1
    assert studio.played == [len(hello), len(silence), len(hello)]
    sources = [prompt.source for prompt in find_prompts({"hello": "Hej!", "why": "Varför?"}, folders)]
    assert sources == [Source.STUDIO, Source.MISSING]
    assert len(read_audio(folders.studio_wav("hello"))) > RATE // 2


def test_the_meter_grows_with_the_level() -> None:
    bars = []
    for level in (0.0, 0.01, 0.1, 1.0):
        take = ScriptedTake(np.zeros(0))
        take.level = level
        bars.append(meter(take).plain.count("█"))
    assert bars == sorted(set(bars))
    assert bars[0] == 0
