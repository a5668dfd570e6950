"""`python -m omdome call` and `voice listen`: whole calls through the real command line."""

import json
import wave

import pytest
from typer.testing import CliRunner

from omdome.cli import app
from omdome.config import CHECKOUT
from omdome.console import MISUSE, Problem
from tests.omdome.conftest import Installation

REPLIES = CHECKOUT / "demo" / "replies"
BRA, OKEJ, DALIGT = (str(REPLIES / f"{name}.wav") for name in ("bra", "okej", "daligt"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say how the call is to be held: --replies FILE…, --keys 1,1,3 or --microphone"),
        ((BRA, "--keys", "1"), "say how the call is to be held"),
        (("--replies",), "--replies wants recordings, one for each question"),
        (("--replies", "none.wav"), "none.wav: can't be read (No such file or directory)"),
        (("--replies", str(REPLIES / "README.md")), "is no recording that Omdöme knows"),
        (("--replies", BRA, BRA, BRA, BRA), "4 replies to 3 questions; give one each, or use --in-order"),
        (("--keys", "1,2,33"), "--keys 1,2,33: '33' is no key"),
        (("--keys", "1", "--case", "A-1"), "--case A-1: nobody is asked about it"),
        (("--keys", "1", "--language", "fi"), "--language fi: write one of sv, en"),
        (("--microphone", "--to", "call.wav"), "a call at the microphone is not recorded"),
    ],
)
def test_wrong_usage_is_one_clear_message(installation: Installation, arguments: tuple[str, ...], said: str) -> None:
    config = str(installation.folder / "config.toml")
    problem = CliRunner().invoke(app, ["--config", config, "call", *arguments]).exception
    assert isinstance(problem, Problem)
    assert said in str(problem)
    assert problem.code == MISUSE


def test_a_call_by_keypad_stores_what_was_pressed(installation: Installation) -> None:
    held = installation.json("call", "--keys", "1,2,3")
    assert [(answer["question"], answer["rating"]) for answer in held["answers"]] == [
        ("bemotande", "bra"),
        ("tillganglighet", "ok"),
        ("leverans", "dåligt"),
    ]
    assert (held["ending"], held["disposition"]) == ("finished", "completed")


def test_a_call_by_recording_is_heard_and_stored(installation: Installation) -> None:
    held = installation.json("call", "--replies", BRA, OKEJ, DALIGT)
    assert [(answer["rating"], answer["reply"]) for answer in held["answers"]] == [
        ("bra", "bra"),
        ("ok", "okej"),
        ("dåligt", "dåligt"),
    ]
    assert all(answer["engine"].startswith("answer_words/") for answer in held["answers"])
    assert (held["ending"], held["disposition"]) == ("finished", "completed")


def test_every_prompt_may_be_answered_in_order_and_leaving_early_keeps_what_was_said(
    installation: Installation,
) -> None:
    ja = str(REPLIES / "ja.wav")
    held = installation.json("call", "--in-order", ja, BRA, "key:3", "key:2")
    assert [answer["rating"] for answer in held["answers"]] == ["bra", "dåligt"]
    assert [reason["code"] for reason in held["reasons"]] == ["inte_atgardat"]
    assert held["ending"] == "hung_up"


def test_a_dry_run_stores_nothing(installation: Installation) -> None:
    assert len(installation.json("call", "--keys", "1,1,1", "--dry-run")["answers"]) == 3
    assert not (installation.folder / "data").exists()


def test_the_whole_call_can_be_listened_to_and_read(installation: Installation) -> None:
    mixed, transcript = installation.folder / "call.wav", installation.folder / "call.jsonl"
    told = installation.run("call", "--keys", "1,1,1", "--to", str(mixed), "--transcript", str(transcript))
    assert told.returncode == 0, told.stderr
    assert "Hur var vårt bemötande" in told.stdout
    with wave.open(str(mixed)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, 8000)
        assert sound.getnframes() > 20 * 8000
    entries = [json.loads(line) for line in transcript.read_text("utf-8").splitlines()]
    assert {entry["who"] for entry in entries} >= {"we", "caller"}


def test_a_case_of_the_organisations_own(installation: Installation) -> None:
    cases = installation.folder / "cases.csv"
    cases.write_text("case_id;closed_at\nA-17;2026-11-20T14:05:00+01:00\n", "utf-8")
    assert installation.run("cases", "import", str(cases)).returncode == 0
    assert installation.run("cases", "decide").returncode == 0
    held = installation.json("call", "--keys", "1,1,1", "--case", "A-17")
    assert (held["case_id"], len(held["answers"])) == ("A-17", 3)
    again = installation.json("call", "--keys", "3,3,3", "--case", "A-17")
    assert again["ending"] == "already_done"
    assert {answer["rating"] for answer in again["answers"]} == {"bra"}
