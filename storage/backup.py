"""Backup and restore. Both block: call them in a thread from a running loop."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from storage import postgres_backup
from storage.addresses import database_url, sqlite_path
from storage.migration import DatabaseRefusedError, version_of

# what tells how far a database has come: the newest of what was stored last in each
_MOMENTS = (
    "SELECT max(stored_at) FROM closures",
    "SELECT max(created_at) FROM invitations",
    "SELECT max(received_at) FROM answers",
    "SELECT max(received_at) FROM inbox",
    "SELECT max(deleted_at) FROM deletions",
)


class BackupError(Exception):
    """It was not done, and nothing was changed. The message says why, and what would be right."""


def backup(url: str, target: Path) -> None:
    """Write a consistent copy of the database, in use or not, to the new file `target`; only its owner may read it.

    SQLite: a database of its own. PostgreSQL: an archive of pg_dump, which must be installed.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: choose another name, or remove it")
    if not target.parent.is_dir():
        raise BackupError(f"the directory {target.parent} doesn't exist; create it")
    where = database_url(url)
    file = sqlite_path(where)
    with _appearing(target) as unfinished:
        if file is None:
            _told(postgres_backup.dump, where, unfinished)
        else:
            _copy(file, unfinished)
            _check(unfinished)


def restore(source: Path, url: str, *, force: bool = False) -> None:
    """Put a backup in the database's place, all of it or nothing. Nobody may be using the database.

    The backup is checked first. A database that has come further than the backup is only replaced with `force`, since
    what it has more would be lost; refusals to be asked are kept from it even then, where it can be read (SQLite).
    """
    if not source.is_file():
        raise BackupError(f"there is no backup {source}")
    where = database_url(url)
    file = sqlite_path(where)
    if file is None:
        _told(postgres_backup.load, where, source, force)
        return
    if file.exists() and file.samefile(source):
        raise BackupError(f"{source} is the database itself")
    _check(source)
    with _appearing(file) as unfinished:
        _copy(source, unfinished)
        _check(unfinished)
        if file.exists():
            _give_way(file, unfinished, force)


def _told(work: object, *arguments: object) -> None:
    try:
        work(*arguments)  # type: ignore[operator]
    except postgres_backup.PostgresToolError as error:
        raise BackupError(str(error)) from error


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A file to write, which becomes `target` at once and on the disk when the block ends, or never was."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        _flush(unfinished)
        unfinished.replace(target)
        _flush(target.parent)
    finally:
        for leftover in (unfinished, *(Path(name + end) for end in ("-journal", "-wal", "-shm"))):
            leftover.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy(file: Path, target: Path) -> None:
    if not file.is_file():
        raise BackupError(f"there is no database {file}")
    try:
        with closing(_read(file)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
            # a copy that is read where nothing may be written beside it
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"can't copy {file}: {error}") from error


def _check(file: Path) -> None:
    """Refuses what is damaged, isn't ours, or is from a newer program."""
    try:
        with closing(_read(file)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            torn = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"{file} can't be read: {error}") from error
    if found != "ok" or torn:
        raise BackupError(f"{file} is damaged ({found if found != 'ok' else 'rows that belong to nothing'})")
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    try:
        with engine.connect() as checked:
            version = version_of(checked)
    except DatabaseRefusedError as error:
        raise BackupError(f"{file}: {error}") from error
    finally:
        engine.dispose()
    if version is None:
        raise BackupError(f"{file} is no database of Omdöme's")


def _give_way(file: Path, successor: Path, force: bool) -> None:
    """Makes sure that nobody uses `file`, and that what is lost with it may be."""
    try:
        with closing(sqlite3.connect(file, timeout=1)) as live:
            # only possible when nobody else is connected; and no log is left to be applied to its successor
            live.execute("PRAGMA journal_mode = DELETE")
            moment = _newest(live)
            with closing(sqlite3.connect(successor)) as restored:
                behind = _newest(restored)
                _keep_refusals(live, restored)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in (
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_LOCKED,
        ):
            raise BackupError(f"{file} is in use: stop every Omdöme first") from error
        if not force:
            raise BackupError(f"{file} can't be read ({error}); to replace it all the same, force it") from error
        return
    if moment > behind and not force:
        raise BackupError(
            f"{file} has things until {moment} UTC, the backup until {behind or 'never'}; to lose the rest, force it"
        )


def _newest(connection: sqlite3.Connection) -> str:
    return max(connection.execute(query).fetchone()[0] or "" for query in _MOMENTS)


def _keep_refusals(live: sqlite3.Connection, restored: sqlite3.Connection) -> None:
    key = "SELECT value FROM facts WHERE name = 'storage.hash_key'"
    if live.execute(key).fetchone() == restored.execute(key).fetchone():
        refusals = live.execute("SELECT hash, channel, opted_out_at FROM optouts").fetchall()
        restored.executemany("INSERT OR IGNORE INTO optouts (hash, channel, opted_out_at) VALUES (?, ?, ?)", refusals)
        restored.commit()


def _read(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
