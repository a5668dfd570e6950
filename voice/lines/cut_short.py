"""A line whose call can be told to end soon, by whoever stops the service."""

from voice.line import Heard, Line, LineTraits


class CutShortError(Exception):
    """The call is to end now, politely. Raised once: then the line serves for the goodbye."""


class Stoppable:
    """`line`, until `cut_short`: then who listens is told so by CutShortError, in the place of 20 ms."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._told = True

    def cut_short(self) -> None:
        self._told = False

    @property
    def traits(self) -> LineTraits:
        return self._line.traits

    def play(self, audio: bytes) -> None:
        self._line.play(audio)

    def cut(self) -> None:
        self._line.cut()

    async def listen(self) -> Heard:
        if not self._told:
            self._told = True
            raise CutShortError
        return await self._line.listen()

    async def hang_up(self) -> None:
        await self._line.hang_up()
