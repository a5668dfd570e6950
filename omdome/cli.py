"""The command line: `python -m omdome`. Each command's module is imported only when it is wanted."""

import os
import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from omdome.console import MISUSE, Asked, Problem, complain, survive_any_encoding

if TYPE_CHECKING:
    from typer._click import Command, Context

_COMPLETING = "_OMDOME_COMPLETE"  #: what the shell script of `completion` sets

#: heading in `--help`: its commands. In the order in which a newcomer needs them.
PANELS = {
    "Get going": ("demo", "chat", "interpret", "check-config", "try-me"),
    "Run it": ("run", "status"),
    "Cases in, invitations and digests out": ("cases", "invitations", "digest", "handlers"),
    "Persons and copies": ("export", "erase", "purge", "backup", "restore"),
    "Installation": ("migrate", "completion"),
}
COMMANDS = {name: f"omdome.commands.{name.replace('-', '_')}" for commands in PANELS.values() for name in commands}


def _command(name: str) -> "Command":
    """A module offers a function of the command's name, or (a group of commands) a Typer as `app`."""
    module = import_module(COMMANDS[name])
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command()(getattr(module, name.replace("-", "_")))
    command = cast("TyperCommand | TyperGroup", get_command(app))
    command.name = name
    command.rich_help_panel = next(panel for panel, names in PANELS.items() if name in names)
    return command


class Commands(TyperGroup):
    """Imports a command's module when it is asked for by name, and all of them for `--help`."""

    def list_commands(self, ctx: "Context") -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = _command(cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: "Context", args: list[str]) -> "tuple[str | None, Command | None, list[str]]":
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}"
            raise Problem(f"there is no command {args[0]!r}; {hint}", MISUSE)
        return super().resolve_command(ctx, args)


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
