"""`python -m omdome call` and `voice listen`: whole calls through the real command line."""

import json
import threading
import wave
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from omdome.cli import app
from omdome.config import CHECKOUT
from omdome.console import MISUSE, Problem
from tests.omdome.conftest import Installation
from tests.voice.lines.sip import scenarios
from tests.voice.lines.sip.far_ends import OurTelephone, Sipp, free_port
from tests.voice.lines.sip.hearing import loud

REPLIES = CHECKOUT / "demo" / "replies"
BRA, OKEJ, DALIGT = (str(REPLIES / f"{name}.wav") for name in ("bra", "okej", "daligt"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say how the call is to be held: --replies FILE…, --keys 1,1,3, --microphone or --sip"),
        ((BRA, "--keys", "1"), "say how the call is to be held"),
        (("--replies",), "--replies wants recordings, one for each question"),
        (("--replies", "none.wav"), "none.wav: can't be read (No such file or directory)"),
        (("--replies", str(REPLIES / "README.md")), "is no recording that Omdöme knows"),
        (("--replies", BRA, BRA, BRA, BRA), "4 replies to 3 questions; give one each, or use --in-order"),
        (("--keys", "1,2,33"), "--keys 1,2,33: '33' is no key"),
        (("--keys", "1", "--case", "A-1"), "--case A-1: nobody is asked about it"),
        (("--keys", "1", "--language", "fi"), "--language fi: write one of sv, en"),
        (("--microphone", "--to", "call.wav"), "a call with a person is not recorded"),
        (("--sip", "sip:someone@example.se"), "write sip:NAME@127.0.0.1:PORT; only this machine is called by address"),
        (("--sip", "070-174 06 05"), "[sip] host: name the exchange that calls are to go through"),
        (("--sip", "*43"), "[sip] host: name the exchange that calls are to go through"),
        (("--sip", "070-17406"), "write a whole phone number such as 070-174 06 05"),
        (("--sip", "112"), "112 is an emergency number: such are never called"),
        (("--sip", "0900-123456"), "is a number at a price of its own"),
        (("--sip", "+46701740605"), "[sip] host: name the exchange that calls are to go through"),
        (("--sip", "sip:far@127.0.0.1", "--to", "call.wav"), "a call with a person is not recorded"),
        (("--keys", "1", "--case", "A-1", "--dry-run"), "--dry-run holds a call about a test case alone"),
    ],
)
def test_wrong_usage_is_one_clear_message(installation: Installation, arguments: tuple[str, ...], said: str) -> None:
    problem = refused(installation, "call", *arguments)
    assert said in str(problem)
    assert problem.code == MISUSE


def test_a_call_by_keypad_stores_what_was_pressed(installation: Installation) -> None:
    held = held_call(installation, "--keys", "1,2,3")
    assert [(answer["question"], answer["rating"]) for answer in held["answers"]] == [
        ("bemotande", "bra"),
        ("tillganglighet", "ok"),
        ("leverans", "dåligt"),
    ]
    assert (held["ending"], held["disposition"]) == ("finished", "completed")


def test_a_call_by_recording_is_heard_and_stored(installation: Installation) -> None:
    held = held_call(installation, "--replies", BRA, OKEJ, DALIGT)
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
    held = held_call(installation, "--in-order", ja, BRA, "key:3", "key:2")
    assert [answer["rating"] for answer in held["answers"]] == ["bra", "dåligt"]
    assert [reason["code"] for reason in held["reasons"]] == ["inte_atgardat"]
    assert held["ending"] == "hung_up"


def test_a_dry_run_stores_nothing(installation: Installation) -> None:
    assert len(held_call(installation, "--keys", "1,1,1", "--dry-run")["answers"]) == 3
    assert not (installation.folder / "data" / "omdome.db").exists()


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
    closed(installation, "A-17")
    held = held_call(installation, "--keys", "1,1,1", "--case", "A-17")
    assert (held["case_id"], len(held["answers"])) == ("A-17", 3)
    problem = refused(installation, "call", "--keys", "3,3,3", "--case", "A-17")
    assert (str(problem), problem.code) == ("--case A-17: needs no call: it has been answered", MISUSE)


def test_whoever_has_refused_is_not_called_about_another_case(installation: Installation) -> None:
    installation.configure("[selection]\nmin_days_between = 0\n")
    closed(installation, "A-18", "A-19")
    assert held_call(installation, "--in-order", "key:9", "--case", "A-18")["ending"] == "opted_out"
    problem = refused(installation, "call", "--keys", "1,1,1", "--case", "A-19")
    assert "has said not to be asked, in any channel" in str(problem)


def closed(installation: Installation, *case_ids: str) -> None:
    """Cases of one customer, closed and asked about."""
    now = datetime.now(UTC) - timedelta(hours=1)
    rows = [
        f"{case_id};{now + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ};070-174 06 05"
        for number, case_id in enumerate(case_ids)
    ]
    (installation.folder / "cases.csv").write_text("\n".join(["case_id;closed_at;phone", *rows]), "utf-8")
    for command in (("import", str(installation.folder / "cases.csv")), ("decide",)):
        assert run(installation, "cases", *command).exit_code == 0


def run(installation: Installation, *arguments: str) -> Result:
    """In this process: the command line as `python -m omdome` has it, without starting an interpreter."""
    return CliRunner().invoke(app, ["--config", str(installation.folder / "config.toml"), *arguments])


def held_call(installation: Installation, *arguments: str) -> Any:
    told = run(installation, "call", *arguments, "--json")
    assert told.exit_code == 0, told.exception
    return json.loads(told.stdout)


def refused(installation: Installation, *arguments: str) -> Problem:
    problem = run(installation, *arguments).exception
    assert isinstance(problem, Problem)
    return problem


def test_a_call_over_sip_to_whoever_answers(installation: Installation) -> None:
    with OurTelephone(installation.folder / "far") as far:
        leaving = threading.Thread(target=far.hang_up_in, args=(4.0,))
        leaving.start()
        held = held_call(installation, "--sip", far.address)
        leaving.join()
        assert (held["ending"], held["disposition"]) == ("hung_up", None)
        assert loud(far.heard()) > 0.5  # we waited for their hello, and said who calls


@pytest.mark.parametrize("typed", ["070-174 06 05", "1001"])
def test_a_call_through_the_exchange_takes_numbers_as_the_doctor_does(installation: Installation, typed: str) -> None:
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    with Sipp(installation.folder / "exchange", scenario=scenarios.refuses("486 Busy Here")) as exchange:
        installation.configure(f'[sip]\nhost = "127.0.0.1"\nport = {exchange.port}\n')
        assert str(refused(installation, "call", "--sip", typed)) == "--sip: busy (486 Busy Here)"


def test_a_call_over_sip_that_nobody_answers_says_why(installation: Installation) -> None:
    installation.configure("[sip]\nring_seconds = 5\n")
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    problem = refused(installation, "call", "--sip", f"sip:nobody@127.0.0.1:{free_port()}")
    assert str(problem) == "--sip: unreached (no response)"
