"""`erase`: forget one respondent."""

from collections.abc import Mapping
from typing import Annotated

import typer

from omdome.console import Problem, config_of, credentials, run_async, say, say_json


def erase(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(help="Mail address, phone number, or chat:NUMBER.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts; needs --yes.")] = False,
) -> None:
    """Delete all that is stored of one respondent (GDPR art. 17).

    Counts in the statistics stay, and so does a refusal to be asked, as a hash that nobody can read back. What has
    been mailed to handlers and managers is beyond our reach. Backups keep it until they are deleted.
    """
    from omdome.recordings import KIND, delete_of
    from omdome.respondent import respondent
    from omdome.wiring import open_application

    config = config_of(ctx)
    whom = respondent(address, config.intake.phone_region)
    if not yes:
        if as_json:
            raise Problem("--json doesn't ask: add --yes", 2)
        typer.confirm("Delete all that is stored of this respondent? It can't be undone.", abort=True)

    async def forget() -> Mapping[str, int]:
        async with open_application(config, credentials()) as app:
            recorded = await delete_of(app, whom)  # first: once the rest is gone nobody knows whose they are
            async with app.store.step() as tx:
                return {**await tx.erase(whom, app.clock.now()), KIND: recorded}

    counts = run_async(forget())
    if as_json:
        say_json(dict(counts))
    elif any(counts.values()):
        say("Deleted: " + ", ".join(f"{count} {kind}" for kind, count in counts.items() if count))
    else:
        say("Nothing was stored of this respondent.")
