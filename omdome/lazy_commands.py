"""Groups of commands whose modules are imported only when they are wanted: `--help` stays quick."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from omdome.console import MISUSE, Problem

if TYPE_CHECKING:
    from typer._click import Command, Context


class LazyCommands(TyperGroup):
    """`modules`: a command's name → its module, which offers a function of that name, or (a group) a Typer as `app`."""

    modules: ClassVar[Mapping[str, str]]
    panels: ClassVar[Mapping[str, tuple[str, ...]]] = {}  #: heading in `--help` → its commands

    def list_commands(self, ctx: "Context") -> list[str]:
        return list(self.modules)

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        if cmd_name in self.modules and cmd_name not in self.commands:
            self.commands[cmd_name] = self._imported(cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: "Context", args: list[str]) -> "tuple[str | None, Command | None, list[str]]":
        if args[0] not in self.modules and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.modules, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.modules)}"
            raise Problem(f"there is no command {args[0]!r}; {hint}", MISUSE)
        return super().resolve_command(ctx, args)

    def _imported(self, name: str) -> "Command":
        module = import_module(self.modules[name])
        app = getattr(module, "app", None)
        if app is None:
            app = typer.Typer(add_completion=False)
            app.command()(getattr(module, name.replace("-", "_")))
        command = cast("TyperCommand | TyperGroup", get_command(app))
        command.name = name
        command.rich_help_panel = next((panel for panel, names in self.panels.items() if name in names), None)
        return command
