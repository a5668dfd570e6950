"""`restore`: a backup put in the database's place."""

from pathlib import Path
from typing import Annotated

import typer

from omdome.console import MISUSE, Problem, config_of, console, credentials, say


def restore(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(help="What `backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Even if newer things are lost.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Put a backup in the database's place, all of it or nothing. Stop the service first.

    Refusals to be asked are kept. Whoever was erased after the backup was made must be erased again.
    """
    from omdome.policies import database_file_of, database_url_of
    from storage.backup import BackupError
    from storage.backup import restore as put_back

    config = config_of(ctx)
    if not source.is_file():
        raise Problem(f"{source}: there is no such file", MISUSE)
    if not yes:
        typer.confirm(f"Replace the database ({config.storage.url}) by {source}?", abort=True)
    try:
        if file := database_file_of(config):
            file.parent.mkdir(parents=True, exist_ok=True)
        with console(stderr=True).status("Checking and restoring …"):
            put_back(source, database_url_of(config, credentials()), force=force)
    except BackupError as error:
        raise Problem(str(error)) from error
    except OSError as error:
        raise Problem(f"can't be restored ({error.strerror}: {error.filename})") from error
    say("Restored. Erase again whoever was erased since the backup was made: see `purge --history`.")
