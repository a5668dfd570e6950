"""`completion`: a shell script that completes commands and options."""

import sys
from enum import StrEnum
from typing import Annotated

import typer


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(shell: Annotated[Shell, typer.Argument(help="bash, zsh or fish")]) -> None:
    """Print shell completion for `omdome`, the wrapper in deploy/.

    Put deploy/omdome in your PATH, then: source <(omdome completion bash)
    """
    from typer._completion_shared import get_completion_script

    script = get_completion_script(prog_name="omdome", complete_var="_OMDOME_COMPLETE", shell=shell.value)
    sys.stdout.write(script + "\n")
