"""Where the demonstration is played: an application on a clock of its own, its database in a folder of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from pathlib import Path

from omdome.config import Config, load_config
from omdome.credentials import read_credentials
from omdome.demo.clock import SimulatedClock
from omdome.wiring import Application, open_application


@asynccontextmanager
async def stage(
    folder: Path, out: Path, first_day: date, *, anew: bool = True
) -> AsyncIterator[tuple[Application, SimulatedClock]]:
    """The application of the configuration in `folder`. Its database in `out` is empty, or (`anew` False) as it is."""
    database = (out / f"{folder.name}.db").resolve()
    database.parent.mkdir(parents=True, exist_ok=True)
    for leftover in database.parent.glob(f"{database.name}*") if anew else ():
        leftover.unlink()
    config = load_config(folder / "config.toml")
    config = config.model_copy(update={"storage": config.storage.model_copy(update={"url": f"sqlite:///{database}"})})
    clock = SimulatedClock(early(first_day, config))
    async with open_application(config, read_credentials({}), clock) as app:
        yield app, clock


def early(day: date, config: Config) -> datetime:
    return datetime.combine(day, time(6), config.organisation.timezone)
