"""Listening to a line for some seconds of its own time."""

from voice.line import Heard, Line


async def hear(line: Line, seconds: float) -> list[Heard]:
    """What the line gave in so many seconds of the call."""
    return [await line.listen() for _ in range(round(seconds * 50))]
