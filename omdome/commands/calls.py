"""`calls`: the dialler's stop button, and who is being called."""

from typing import Annotated

import typer

from omdome.console import config_of, credentials, run_async, say, say_json

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
def status(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Show who is being called, by case, and what came of today's calls. Shows no numbers."""
    from omdome.call_status import CallStatus, read_call_status
    from omdome.wiring import open_application

    async def read() -> CallStatus:
        async with open_application(config_of(ctx), credentials()) as opened:
            return await read_call_status(opened)

    found = run_async(read())
    if as_json:
        say_json(found.plain())
    else:
        for line in found.lines():
            say(line)


async def _set(ctx: typer.Context, value: str) -> None:
    from omdome.wiring import open_application
    from workflow.dialling import PAUSED
    from workflow.trunk import TRUNK

    async with open_application(config_of(ctx), credentials()) as opened, opened.store.step() as tx:
        await tx.set_fact(PAUSED, value, opened.clock.now())
        if not value and await tx.fact(TRUNK):
            await tx.set_fact(TRUNK, "", opened.clock.now())
