"""The far ends of the tests: one whose port another program has taken meanwhile is started again."""

import socket
from itertools import chain
from pathlib import Path

import pytest

from tests.voice.lines.sip import far_ends, scenarios
from tests.voice.lines.sip.far_ends import SippCaller


def test_a_caller_whose_port_is_taken_takes_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken, drawn = other.getsockname()[1], far_ends.free_port
        ports = chain((taken,), iter(drawn, None))
        monkeypatch.setattr(far_ends, "free_port", lambda: next(ports))
        with SippCaller(tmp_path / "far", port=0, scenario=scenarios.calls_us(), to="127.0.0.1:9") as far:
            assert far.port != taken
            assert far.process.poll() is None
