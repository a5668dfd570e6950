"""A call to us from somebody whom we have nothing to ask: who we are, why we may have called, how to be left alone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from models.rating import ReplyKind
from survey.lexicon import Lexicon
from voice.ears import Ears, TurnPolicy
from voice.farewell import RETRY_SECONDS, SAVING_SECONDS
from voice.keypad import STOP
from voice.line import Line
from voice.lines.cut_short import CutShortError
from voice.outcomes import Gone, Key, NoInput, Outcome, Utterance
from voice.recognition import Expecting, Recognizer, RecognizerLostError
from voice.teller import Prompts, Teller
from voice.transcript import Entry
from voice.understanding import heard, may_be_refusal, refuses_in_passing, yes_no

log = logging.getLogger(__name__)

NOTHING = ("inbound.nothing", "inbound.opt_out")
HIDDEN = ("inbound.hidden", "inbound.goodbye")
TURNS = 3  #: in which they may say something after what we have to say
SILENCE_SECONDS = 4.0  #: after it, before we hang up

#: Stores that they are never to be called again. May raise.
Refuse = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of it. `refusal_unsaved`: they refused, and that could not be stored: somebody has to see to it."""

    transcript: tuple[Entry, ...]
    seconds: float
    refused: bool = False
    refusal_unsaved: bool = False


async def tell_caller(
    line: Line,
    recognizer: Recognizer | None,
    prompts: Prompts,
    lexicon: Lexicon,
    refuse: Refuse | None,
    watch: Callable[[Entry], None] | None = None,
) -> Visit:
    """Hold the call over a line that is up, and hang up. `recognizer` None: keys alone; else it is closed after.

    `refuse` None: their number is hidden, so that nothing can be stored about it, and they are told so. Never raises
    for anything that a caller does.
    """
    visit = _Visit(Ears(line, recognizer), prompts, lexicon, refuse, watch)
    try:
        await visit.hold()
    except CutShortError:
        await visit.goodbye("inbound.goodbye")
    except Exception:
        log.exception("a call to us ended early")
    finally:
        with suppress(Exception):
            await line.hang_up()
        if recognizer is not None:
            with suppress(RecognizerLostError):
                await recognizer.close()
    return visit.report()


class _Visit:
    def __init__(
        self,
        ears: Ears,
        prompts: Prompts,
        lexicon: Lexicon,
        refuse: Refuse | None,
        watch: Callable[[Entry], None] | None,
    ) -> None:
        self._ears, self._lexicon, self._refuse = ears, lexicon, refuse
        self._teller = Teller(ears, prompts, watch)
        self._told = NOTHING if refuse else HIDDEN
        self._refused = self._unsaved = False

    def report(self) -> Visit:
        return Visit(tuple(self._teller.entries), self._ears.seconds, self._refused, self._unsaved)

    async def hold(self) -> None:
        if await self._wants_to_be_left_alone():
            await self._leave_alone()

    async def goodbye(self, prompt: str) -> None:
        with suppress(Exception):  # whatever fails now, the call is over
            await self._teller.say((prompt,), interruptible=False)

    async def _wants_to_be_left_alone(self) -> bool:
        """Say what there is to say, and once more to whoever says something that isn't understood."""
        reported = await self._teller.say(("inbound.identification",), interruptible=False)
        said: tuple[str, ...] = self._told
        asked = False  # whether they want us to stop
        for _ in range(TURNS):
            if not self._over(reported):
                reported = await self._teller.say(said, interruptible=self._refuse is not None)
            if self._over(reported):
                return self._stops(reported)
            outcome = await self._ears.turn(b"", Expecting.YES_NO, TurnPolicy(no_input_seconds=SILENCE_SECONDS))
            if isinstance(outcome, Gone | NoInput):
                return False
            self._teller.told(outcome)
            if self._refuses(outcome, asked):
                return True
            asked = self._may_refuse(outcome)
            said, reported = ("no_match.stop_question",) if asked else self._told, None
        return False

    def _over(self, reported: Key | Gone | None) -> bool:
        return isinstance(reported, Gone) or self._stops(reported)

    def _stops(self, reported: Key | Gone | None) -> bool:
        return self._refuse is not None and reported == Key(STOP)

    def _refuses(self, outcome: Outcome, asked: bool) -> bool:
        if self._refuse is None or not isinstance(outcome, Utterance):
            return self._refuse is not None and outcome == Key(STOP)
        if heard(outcome, self._lexicon).understood.kind is ReplyKind.OPT_OUT:
            return True
        return asked and bool(yes_no(outcome, self._lexicon) or may_be_refusal(outcome, self._lexicon))

    def _may_refuse(self, outcome: Outcome) -> bool:
        if self._refuse is None or not isinstance(outcome, Utterance):
            return False
        return may_be_refusal(outcome, self._lexicon) or refuses_in_passing(outcome, self._lexicon)

    async def _leave_alone(self) -> None:
        self._refused = True
        saved, _ = await asyncio.gather(self._saved(), self.goodbye("goodbye.opted_out"))
        self._unsaved = not saved

    async def _saved(self) -> bool:
        assert self._refuse is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(SAVING_SECONDS):
                for wait in RETRY_SECONDS:
                    await asyncio.sleep(wait)
                    try:
                        await self._refuse()
                    except Exception:
                        log.warning("a refusal could not be stored just now", exc_info=True)
                    else:
                        return True
        return False
