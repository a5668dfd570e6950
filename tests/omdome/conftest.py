"""An installation in a folder of its own, and the real command line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from omdome.config import CHECKOUT


@dataclass
class Installation:
    """`run("status")` runs `python -m omdome status` with this installation's config.toml and secrets."""

    folder: Path
    secrets: dict[str, str] = field(default_factory=dict)
    processes: list["subprocess.Popen[str]"] = field(default_factory=list)

    def configure(self, text: str) -> None:
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*arguments),
            cwd=CHECKOUT,
            env=self.environment() | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        told = self.run(*arguments, "--json")
        assert told.stdout, told.stderr
        return json.loads(told.stdout)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """The command in the background; its log goes to log.txt."""
        with (self.folder / "log.txt").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                self.command(*arguments), cwd=CHECKOUT, env=self.environment(), stdout=log, stderr=log, text=True
            )
        self.processes.append(process)
        return process

    def log(self) -> list[dict[str, Any]]:
        lines = (self.folder / "log.txt").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "omdome", *arguments]

    def environment(self) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("OMDOME_")}
        own = {"OMDOME_CONFIG": str(self.folder / "config.toml"), "PYTHONIOENCODING": "utf-8"}
        return clean | own | self.secrets


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    made.configure("")
    yield made
    for process in made.processes:
        process.kill()
        process.wait(10)
