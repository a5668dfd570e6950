"""A clock that stands still until it is moved."""

from datetime import datetime


class SimulatedClock:
    """Fulfils `workflow.ports.Clock`; only moves forwards."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Set the time; an earlier moment than now leaves it as it is."""
        self._now = max(self._now, moment)
