"""When to try again, and how long a worker rests between two rounds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from workflow.ports import StoreUnavailableError

T = TypeVar("T")

log = logging.getLogger(__name__)

Jitter = Callable[[], float]  #: a number in 0..1, drawn anew at every call (`random.random`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential waiting with jitter: `first`, twice that, four times that … at most `longest`."""

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=15)

    def delay(self, attempts: int, jitter: float) -> timedelta:
        """How long to wait after the `attempts`-th try (from 1); `jitter` 0..1 takes off up to half of it."""
        doublings = min(max(attempts, 1) - 1, 30)
        return min(self.first * (1 << doublings), self.longest) * (1 - jitter / 2)


USUAL_BACKOFF = Backoff()


async def keep_working(
    round_: Callable[[], Awaitable[int]], stop: asyncio.Event, wake: asyncio.Event, rest_seconds: float
) -> None:
    """Run rounds until `stop`; a round that found nothing rests until `wake` is set or `rest_seconds` passed.

    A round that raises (the database is locked, the disk is full) is logged and tried again, ever more slowly.
    What a round has begun it finishes: `stop` is looked at between rounds.
    """
    faults = 0
    while not stop.is_set():
        wake.clear()
        try:
            found = await round_()
            faults = 0
        except Exception as error:
            faults += 1
            found = 0
            log.warning("%s failed (%s), time %d in a row", round_.__qualname__, type(error).__name__, faults)
        if not found:
            await _rest(stop, wake, min(rest_seconds * 2**faults, 30.0))


async def patiently(step: Callable[[], Awaitable[T]], pauses: Iterable[float]) -> T:
    """What `step` returns; while the store is away it is tried again after each of these pauses (seconds).

    Raises StoreUnavailableError where it is away for longer.
    """
    for seconds in pauses:
        try:
            return await step()
        except StoreUnavailableError:
            await asyncio.sleep(seconds)
    return await step()


async def _rest(stop: asyncio.Event, wake: asyncio.Event, seconds: float) -> None:
    waiting = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(wake.wait())]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


def without_text(error: BaseException) -> BaseException:
    """The error's kind and traceback without its text, which may quote a person: fit for the log."""
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)
