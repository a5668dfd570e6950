"""`export`: all that is stored of one respondent."""

import json
from pathlib import Path
from typing import Annotated

import typer

from models.queues import Payload
from omdome.console import Problem, config_of, credentials, run_async, say_json


def export(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(help="Mail address, phone number, or chat:NUMBER.")],
    to: Annotated[Path | None, typer.Option("--to", "-o", help="A file. Default: standard output.")] = None,
) -> None:
    """Print all that is stored of one respondent, as JSON (GDPR art. 15).

    Of recorded calls it has the transcripts; `voice recordings export` gives the sound.
    """
    from omdome.recordings import KIND, transcripts_of
    from omdome.respondent import respondent
    from omdome.wiring import open_application

    config = config_of(ctx)
    whom = respondent(address, config.intake.phone_region)

    async def read() -> Payload:
        async with open_application(config, credentials()) as app, app.store.look() as tx:
            return {**await tx.export(whom), KIND: await transcripts_of(app, tx, whom)}

    found = run_async(read())
    if to is None:
        say_json(found)
        return
    try:
        to.touch(mode=0o600)
        to.write_text(json.dumps(found, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")
    except OSError as error:
        raise Problem(f"{to}: can't be written ({error.strerror})") from error
