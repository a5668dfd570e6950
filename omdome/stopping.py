"""How calls end when the service stops: who is rung is let be, and who is spoken with is told goodbye in time."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeVar

from voice.line import Line
from voice.lines.cut_short import Stoppable

T = TypeVar("T")
GOODBYE_SECONDS = 12.0  #: that a goodbye and its hang-up may take


class Stopping:
    """The calls of one process, which are to end when it does."""

    def __init__(self) -> None:
        self._begun, self._none_left = asyncio.Event(), asyncio.Event()
        self._lines = set[Stoppable]()

    @property
    def begun(self) -> bool:
        return self._begun.is_set()

    def begin(self) -> None:
        """Nobody more is called, and what rings stops."""
        self._begun.set()

    def cut_short(self) -> None:
        """Say goodbye to whoever is still there; what they have answered is kept."""
        self.begin()
        for line in self._lines:
            line.cut_short()

    async def unless_begun(self, work: Coroutine[object, object, T]) -> T | None:
        """What `work` comes to; None where the service stops meanwhile: it is then cancelled."""
        if self._begun.is_set():
            work.close()
            return None
        working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(self._begun.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            stopping.cancel()
            if not working.done():
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)

    @contextmanager
    def stoppable(self, line: Line) -> Iterator[Stoppable]:
        """The line, as the call is to be held on."""
        held = Stoppable(line)
        self._lines.add(held)
        self._none_left.clear()
        if self._begun.is_set():
            held.cut_short()
        try:
            yield held
        finally:
            self._lines.discard(held)
            if not self._lines:
                self._none_left.set()

    @asynccontextmanager
    async def when(self, stop: asyncio.Event, grace_seconds: float) -> AsyncIterator[None]:
        """Begin once `stop` is set, and cut short what then takes too long to end within `grace_seconds`.

        Left only when all calls have ended, of those to us as well, which nobody else waits for.
        """
        watching = asyncio.create_task(self._watch(stop, max(0.0, grace_seconds - GOODBYE_SECONDS)))
        try:
            yield
            if self._lines:
                await self._none_left.wait()
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _watch(self, stop: asyncio.Event, patience: float) -> None:
        await stop.wait()
        self.begin()
        await asyncio.sleep(patience)
        self.cut_short()
