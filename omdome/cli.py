"""The command line: `python -m omdome`. Each command's module is imported only when it is wanted."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from omdome.console import MISUSE, Asked, Problem, complain, survive_any_encoding
from omdome.lazy_commands import LazyCommands

_COMPLETING = "_OMDOME_COMPLETE"  #: what the shell script of `completion` sets

#: heading in `--help`: its commands. In the order in which a newcomer needs them.
PANELS = {
    "Get going": ("demo", "chat", "interpret", "check-config", "try-me"),
    "Run it": ("run", "status"),
    "The phone": ("call", "calls", "voice"),
    "Cases in, invitations and digests out": ("cases", "invitations", "digest", "report", "handlers", "sms"),
    "Persons and copies": ("export", "erase", "purge", "backup", "restore"),
    "Installation": ("token", "migrate", "completion"),
}
COMMANDS = {name: f"omdome.commands.{name.replace('-', '_')}" for commands in PANELS.values() for name in commands}


class Commands(LazyCommands):
    modules = COMMANDS
    panels = PANELS


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def omdome(
    ctx: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="Configuration to use. Default: $OMDOME_CONFIG, else ./config.toml here.")
    ] = None,
) -> None:
    """Three questions after every closed case, and a weekly digest that tells the truth about small numbers."""
    ctx.obj = Asked(config)
    if ctx.invoked_subcommand is None:
        from omdome.overview import show_overview

        show_overview(ctx)


def main() -> None:
    """Run the command line; expected problems end it with one message and an exit code."""
    survive_any_encoding()
    if _COMPLETING in os.environ:
        from typer._completion_classes import completion_init

        completion_init()
    try:
        get_command(app)(prog_name="python -m omdome", complete_var=_COMPLETING)
    except Exception as error:
        code = _told(error)
        if code is None:
            raise
        sys.exit(code)


def _told(error: Exception) -> int | None:
    """Tell an expected problem and return its exit code; None for a fault of ours, which deserves its traceback."""
    from omdome.config import ConfigError
    from omdome.credentials import CredentialError

    if isinstance(error, Problem):
        complain(str(error))
        return error.code
    if isinstance(error, ConfigError):
        for problem in error.problems:
            complain(problem)
        return MISUSE
    if isinstance(error, CredentialError):
        complain(str(error))
        return MISUSE
    return None
