"""A call goes on, or ends well, whatever happens around it: closed pipes, signals, another call about the same case."""

import json
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from omdome.config import CHECKOUT
from omdome.only_one import only_one
from tests.omdome.conftest import Installation
from tests.omdome.test_call_command import closed, held_call, refused, run


def test_only_one_call_about_a_case_at_a_time(installation: Installation) -> None:
    closed(installation, "A-17")
    with only_one(installation.folder / "data" / "calls" / "1.lock"):
        assert "--case A-17: a call about it is going on" in str(
            refused(installation, "call", "--keys", "1,1,1", "--case", "A-17")
        )
    assert len(held_call(installation, "--keys", "1,1,1", "--case", "A-17")["answers"]) == 3


def test_a_case_whose_time_has_run_out_is_not_called_about(installation: Installation) -> None:
    closed(installation, "A-17")
    with closing(sqlite3.connect(installation.folder / "data" / "omdome.db")) as database:
        past = (datetime.now(UTC) - timedelta(days=1)).replace(tzinfo=None).isoformat(" ")
        database.execute("update invitations set expires_at = ?", (past,))
        database.commit()
    problem = refused(installation, "call", "--keys", "1,1,1", "--case", "A-17")
    assert str(problem) == "--case A-17: needs no call: the time to answer has run out"


def test_whoever_stops_reading_ends_no_call(installation: Installation) -> None:
    closed(installation, "A-17")
    process = subprocess.Popen(
        installation.command("call", "--keys", "1,1,3", "--case", "A-17"),
        cwd=CHECKOUT,
        env=installation.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0
    assert "it has been answered" in str(refused(installation, "call", "--keys", "1", "--case", "A-17"))


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_hangs_up_and_shows_what_there_is(installation: Installation, name: str) -> None:
    process = installation.start("call", "--keys", "1,1,1", "--paced")
    log = installation.folder / "log.txt"
    deadline = time.monotonic() + 60
    while "Om" not in log.read_text("utf-8") and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(getattr(signal, name))
    assert process.wait(60) == 0
    assert "ended: hung up" in log.read_text("utf-8")


def test_a_microphone_that_is_not_there_leaves_no_test_case_behind(installation: Installation) -> None:
    installation.configure('[voice]\ninput_device = "no such device"\n')
    told = run(installation, "call", "--microphone")
    assert told.exception is not None
    assert "You are the one who is called" not in told.stdout
    with closing(sqlite3.connect(installation.folder / "data" / "omdome.db")) as database:
        assert database.execute("select count(*) from closures").fetchone() == (0,)


def test_seconds_in_json_have_two_decimals(installation: Installation) -> None:
    entries = held_call(installation, "--keys", "1,1,1")["transcript"]
    assert all(entry["seconds"] == round(entry["seconds"], 2) for entry in entries), json.dumps(entries)
