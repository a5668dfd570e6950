"""Clocks of a story: one that stands still until it is moved, and one that goes on from there."""

import time
from datetime import datetime, timedelta


class SimulatedClock:
    """Fulfils `workflow.ports.Clock`; only moves forwards."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Set the time; an earlier moment than now leaves it as it is."""
        self._now = max(self._now, moment)


class GoingOn:
    """Fulfils `workflow.ports.Clock`; runs as a real one does, from a moment of the story."""

    def __init__(self, since: datetime) -> None:
        self._since, self._started = since, time.monotonic()

    def now(self) -> datetime:
        return self._since + timedelta(seconds=time.monotonic() - self._started)
