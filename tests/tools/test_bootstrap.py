"""The first command a newcomer runs, before anything is installed."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "bootstrap.py"
LOCK = SCRIPT.parents[1] / "uv.lock"


@pytest.fixture
def bootstrap():
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("system", "machine", "libc", "expected"),
    [
        ("linux", "x86_64", "glibc", "manylinux_2_17_x86_64.manylinux2014_x86_64"),
        ("linux", "aarch64", "glibc", "aarch64"),
        ("linux", "x86_64", "", "musllinux_1_1_x86_64"),
        ("darwin", "arm64", "", "macosx_11_0_arm64"),
        ("darwin", "x86_64", "", "macosx_10_12_x86_64"),
    ],
)
def test_chooses_the_wheel_that_runs_here(bootstrap, monkeypatch, system, machine, libc, expected):
    monkeypatch.setattr(bootstrap.sys, "platform", system)
    monkeypatch.setattr(bootstrap.platform, "machine", lambda: machine)
    monkeypatch.setattr(bootstrap.platform, "libc_ver", lambda: (libc, ""))

    chosen = bootstrap.choose(bootstrap.locked_wheels(LOCK))

    assert expected in chosen["url"]
    assert chosen["hash"].startswith("sha256:")


def test_an_unknown_machine_is_told_what_to_do(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap.platform, "machine", lambda: "vax")

    with pytest.raises(SystemExit, match="OMDOME_UV"):
        bootstrap.choose(bootstrap.locked_wheels(LOCK))


def test_without_a_network_it_says_what_to_do_and_leaves_nothing(tmp_path):
    target = tmp_path / "tools" / "uv"

    done = subprocess.run(
        [sys.executable, SCRIPT, target],
        env={"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "HTTPS_PROXY" in done.stderr
    assert "Traceback" not in done.stderr
    assert not target.exists()


def test_a_wheel_that_is_not_what_was_locked_is_refused(bootstrap, tmp_path, monkeypatch):
    target = tmp_path / "uv"
    monkeypatch.setattr(bootstrap, "download", lambda _url, partial: partial.write_bytes(b"something else"))
    monkeypatch.setattr(bootstrap.sys, "argv", ["bootstrap.py", str(target)])

    with pytest.raises(SystemExit, match=r"not what uv\.lock promises"):
        bootstrap.main()

    assert list(tmp_path.iterdir()) == []


def test_a_uv_of_ones_own_is_taken(bootstrap, tmp_path, monkeypatch):
    own = tmp_path / "my-uv"
    own.write_text("#!/bin/sh\n")
    target = tmp_path / "tools" / "uv"
    monkeypatch.setenv("OMDOME_UV", str(own))
    monkeypatch.setattr(bootstrap.sys, "argv", ["bootstrap.py", str(target)])

    bootstrap.main()

    assert target.read_text() == "#!/bin/sh\n"
