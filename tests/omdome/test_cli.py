"""`python -m omdome`: teaches, explains, and tells what is wrong without tracebacks."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from omdome.cli import COMMANDS, app
from omdome.config import CHECKOUT

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the real command line with `config` (TOML) in a folder of its own; returns what it said."""

    def started(*arguments: str, config: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
        (tmp_path / "config.toml").write_text(config, encoding="utf-8")
        clean = {key: value for key, value in os.environ.items() if not key.startswith("OMDOME_")}
        return subprocess.run(
            [sys.executable, "-m", "omdome", *arguments],
            cwd=CHECKOUT,
            env=clean | {"OMDOME_CONFIG": str(tmp_path / "config.toml"), "PYTHONIOENCODING": "utf-8"} | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return started


def test_without_arguments_it_teaches(run: Run) -> None:
    told = run()
    assert told.returncode == 0
    assert "Missing for going live" in told.stdout
    assert "make a bot with @BotFather" in told.stdout
    for command in ("demo", "chat", "check-config", "try-me", "run", "status"):
        assert command in told.stdout


def test_every_command_has_help_that_says_what_it_does() -> None:
    runner = CliRunner()
    told = runner.invoke(app, ["--help"])
    assert told.exit_code == 0
    for command in COMMANDS:
        assert command in told.output
        assert runner.invoke(app, [command, "--help"]).exit_code == 0


def test_a_mistyped_command_is_corrected(run: Run) -> None:
    told = run("chekc-config")
    assert told.returncode == 2
    assert told.stderr == "there is no command 'chekc-config'; did you mean check-config?\n"


def test_a_wrong_configuration_is_told_in_full_without_a_traceback(run: Run) -> None:
    told = run("status", config='[web]\nport = "8080"\n[telegram]\ntoken = "1:x"\n')
    assert told.returncode == 2
    first, second = told.stderr.splitlines()
    assert first == 'config.toml:2: [web] port: is "8080"; must be a whole number, without quotes'
    assert second.startswith(
        "config.toml:4: [telegram] token: secrets don't go in this file; set OMDOME_TELEGRAM_TOKEN"
    )


def test_a_terminal_that_lacks_letters_gets_escapes_not_a_crash(run: Run) -> None:
    told = run("--config", "none.toml", "status", PYTHONIOENCODING="ascii")
    assert told.returncode == 2
    assert run(PYTHONIOENCODING="ascii").stdout.startswith("Omd\\xf6me asks")


def test_check_config_explains_what_is_on_and_off(run: Run) -> None:
    told = run("check-config", config='[organisation]\nname = "Åmåls kommun"\n')
    assert told.returncode == 0
    assert "Åmåls kommun" in told.stdout
    assert "Telegram bot" in told.stdout
    assert "1. set [organisation] privacy_url" in told.stdout


def test_check_config_refuses_what_cannot_work_and_says_what_would(run: Run) -> None:
    broken = '[telegram]\nenabled = true\nmode = "webhook"\nbot_username = "ProvBot"\nwebhook_url = "https://x.se/tg"\n'
    told = run("check-config", "--json", config=broken, OMDOME_TELEGRAM_TOKEN="123456:" + "a" * 35)
    assert told.returncode == 2
    bot = next(each for each in json.loads(told.stdout)["features"] if each["name"] == "Telegram bot")
    assert bot["state"] == "broken"
    assert "set OMDOME_TELEGRAM_WEBHOOK_SECRET" in bot["advice"]
    assert "aaaa" not in told.stdout


def test_shell_completion_knows_the_commands(run: Run) -> None:
    assert "_OMDOME_COMPLETE" in run("completion", "bash").stdout
    told = run(_OMDOME_COMPLETE="complete_bash", COMP_WORDS="omdome che", COMP_CWORD="1")
    assert told.stdout.split() == ["check-config"]


def test_the_wrapper_in_deploy_runs_it_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "omdome").symlink_to(CHECKOUT / "deploy" / "omdome")
    told = subprocess.run(
        [tmp_path / "omdome", "completion", "zsh"],
        cwd=tmp_path,
        env=os.environ | {"OMDOME_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert told.stdout.startswith("#compdef omdome")
