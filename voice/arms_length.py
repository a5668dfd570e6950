"""A recogniser that can't hurt: whatever the engine does, a call goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from typing import TypeVar

from voice.line import FRAME_SECONDS
from voice.recognition import Expecting, Hearing, Recognizer, RecognizerLostError

log = logging.getLogger(__name__)
T = TypeVar("T")
PATIENCE = 2.5  #: seconds of real time; by contract an engine gives up by itself after 2
LATENESS = 3.0  #: seconds of real time that an engine may lag behind an utterance: more, and it hears nothing of it


class ArmsLength:
    """One utterance at a time. An engine that is missing, dies or hangs hears nothing until the next `start`."""

    def __init__(self, recognizer: Recognizer | None) -> None:
        self._recognizer = recognizer
        self._there = False
        self._begun = False  #: an utterance, that is neither finished nor abandoned
        self._late = 0.0  #: seconds that it has kept us waiting in this utterance, less those that were said
        self.words = ""  #: heard so far

    @property
    def transcribes(self) -> bool:
        return self._recognizer is not None and self._recognizer.transcribes

    async def start(self, expecting: Expecting, audio: Iterable[bytes] = ()) -> None:
        """Begin an utterance, of which `audio` (frames) has already been said."""
        self.words, self._late = "", 0.0
        self._there = self._begun = self._recognizer is not None
        if self._recognizer is not None:
            await self._answer(self._recognizer.start(expecting))
        for frame in audio:
            await self.feed(frame)

    async def feed(self, frame: bytes) -> None:
        if not self._there or self._recognizer is None:
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.words = await self._answer(self._recognizer.feed(frame)) or ""
        self._late += loop.time() - began - FRAME_SECONDS
        if self._late > LATENESS:
            log.warning("the speech engine is %.1f s behind: it hears no more of this utterance", self._late)
            await self.abandon()

    async def finish(self) -> Hearing | None:
        """What was said, or None where no engine heard it."""
        if not self._there or self._recognizer is None:
            return None
        self._there = False
        hearing = await self._answer(self._recognizer.finish())
        self._begun = hearing is None
        return hearing

    async def abandon(self) -> None:
        """Nobody wants to know what was said: others may have the recogniser. Does nothing between utterances."""
        begun, self._there, self._begun = self._begun, False, False
        if begun and self._recognizer is not None:
            await self._answer(self._recognizer.close())

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
