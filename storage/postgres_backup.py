"""PostgreSQL's own tools, which back it up and restore it better than we could."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from storage.migration import version_of
from storage.tables import answers, closures, deletions, inbox, invitations

_MOMENTS = (
    closures.c.stored_at,
    invitations.c.created_at,
    answers.c.received_at,
    inbox.c.received_at,
    deletions.c.deleted_at,
)


class PostgresToolError(Exception):
    """It was not done. The message says why, and what would be right."""


def dump(url: URL, target: Path) -> None:
    """Write pg_dump's archive to `target`."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    _contents(url, target)


def load(url: URL, source: Path, force: bool) -> None:
    """Replace the database's contents by the archive's, in one transaction."""
    made_at = _contents(url, source)
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            others = connection.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            newest = _newest(connection)
    except DBAPIError as error:
        raise PostgresToolError(f"can't reach the database: {str(error.orig).partition(chr(10))[0]}") from error
    finally:
        engine.dispose()
    if others:
        raise PostgresToolError("the database is in use: stop every Omdöme first")
    if newest and newest > made_at and not force:
        raise PostgresToolError(
            f"the database has things until {newest:%Y-%m-%d %H:%M:%S} UTC, the backup was made at "
            f"{made_at:%Y-%m-%d %H:%M:%S} UTC; to lose the rest, force it"
        )
    options = ("--clean", "--if-exists", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run("pg_restore", url, *options, str(source))


def _newest(connection: Connection) -> datetime | None:
    """The newest of what was stored last, or None in a database without our tables."""
    if version_of(connection) is None:
        return None
    moments = [connection.scalar(select(func.max(moment))) for moment in _MOMENTS]
    return max((moment for moment in moments if moment), default=None)


def _contents(url: URL, source: Path) -> datetime:
    """Checks that the archive can be read and is ours; returns when it was made."""
    listed = _run("pg_restore", None, "--list", str(source))
    # "; Archive created at 2026-11-21 16:00:00 UTC"
    made = next((line for line in listed.splitlines() if "Archive created at" in line), "")
    if " TABLE public answers " not in listed or not made:
        raise PostgresToolError(f"{source} is no backup of Omdöme's")
    stamp = made.partition("created at ")[2].removesuffix(" UTC")
    return datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def _run(program: str, url: URL | None, *arguments: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise PostgresToolError(f"{program} isn't installed: it comes with PostgreSQL's client programs")
    environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C"}
    command = [found, *arguments]
    if url is not None:
        if url.password:
            environment["PGPASSWORD"] = str(url.password)  # not on the command line, where others can read it
        address = url.set(drivername="postgresql")._replace(password=None).render_as_string(hide_password=False)
        command.insert(1, f"--dbname={address}")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise PostgresToolError(f"{program}: {done.stderr.strip().partition(chr(10))[0] or done.returncode}")
    return done.stdout
