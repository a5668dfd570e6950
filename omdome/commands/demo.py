"""`demo`: the whole way of the data, on a simulated clock, without a token or a network."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from omdome.console import ATTENTION, Problem, run_async, say

OUT = Path("out/demo")


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the digests and the databases.")] = OUT,
    show: Annotated[bool, typer.Option("--open", help="Open the digests in the browser when they are done.")] = False,
) -> None:
    """Watch cases close, customers answer in a chat and on the phone, and read the digests that a manager would get.

    No token and no network: the customers are simulated, Telegram is an emulator on this machine; the bot is real, and
    so is what recognises the speech of the one who is called.
    """
    try:
        from omdome.demo.performance import CALL, perform
    except ModuleNotFoundError as error:
        raise Problem(
            f"the demonstration needs the package {error.name}; `make demo` installs it", ATTENTION
        ) from error

    pages = run_async(perform(out))
    say("\n[bold]The digests as mail[/], to open in a browser:")
    for page in pages:
        say(f"  {page}")
    say(f"\n[bold]The phone call[/], to listen to:\n  {out / CALL}")
    say("\n[bold]Try next[/]")
    say("  .venv/bin/python -m omdome chat                answer as a customer would")
    say("  .venv/bin/python -m omdome call --microphone   be called, at your own microphone (or: call --keys 1,1,3)")
    say("  .venv/bin/python -m omdome                     what else there is, and what is missing for going live")
    if show:
        for page in pages:
            webbrowser.open(page.resolve().as_uri())
