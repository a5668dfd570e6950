"""Keeps the service's components running until it is told to stop, and then lets them finish what they hold."""

import asyncio
import logging
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from workflow.backoff import Backoff, Jitter, without_text

log = logging.getLogger(__name__)

_BACKOFF = Backoff(first=timedelta(seconds=1), longest=timedelta(minutes=5))
_SETTLED_SECONDS = 300.0  #: a component that ran this long before it fell starts again at the shortest wait


class FatalError(Exception):
    """The service can't go on: a wrong setting, a port taken. The message says what would be right."""


@dataclass(frozen=True, slots=True)
class Component:
    """One thing that runs for as long as the service does.

    `run(stop)` returns soon after `stop` is set, with its work finished. If it raises, it is started again, ever more
    slowly; if it raises FatalError, the service stops.
    """

    name: str
    run: Callable[[asyncio.Event], Awaitable[None]]


async def supervise(
    components: Sequence[Component],
    stop: asyncio.Event,
    grace_seconds: float,
    jitter: Jitter = random.random,
    backoff: Backoff = _BACKOFF,
) -> None:
    """Run the components until `stop` is set; what isn't done `grace_seconds` later is broken off.

    Raises FatalError if a component did, after the others have been stopped.
    """
    tasks = [asyncio.create_task(_keep_up(part, stop, jitter, backoff), name=part.name) for part in components]
    stopping = asyncio.create_task(stop.wait())
    try:
        while tasks and not stop.is_set():
            done, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if any(task is not stopping and task.exception() for task in done):
                stop.set()
    finally:
        stop.set()
        stopping.cancel()
        late = await _finish(tasks, grace_seconds)
    if late:
        log.warning(
            "broken off after %g s: %s; what they held is taken up again at the next start", grace_seconds, late
        )
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            raise error


async def _finish(tasks: Sequence[asyncio.Task[None]], grace_seconds: float) -> str:
    """Wait for the tasks; cancel those that don't end in time, and return their names."""
    if not tasks:
        return ""
    _, late = await asyncio.wait(tasks, timeout=grace_seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return ", ".join(sorted(task.get_name() for task in late))


async def _keep_up(component: Component, stop: asyncio.Event, jitter: Jitter, backoff: Backoff) -> None:
    falls = 0
    while not stop.is_set():
        began = time.monotonic()
        try:
            await component.run(stop)
        except FatalError:
            raise
        except Exception as error:
            if time.monotonic() - began > _SETTLED_SECONDS:
                falls = 0
            falls += 1
            wait = backoff.delay(falls, jitter()).total_seconds()
            log.exception(
                "%s fell (%s), time %d in a row; starting it again in %.0f s",
                component.name,
                type(error).__name__,
                falls,
                wait,
                exc_info=without_text(error),
            )
            await pause(stop, wait)
        else:
            if not stop.is_set():
                log.warning("%s ended by itself; starting it again", component.name)
                await pause(stop, backoff.first.total_seconds())


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but not past `stop`."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def every(seconds: float, name: str, job: Callable[[], Awaitable[object]]) -> Component:
    """A component that does `job` at once and then again and again, `seconds` after it was done.

    A job that raises is logged and done again next time: one bad night must not stop the others.
    """

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await job()
            except FatalError:
                raise
            except Exception as error:
                log.exception("%s failed (%s)", name, type(error).__name__, exc_info=without_text(error))
            await pause(stop, seconds)

    return Component(name, run)


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM and Ctrl-C set `stop`; a second one ends the process at once."""

    def asked(name: str) -> None:
        if stop.is_set():
            log.warning("%s again: ending at once; what was in flight is taken up again at the next start", name)
            sys.stderr.flush()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)
        log.info("%s: finishing what is in flight; once more ends at once", name)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked, signal.Signals(number).name)
