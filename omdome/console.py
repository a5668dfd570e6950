"""What every command shares: the configuration asked for, output for people, and expected problems without tracebacks.

Exit codes: 0 well, 1 something needs attention or could not be done, 2 wrong usage or configuration.
"""

import json
import os
import sys
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from omdome.config import Config
    from omdome.credentials import Credentials

Result = TypeVar("Result")

ATTENTION = 1
MISUSE = 2


class Problem(Exception):  # noqa: N818 - not every problem is an error of the program's
    """An expected problem, told in one message: what is wrong, where, and what would be right."""

    def __init__(self, message: str, code: int = ATTENTION) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for before the command's name."""

    config: Path | None = None


def config_of(ctx: typer.Context) -> "Config":
    """The configuration of this run. Raises ConfigError, which `omdome.cli.main` tells without a traceback."""
    from omdome.config import load_config

    asked = ctx.find_root().obj
    return load_config(asked.config if isinstance(asked, Asked) else None)


def credentials(environment: Mapping[str, str] = os.environ) -> "Credentials":
    """The secrets of this run. Raises CredentialError, told likewise."""
    from omdome.credentials import read_credentials

    return read_credentials(environment)


@lru_cache(maxsize=2)
def console(*, stderr: bool = False) -> "Console":
    """A terminal that wraps nothing in a pipe and survives an encoding that lacks å."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    in_pipe = not stream.isatty()
    return Console(stderr=stderr, soft_wrap=in_pipe, width=160 if in_pipe else None, highlight=False, emoji=False)


def survive_any_encoding() -> None:
    """Letters that the terminal's encoding lacks are written as escapes instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def say(text: str = "", *, soft_wrap: bool | None = None) -> None:
    """Print a line for people, with rich's markup."""
    console().print(text, soft_wrap=soft_wrap)


def say_json(table: object) -> None:
    """Print JSON for scripts, å as å."""
    sys.stdout.write(json.dumps(table, ensure_ascii=False, indent=2, default=str) + "\n")


def complain(text: str) -> None:
    """Print a problem on standard error, as it stands."""
    console(stderr=True).print(f"[red]✗[/] {escaped(text)}" if sys.stderr.isatty() else escaped(text))


def escaped(text: str) -> str:
    """Text that rich is to print as it stands: "[survey]" is no markup."""
    return text.replace("[", "\\[")


def run_async(work: Coroutine[object, object, Result]) -> Result:
    """Run a command's asynchronous part to its end."""
    import asyncio

    return asyncio.run(work)
