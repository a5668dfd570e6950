"""A recogniser that can't hurt: whatever the engine does, a call goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from typing import TypeVar

from voice.recognition import Expecting, Hearing, Recognizer, RecognizerLostError

log = logging.getLogger(__name__)
T = TypeVar("T")
PATIENCE = 2.5  #: seconds of real time; by contract an engine gives up by itself after 2


class ArmsLength:
    """One utterance at a time. An engine that is missing, dies or hangs hears nothing until the next `start`."""

    def __init__(self, recognizer: Recognizer | None) -> None:
        self._recognizer = recognizer
        self._there = False
        self.words = ""  #: heard so far

    @property
    def transcribes(self) -> bool:
        return self._recognizer is not None and self._recognizer.transcribes

    async def start(self, expecting: Expecting, audio: Iterable[bytes] = ()) -> None:
        """Begin an utterance, of which `audio` (frames) has already been said."""
        self.words = ""
        self._there = self._recognizer is not None
        if self._recognizer is not None:
            await self._answer(self._recognizer.start(expecting))
        for frame in audio:
            await self.feed(frame)

    async def feed(self, frame: bytes) -> None:
        if self._there and self._recognizer is not None:
            self.words = await self._answer(self._recognizer.feed(frame)) or ""

    async def finish(self) -> Hearing | None:
        """What was said, or None where no engine heard it."""
        if not self._there or self._recognizer is None:
            return None
        self._there = False
        return await self._answer(self._recognizer.finish())

    async def _answer(self, answer: Awaitable[T]) -> T | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await answer
        except (RecognizerLostError, TimeoutError) as error:
            log.warning("the speech engine is lost for this utterance: %s", str(error) or "no answer in time")
        except Exception:
            log.exception("the speech engine failed")
        self._there = False
        return None
