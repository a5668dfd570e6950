"""The real things, made from the configuration: what commands and the service work with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from omdome.config import Config
from omdome.console import Problem
from omdome.credentials import Credentials
from omdome.policies import database_file_of, database_url_of
from workflow.ports import Clock, Store


class SystemClock:
    """`workflow.ports.Clock` of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An opened Omdöme: settings, secrets, database, clock."""

    config: Config
    credentials: Credentials
    store: Store
    clock: Clock

    @property
    def folder(self) -> Path:
        """Where this installation keeps its own files: beside an SQLite database, else in data/."""
        file = database_file_of(self.config)
        return file.parent if file is not None else self.config.path("data")


@asynccontextmanager
async def open_application(
    config: Config, credentials: Credentials, clock: Clock | None = None
) -> AsyncIterator[Application]:
    """Open the database (an SQLite file is made if there is none), and close it afterwards.

    Raises Problem when it can't be opened or can't take what is asked of it.
    """
    from storage.database import open_store
    from storage.migration import DatabaseRefusedError
    from workflow.ports import StoreUnavailableError

    file = database_file_of(config)
    try:
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        store = await open_store(database_url_of(config, credentials), config.organisation.timezone)
    except (DatabaseRefusedError, ValueError) as error:
        raise Problem(f"[storage] url: {error}") from error
    except OSError as error:
        raise Problem(f"[storage] url: can't make {error.filename} ({error.strerror})") from error
    try:
        yield Application(config=config, credentials=credentials, store=store, clock=clock or SystemClock())
    except StoreUnavailableError as error:
        raise Problem(f"{error}; nothing was changed, try again") from error
    finally:
        await store.close()
