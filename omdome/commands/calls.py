"""`calls`: the dialler's stop button, and who is being called."""

import asyncio
from contextlib import suppress
from typing import Annotated

import typer

from omdome.console import MISUSE, Problem, config_of, console, credentials, run_async, say, say_json

_FOLLOW_SECONDS = 1.0

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Stop the calls, go on, or see how they go.")


@app.callback()
def calls() -> None:
    """Stop the calls, go on, or see how they go. `run` makes them, where [sip] host is set."""


@app.command()
def pause(ctx: typer.Context) -> None:
    """Call nobody more, on any machine, until `calls resume`. Calls that go on are held to their end."""
    run_async(_set(ctx, "yes"))
    say("Nobody more is called until `calls resume`; calls that go on are held to their end.")


@app.command()
def resume(ctx: typer.Context) -> None:
    """Go on calling, at once also where calls rest because the trunk was in trouble."""
    run_async(_set(ctx, ""))
    say("Calls go on, within calling hours.")


@app.command()
def status(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on showing it, until Ctrl-C.")] = False,
) -> None:
    """Show who is being called, by case, and what came of today's calls. Shows no numbers."""
    if as_json and follow:
        raise Problem("--json is for one look: leave out --follow", MISUSE)
    with suppress(KeyboardInterrupt):
        run_async(_show(ctx, as_json=as_json, follow=follow))


async def _show(ctx: typer.Context, *, as_json: bool, follow: bool) -> None:
    from rich.live import Live

    from omdome.call_status import read_call_status
    from omdome.wiring import open_application

    async with open_application(config_of(ctx), credentials()) as opened:
        found = await read_call_status(opened)
        if as_json:
            say_json(found.plain())
        elif not follow:
            for line in found.lines():
                say(line)
        else:
            with Live(console=console(), auto_refresh=False) as live:
                while True:
                    live.update("\n".join(found.lines()), refresh=True)
                    await asyncio.sleep(_FOLLOW_SECONDS)
                    found = await read_call_status(opened)


async def _set(ctx: typer.Context, value: str) -> None:
    from omdome.wiring import open_application
    from workflow.dialling import PAUSED
    from workflow.trunk import TRUNK

    async with open_application(config_of(ctx), credentials()) as opened, opened.store.step() as tx:
        await tx.set_fact(PAUSED, value, opened.clock.now())
        if not value and await tx.fact(TRUNK):
            await tx.set_fact(TRUNK, "", opened.clock.now())
