"""One polling process a bot, told who holds it; systemd is told when we are ready."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from omdome.only_one import TakenError, among_us, only_one
from omdome.systemd import notify

HOLDER = """
import sys
from pathlib import Path
from omdome.only_one import only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_holds_the_lock_and_a_kill_lets_go(tmp_path: Path) -> None:
    lock = tmp_path / "data" / "polling.lock"
    command = [sys.executable, "-c", HOLDER, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(TakenError, match=rf"process {holder.pid} holds"), only_one(lock):
            pass
        holder.kill()
        holder.wait(5)
        with only_one(lock):
            assert lock.read_text() == str(os.getpid())


def test_the_first_knows_that_it_is_alone_and_the_next_that_it_is_not(tmp_path: Path) -> None:
    lock = tmp_path / "omdome.db.lock"
    with among_us(lock) as (first_is_alone, let_others_in):
        let_others_in()
        with among_us(lock) as (second_is_alone, _):
            assert (first_is_alone, second_is_alone) == (True, False)
    with among_us(lock) as (alone, _):
        assert alone


def test_systemd_is_told_over_its_socket_and_nobody_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notify("READY=1")
        assert listener.recv(100) == b"READY=1"
