"""`backup`: a copy of the database."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from omdome.console import Problem, config_of, console, credentials, say, say_json


def backup(
    ctx: typer.Context,
    to: Annotated[Path | None, typer.Argument(help="A new file. Default: a new one in backup_folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Copy the database to a file that only you can read; the service may go on running.

    The copy holds personal data: keep it as safe as the database, and no longer than \\[privacy] allows.
    """
    from omdome.policies import database_file_of, database_url_of
    from storage.backup import BackupError
    from storage.backup import backup as copy

    config = config_of(ctx)
    ending = "db" if database_file_of(config) else "dump"
    target = to or config.path(config.storage.backup_folder) / f"omdome-{datetime.now():%Y%m%d-%H%M%S}.{ending}"  # noqa: DTZ005 - a name for people
    try:
        if to is None:
            target.parent.mkdir(parents=True, exist_ok=True)
        with console(stderr=True).status("Copying …"):
            copy(database_url_of(config, credentials()), target)
    except BackupError as error:
        raise Problem(str(error)) from error
    except OSError as error:
        raise Problem(f"{target}: can't be written ({error.strerror})") from error
    size = target.stat().st_size
    if as_json:
        say_json({"file": str(target), "bytes": size})
    else:
        say(f"{target} ({size / 1e6:.1f} MB)", soft_wrap=True)
