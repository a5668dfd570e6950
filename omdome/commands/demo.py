"""`demo`: the whole way of the data, on a simulated clock, without a token or a network."""

import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import ATTENTION, MISUSE, Problem, run_async, say
from omdome.only_one import TakenError, only_one

if TYPE_CHECKING:
    from omdome.demo.performance import Performed

OUT = Path("out/demo")
_IN_A_PIPE = 300.0  #: seconds that the pages are served where there is nobody at a terminal to end it


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the digests and the databases.")] = OUT,
    show: Annotated[
        bool, typer.Option("--open", help="Open digests and pages in the browser when they are done.")
    ] = False,
    serve: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            min=0,
            help="How long the survey page and the managers' page are served afterwards: until Ctrl-C unless you say "
            f"(in a pipe {_IN_A_PIPE:.0f}). 0: not at all.",
        ),
    ] = None,
) -> None:
    """Watch cases close, customers answer in a chat, on the phone and on the web, and read what a manager would get.

    No token and no network: the customers are simulated, Telegram and the telephone exchange are emulators on this
    machine. The bot is real, and so are the pages, the dialler, its SIP calls, and what recognises speech in them.
    """
    try:
        import omdome.demo.performance  # noqa: F401
    except ModuleNotFoundError as error:
        raise Problem(
            f"the demonstration needs the package {error.name}; `make demo` installs it", ATTENTION
        ) from error
    if serve is None and not sys.stdout.isatty():
        serve = _IN_A_PIPE
    try:
        with only_one(out / "demo.lock"):
            run_async(_perform(out, show=show, serve=serve))
    except TakenError as error:
        raise Problem(
            f"another demonstration is on in {out} ({error}): end it, or name another --out", MISUSE
        ) from error


async def _perform(out: Path, *, show: bool, serve: float | None) -> None:
    from omdome.demo.performance import performed
    from omdome.demo.web_visit import stay_open

    async with performed(out) as done:
        _tell(done)
        if show:
            for page in done.digests:
                webbrowser.open(page.resolve().as_uri())
        if serve != 0:
            _tell_addresses(done, serve)
            await stay_open(done.app, serve, (done.survey, done.report) if show else ())


def _tell(done: "Performed") -> None:
    say("\n[bold]The digests as mail[/], to open in a browser:")
    for page in done.digests:
        say(f"  {page}")
    tell_calls(done.calls)
    say("\n[bold]Try next[/]")
    say("  .venv/bin/python -m omdome chat                answer as a customer would")
    say("  .venv/bin/python -m omdome call --microphone   be called, at your own microphone (or: call --keys 1,1,3)")
    say("  .venv/bin/python -m omdome                     what else there is, and what is missing for going live")


def tell_calls(files: Sequence[Path]) -> None:
    """What there is of the phone calls, and why: in them customers hear that they aren't recorded."""
    say("\n[bold]The phone calls[/], to listen to (we to the left, the customer to the right) and to read.")
    say("  They were kept for the demonstration. A real call is recorded only where \\[voice] recording is on and the")
    say("  customer has said yes to it.")
    for file in files:
        say(f"  {file}")


def _tell_addresses(done: "Performed", seconds: float | None) -> None:
    until = "until Ctrl-C" if seconds is None else f"for {seconds:.0f} seconds, or until Ctrl-C"
    say(f"\n[bold]Now served on this machine[/], {until}:")
    say(f"  The survey page, for one who hasn't answered:        {done.survey}")
    say(f"  The managers' page, signed in by a one-time link:    {done.report}")
