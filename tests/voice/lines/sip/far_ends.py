"""Who is called in the tests: Debian's baresip and sipp where they are installed, and a telephone of our own elsewhere.

All on 127.0.0.1, on ports that are free. What is missing skips, with what would bring it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import pytest

from voice.audio_files import read_audio

CHECKOUT = Path(__file__).parents[4]
MODULES = [Path(each) for each in ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules")]


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class FarEnd:
    """One that runs while it is entered."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes]" = field(init=False)
    ends_by_itself: float = 0.0  # seconds that it takes once its standard input has ended

    @property
    def runs_in(self) -> Path:
        return CHECKOUT

    @property
    def address(self) -> str:
        return f"sip:far@127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        raise NotImplementedError

    def is_ready(self, log: str) -> bool:
        raise NotImplementedError

    def __enter__(self) -> "FarEnd":
        """Another program may take a free port before we do: so it is tried again, once."""
        try:
            return self._started()
        except RuntimeError:
            return self._started()

    def _started(self) -> "FarEnd":
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.runs_in, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
            )
        for _ in range(400):
            if self.is_ready(self.log()):
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.__exit__(None, None, None)
        raise RuntimeError(f"{self.command()[0]} doesn't start: {self.log()[-2000:]}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(self.ends_by_itself)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@dataclass
class DebianBaresip(FarEnd):
    """Answers each call, plays a WAV file (8 kHz mono), and then hangs up. `do` makes it press keys and so on."""

    plays: Path = Path()
    keys_by_info: bool = False
    encrypts: bool = False  # its sound (SRTP), and takes no other
    user: str = "far"  # whom others see calling
    control: int = field(default_factory=lambda: free_port(socket.SOCK_STREAM))

    @property
    def runs_in(self) -> Path:
        """Its files by their names alone: it has no room for paths of more than 128 characters."""
        return self.folder

    def command(self) -> list[str]:
        if shutil.which("baresip") is None:
            pytest.skip("no baresip: apt-get install --no-install-recommends baresip-core")
        modules = next(each for each in MODULES if each.exists())
        (self.folder / "recorded").mkdir(exist_ok=True)
        (self.folder / "contacts").touch()
        shutil.copyfile(self.plays, self.folder / "plays.wav")
        mode = (";dtmfmode=info" if self.keys_by_info else "") + (";mediaenc=srtp-mand" if self.encrypts else "")
        (self.folder / "accounts").write_text(
            f"<sip:{self.user}@127.0.0.1:{self.port}>;regint=0;answermode=auto;audio_codecs=PCMA/8000/1{mode}\n"
        )
        (self.folder / "config").write_text(
            f"sip_listen 127.0.0.1:{self.port}\nnet_interface 127.0.0.1\nrtp_ports 20000-21999\n"
            f"audio_source aufile,plays.wav\naudio_player aubridge,sink\naudio_alert aubridge,alert\n"
            "ausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\njitter_buffer_delay 1-5\n"
            f"module_path {modules}\nmodule g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\n"
            f"{'module srtp.so' if self.encrypts else ''}\n"
            "module_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n"
            f"ctrl_tcp_listen 127.0.0.1:{self.control}\nsnd_path recorded\n"
        )
        return ["baresip", "-f", ".", "-v"]  # -v keeps it in the foreground

    def is_ready(self, log: str) -> bool:
        return "baresip is ready" in log

    def do(self, command: str, parameters: str = "") -> None:
        """`sndcode 2`, `hangup`: as its own menu."""
        said = json.dumps({"command": command, "params": parameters, "token": "t"}).encode()
        with socket.create_connection(("127.0.0.1", self.control), timeout=5) as connection:
            connection.sendall(b"%d:%s," % (len(said), said))
            connection.recv(4096)

    def heard(self) -> bytes:
        """What came in of the only call, once that is over."""
        (recorded,) = (self.folder / "recorded").glob("*-dec.wav")
        return read_audio(recorded)


@dataclass
class Sipp(FarEnd):
    """Plays one scenario for one call, in SIP as it is on the wire."""

    scenario: str = ""
    answers_with_echo: bool = False
    calls: int = 1
    transport: str = "u1"  # or t1, as sipp writes UDP and TCP

    def command(self) -> list[str]:
        program = shutil.which("sipp")
        if program is None:
            pytest.skip("no sipp: apt-get install --no-install-recommends sip-tester")
        file = self.folder / "scenario.xml"
        file.write_text(self.scenario, "iso-8859-1")
        here = ["-i", "127.0.0.1", "-p", str(self.port), "-mi", "127.0.0.1", "-mp", str(free_port())]
        more = ["-rtp_echo"] if self.answers_with_echo else []
        return [
            program,
            "-sf",
            str(file),
            *here,
            "-t",
            self.transport,
            "-nostdin",
            "-m",
            str(self.calls),
            "-timeout",
            "60",
            *more,
        ]

    def is_ready(self, log: str) -> bool:
        return _is_taken(self.port, socket.SOCK_DGRAM if self.transport == "u1" else socket.SOCK_STREAM)

    def went_as_written(self) -> bool:
        """Whether every message of the scenario was seen, the last ones included."""
        return self.process.wait(15) == 0


@dataclass
class SippCaller(Sipp):
    """Calls `to` once for each of `calls`, one after another."""

    to: str = ""  # address:port

    def command(self) -> list[str]:
        self.port = free_port()  # anew each time
        return [*super().command(), self.to, "-r", "1", "-l", str(self.calls)]

    def is_ready(self, log: str) -> bool:
        """Or else another program has taken that port, and it calls nobody."""
        time.sleep(0.2)
        return _is_taken(self.port, socket.SOCK_DGRAM) if self.process.poll() is None else self.process.poll() == 0


@dataclass
class OurTelephone(FarEnd):
    """`voice.lines.sip.telephone`: replies each time when something was said to it."""

    replies: Sequence[str] = ()
    ends_by_itself: float = 10.0

    @property
    def address(self) -> str:
        return f"sip:telephone@127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        pytest.importorskip("baresip", reason="no baresip-python for this system")
        return [sys.executable, "-m", "voice.lines.sip.telephone", str(self.port), str(self.folder), *self.replies]

    def is_ready(self, log: str) -> bool:
        return "sip:telephone@" in log

    def then(self, reply: str) -> None:
        """What it is to do when it has next been spoken to."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{reply}\n".encode())
        self.process.stdin.flush()

    def hang_up_in(self, seconds: float) -> None:
        """So many seconds after it has answered its first call. Waits until then."""
        for _ in range(600):
            if "answered" in self.log():
                break
            time.sleep(0.05)
        time.sleep(seconds)
        assert self.process.stdin is not None
        self.process.stdin.close()

    def heard(self) -> bytes:
        """What came in of the first call, once that is over."""
        file = self.folder / "heard-1.wav"
        for _ in range(100):
            if file.exists() and file.stat().st_size > 44:
                return read_audio(file)
            time.sleep(0.05)
        raise AssertionError("no call was recorded")


def _is_taken(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
