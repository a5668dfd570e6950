"""The store's side of a call: each event is one step of the survey, taken in its own transaction."""

from typing import Protocol

from models.conversation import Event
from workflow.converse import Spoken


class InterviewLostError(Exception):
    """The store can't take it just now: nothing of the step was stored, and the call should end with an apology."""


class Interview(Protocol):
    """One call's survey."""

    async def take(self, event: Event, engine: str = "") -> Spoken:
        """Take one step, stored whole or not at all; `engine` is what understood it. Raises InterviewLostError."""
