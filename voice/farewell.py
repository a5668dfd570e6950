"""How a call ends: the goodbye, the last word after a no, and a wish never to be called again, which isn't lost."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

from models.conversation import Event, HungUp, OptedOut
from models.survey import Disposition
from voice import dialogue as script
from voice.ears import Ears, TurnPolicy
from voice.interview import Interview, InterviewLostError
from voice.line import FRAME_SECONDS
from voice.lines.cut_short import CutShortError
from voice.moves import BY_KEY, Ending, Move
from voice.outcomes import Gone, NoInput, Outcome
from voice.recognition import Expecting
from voice.teller import Teller

log = logging.getLogger(__name__)

LAST_WORD_SECONDS = 3.0  #: after a no ("tryck nio om du aldrig mer …"), or where nobody agreed to anything
RETRY_SECONDS = (0.0, 1.0, 2.0, 3.0)  #: before each new try to store a refusal, while we say goodbye
SAVING_SECONDS = 10.0  #: of real time that all of them may take


@dataclass(frozen=True, slots=True)
class Ended:
    """`disposition` is what the end has changed it to, None where it hasn't."""

    ending: Ending
    disposition: Disposition | None = None
    refusal_unsaved: bool = False


class Farewell:
    """The end of one call."""

    def __init__(self, ears: Ears, teller: Teller, interview: Interview) -> None:
        self._ears, self._teller, self._interview = ears, teller, interview

    async def end(self, move: Move, ending: Ending) -> Ended:
        """Say what the move says last, and listen for a nine meanwhile. Never raises InterviewLostError."""
        if ending is Ending.HUNG_UP:
            return await self._left(move)
        try:
            return await self._parted(move, ending)
        except CutShortError:  # while we said goodbye
            return Ended(ending)

    async def _parted(self, move: Move, ending: Ending) -> Ended:
        last: Outcome | None = await self._teller.say(move.say, interruptible=False)
        unwilling = ending is Ending.DECLINED or (ending is Ending.GIVEN_UP and not move.dialogue.consented)
        if unwilling and not self._is_last(move, last):
            last = await self._last_word(move)
        if last is None or ending is Ending.OPTED_OUT or not script.refuses(move.dialogue, last):
            return Ended(ending)
        return await self.refuse(OptedOut(), BY_KEY)

    async def refuse(self, event: Event, engine: str) -> Ended:
        """Store a wish never to be called again, trying for some seconds while we say that we won't."""
        stored, _ = await asyncio.gather(self._stored(event, engine), self.goodbye("goodbye.opted_out"))
        if stored is None:
            number = self._interview.invitation_id
            log.error("invitation %d: never to be called again, and this could not be stored in the call", number)
        return Ended(Ending.OPTED_OUT, stored, refusal_unsaved=stored is None)

    async def goodbye(self, prompt: str) -> None:
        """Say it, if that can be done at all: whatever fails now, the call is over."""
        try:
            await self._teller.say((prompt,), interruptible=False)
        except Exception:
            log.exception("couldn't even say goodbye")

    async def _stored(self, event: Event, engine: str) -> Disposition | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SAVING_SECONDS):
                for wait in RETRY_SECONDS:
                    await asyncio.sleep(wait)
                    try:
                        return (await self._interview.take(event, engine)).invitation.disposition
                    except InterviewLostError:
                        log.warning("a refusal could not be stored just now")
                    except Exception:
                        log.exception("a refusal could not be stored")
        return None

    async def _left(self, move: Move) -> Ended:
        self._teller.happened("hung up")
        if move.dialogue.consented:
            try:
                await self._interview.take(HungUp(), BY_KEY)
            except InterviewLostError:
                log.warning("a caller hung up while the store was away")
        return Ended(Ending.HUNG_UP)

    def _is_last(self, move: Move, outcome: Outcome | None) -> bool:
        """Nothing more is worth waiting for."""
        return isinstance(outcome, Gone) or (outcome is not None and script.refuses(move.dialogue, outcome))

    async def _last_word(self, move: Move) -> Outcome | None:
        """Whatever else is said or pressed, a nine or a refusal within three seconds counts."""
        until = self._ears.seconds + LAST_WORD_SECONDS
        while (left := until - self._ears.seconds) >= FRAME_SECONDS:
            last = await self._ears.turn(b"", Expecting.YES_NO, TurnPolicy(no_input_seconds=left))
            if isinstance(last, NoInput):
                return None
            self._teller.told(last)
            if self._is_last(move, last):
                return last
        return None
