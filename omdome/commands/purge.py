"""`purge`: retention, now."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from omdome.console import config_of, console, credentials, run_async, say, say_json


def purge(
    ctx: typer.Context,
    history: Annotated[bool, typer.Option(help="Show what has been deleted so far; delete nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Delete what has been kept for as long as \\[privacy] says, and recorded calls as \\[voice] does.

    `run` does this every night, and every hour for recorded calls.
    """
    from omdome.policies import retention_of
    from omdome.recordings import KIND, purge_recordings
    from omdome.retention import purge_files, purge_old
    from omdome.wiring import open_application

    config = config_of(ctx)

    async def delete() -> dict[str, int]:
        async with open_application(config, credentials()) as app:
            now = app.clock.now()
            gone = await purge_old(app.store, retention_of(config), now)
            gone[KIND] = await purge_recordings(app)
            return gone | {"watched_files": await asyncio.to_thread(purge_files, config, now)}

    async def read() -> list[Mapping[str, Any]]:
        async with open_application(config, credentials()) as app, app.store.look() as tx:
            return await tx.deletions()

    if history:
        deletions = run_async(read())
        say_json([dict(each) for each in deletions]) if as_json else _show(deletions)
        return
    gone = run_async(delete())
    if as_json:
        say_json(gone)
    else:
        say("Deleted: " + (", ".join(f"{count} {kind}" for kind, count in gone.items()) or "nothing is ever deleted"))


def _show(deletions: list[Mapping[str, Any]]) -> None:
    from rich.table import Table

    if not deletions:
        say("Nothing has been deleted yet.")
        return
    table = Table(box=None, padding=(0, 2), header_style="bold")
    for heading in deletions[0]:
        table.add_column(heading)
    for each in deletions:
        table.add_row(*(str(value) for value in each.values()))
    console().print(table)
