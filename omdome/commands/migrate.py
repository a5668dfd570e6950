"""`migrate`: the database, brought to this version's tables."""

import typer

from omdome.console import Problem, config_of, credentials, say


def migrate(ctx: typer.Context) -> None:
    """Bring the database to this version's tables. Make a backup first; stop the service while it runs.

    An SQLite database is migrated when it is opened; PostgreSQL needs this command after an upgrade.
    """
    from omdome.policies import database_file_of, database_url_of
    from storage.migration import HEAD, DatabaseRefusedError
    from storage.migration import migrate as bring_up

    config = config_of(ctx)
    if file := database_file_of(config):
        file.parent.mkdir(parents=True, exist_ok=True)
    try:
        before = bring_up(database_url_of(config, credentials()))
    except (DatabaseRefusedError, ValueError) as error:
        raise Problem(f"[storage] url: {error}") from error
    if before == HEAD:
        say(f"The database is at version {HEAD} already.")
    else:
        say(f"The database is now at version {HEAD} (before: {before or 'empty'}).")
