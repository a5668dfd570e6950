"""Where the database is."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def database_url(text: str) -> URL:
    """Reads `sqlite:///path/to/file` or `postgresql://user@host/name`; raises ValueError saying what would be right."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError(_advice(text)) from None
    driver = _DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None:
        raise ValueError(_advice(text))
    if driver.startswith("sqlite") and (not url.database or ":memory:" in url.database or url.query):
        raise ValueError(f"{text!r} names no file; SQLite needs one, as in sqlite:///data/omdome.sqlite")
    return url.set(drivername=driver)


def sqlite_path(url: URL) -> Path | None:
    """The database's file, or None when it is PostgreSQL."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _advice(text: str) -> str:
    scheme = text.partition(":")[0]  # the rest may hold a password
    return f"{scheme}: is no database we know; write sqlite:///data/omdome.sqlite or postgresql://user@host/omdome"
