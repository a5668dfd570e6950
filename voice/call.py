"""One call, from the first "hallå" to the hang-up: line, ears, script, prompts and store tied together."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from math import pi, sin
from typing import Protocol

from models.conversation import HungUp, OptedOut, RecordAnswer
from models.survey import Disposition
from voice import dialogue as script
from voice.answering_machine import Callee, GreetingPolicy
from voice.dialogue import after
from voice.ears import KEY_GUARD, Ears, TurnPolicy
from voice.interview import Interview, InterviewLostError
from voice.line import FRAME_BYTES, FRAME_SECONDS, RATE, Line
from voice.moves import BY_KEY, Dialogue, Ending, Move
from voice.outcomes import Gone, Key, NoInput, Outcome, Unheard, Utterance
from voice.recognition import Expecting, Recognizer, RecognizerLostError
from voice.rendering import lead_in, opening
from voice.transcript import Entry, Who

__all__ = ["CallPolicy", "CallReport", "Ending", "Prompts", "hold_call"]

log = logging.getLogger(__name__)

_LAST_WORD_SECONDS = 3.0  #: after "tryck nio om du aldrig mer …"
_STOP_KEY, _END_KEY = "9", "#"


def _tone(seconds: float = 0.2, hertz: float = 440.0, level: float = 0.15) -> bytes:
    """Speak now: softer and shorter than an answering machine's beep."""
    count = round(seconds * RATE)
    fade = RATE // 100
    samples = (
        level * min(1.0, at / fade, (count - at) / fade) * sin(2 * pi * hertz * at / RATE) for at in range(count)
    )
    return b"".join(round(32767 * sample).to_bytes(2, "little", signed=True) for sample in samples)


TONE = _tone()


class Prompts(Protocol):
    """What is said, by key: the dotted paths of `locales/<language>/voice.toml` without the file's name."""

    def audio(self, key: str) -> bytes:
        """Whole frames of 8 kHz 16-bit mono. "question.bemotande.full"; `identification` names the organisation."""

    def text(self, key: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """How calls are held. `reasons` are in the order offered; those beyond the eighth have no key."""

    reasons: tuple[str, ...]
    greets_first: bool = True  #: an outbound call: listen to who answers before speaking
    greeting: GreetingPolicy = field(default_factory=GreetingPolicy)
    max_call_seconds: float = 600.0
    max_comment_seconds: float = 60.0
    no_input_seconds: float = 5.0
    comment_pause_seconds: float = 1.5  #: of silence that end a comment
    clear_words: frozenset[str] = frozenset()  #: that answer a question alone, so that less silence after them will do


@dataclass(frozen=True, slots=True)
class CallReport:
    """`disposition` is the survey's as the call left it: None while it is still open (it may be answered elsewhere)."""

    ending: Ending
    disposition: Disposition | None
    transcript: tuple[Entry, ...]
    seconds: float  #: of the call


async def hold_call(
    line: Line,
    recognizer: Recognizer | None,
    prompts: Prompts,
    interview: Interview,
    policy: CallPolicy,
    watch: Callable[[Entry], None] | None = None,
) -> CallReport:
    """Hold one call over a line that is up, and hang up. `recognizer` None: by keypad alone; else it is closed after.

    `watch` is told each entry of the transcript as it happens. Never raises for anything that a caller does, nor for a
    store that is away: what was stored until then stays.
    """
    call = _Call(line, recognizer, prompts, interview, policy, watch)
    try:
        ending = await call.hold()
    except InterviewLostError:
        log.warning("a call ended early: the store was away")
        ending = await call.apologise()
    except Exception:
        log.exception("a call ended early")
        ending = await call.apologise()
    finally:
        await line.hang_up()
        if recognizer is not None:
            await _close(recognizer)
    return call.report(ending)


async def _close(recognizer: Recognizer) -> None:
    try:
        await recognizer.close()
    except RecognizerLostError:
        log.info("the recogniser was gone already when its call ended")


class _Call:
    def __init__(
        self,
        line: Line,
        recognizer: Recognizer | None,
        prompts: Prompts,
        interview: Interview,
        policy: CallPolicy,
        watch: Callable[[Entry], None] | None,
    ) -> None:
        self._ears = Ears(line, recognizer)
        self._transcribes = recognizer is not None and recognizer.transcribes
        self._prompts, self._interview, self._policy, self._watch = prompts, interview, policy, watch
        self._entries: list[Entry] = []
        self._disposition: Disposition | None = None

    def report(self, ending: Ending) -> CallReport:
        return CallReport(ending, self._disposition, tuple(self._entries), self._ears.seconds)

    async def hold(self) -> Ending:
        if self._policy.greets_first:
            callee = await self._ears.greeting(self._policy.greeting)
            self._happened(f"answered: {callee}")
            if callee in (Callee.MACHINE, Callee.GONE):
                return Ending.MACHINE if callee is Callee.MACHINE else Ending.HUNG_UP
        session = await self._interview.session()
        self._disposition = session.disposition
        move = script.opening(
            Dialogue(
                session=session,
                lexicon=self._interview.lexicon,
                reasons=self._policy.reasons,
                transcribes=self._transcribes,
            )
        )
        introduced = await self._introduce(move)
        if introduced is not None:
            move = script.respond(move.dialogue, introduced)
        return await self._talk(move)

    async def apologise(self) -> Ending:
        """Say that it is our fault; whatever fails now, the call is over."""
        try:
            await self._say(("goodbye.technical",), interruptible=False)
        except Exception:
            log.exception("couldn't even say so")
        return Ending.TECHNICAL

    async def _introduce(self, move: Move) -> Outcome | None:
        """Who we are, to its end; why we call, which a key cuts short. Returned: hung up, or never to be called."""
        session = move.dialogue.session
        left = max(1, len(session.questions) - len(session.given))
        why = opening(left) if move.ending is None else ()
        for keys, interruptible in ((("hello", "identification"), False), (why, True)):
            reported = await self._say(keys, interruptible=interruptible)
            if isinstance(reported, Gone) or reported == Key(_STOP_KEY):
                return reported
        return None

    async def _talk(self, move: Move) -> Ending:
        while True:
            while move.event is not None:
                move = await self._take(move)
            if move.ending is not None:
                return await self._end(move, move.ending)
            if self._ears.seconds > self._policy.max_call_seconds:
                return await self._end(Move(dialogue=move.dialogue, say=("goodbye.too_long",)), Ending.TOO_LONG)
            outcome = await self._listen(move)
            answered = script.respond(move.dialogue, outcome)
            if self._is_machine(move, outcome):
                self._told(outcome)
                return Ending.MACHINE
            if answered.event is None:
                self._told(outcome)
                move = answered
            else:
                move = await self._take(answered, outcome)

    def _is_machine(self, move: Move, outcome: Outcome) -> bool:
        """A machine whose greeting passed for a person's gives itself away by its beep."""
        unanswered = not move.dialogue.consented and not isinstance(outcome, Key | Gone)
        return self._policy.greets_first and unanswered and self._ears.beeped

    async def _take(self, move: Move, outcome: Outcome | None = None) -> Move:
        """Store the move's event; what comes then, after what it said already."""
        assert move.event is not None
        spoken = await self._interview.take(move.event, move.engine, seen=move.dialogue.session)
        self._disposition = spoken.invitation.disposition
        stored = [effect for effect in spoken.effects if isinstance(effect, RecordAnswer)]
        if outcome is not None:
            self._told(outcome, stored[0] if stored else None)
        return after(move, script.taken(move.dialogue, spoken.session, spoken.effects))

    async def _end(self, move: Move, ending: Ending) -> Ending:
        if ending is Ending.HUNG_UP:
            self._happened("hung up")
            if move.dialogue.consented:
                await self._interview.take(HungUp(), BY_KEY)
            return ending
        last: Outcome | None = await self._say(move.say, interruptible=False)
        if last is None and ending is Ending.DECLINED:
            last = await self._ears.turn(b"", Expecting.YES_NO, TurnPolicy(no_input_seconds=_LAST_WORD_SECONDS))
            self._told(last)
        if last is None or ending is Ending.OPTED_OUT or not script.refuses(move.dialogue, last):
            return ending
        spoken = await self._interview.take(OptedOut(), BY_KEY)  # said while, or just after, we said goodbye
        self._disposition = spoken.invitation.disposition
        await self._say(("goodbye.opted_out",), interruptible=False)
        return Ending.OPTED_OUT

    async def _say(self, keys: Iterable[str], *, interruptible: bool) -> Key | Gone | None:
        reported = await self._ears.speak(self._sound(keys), interruptible=interruptible)
        if isinstance(reported, Key):
            self._told(reported)
        return reported

    async def _listen(self, move: Move) -> Outcome:
        policy, expecting = self._policy, move.dialogue.expecting
        sound = self._sound(move.say)
        if expecting is Expecting.COMMENT:
            comment = TurnPolicy(
                barge_in=False,
                no_input_seconds=policy.no_input_seconds,
                max_seconds=policy.max_comment_seconds,
                hangover_seconds=policy.comment_pause_seconds,
                ends_with=_END_KEY,
            )
            return await self._ears.turn(sound + TONE, expecting, comment)
        turn = TurnPolicy(
            no_input_seconds=policy.no_input_seconds,
            clear_words=policy.clear_words,
            key_guard_seconds=self._guard(move),
        )
        return await self._ears.turn(sound, expecting, turn)

    def _guard(self, move: Move) -> float:
        """Seconds before which nobody can have heard what is asked, unless it was asked before."""
        if move.dialogue.no_inputs + move.dialogue.no_matches > 0:
            return 0.0
        before = sum(len(self._prompts.audio(key)) for key in lead_in(move.say))
        return before / FRAME_BYTES * FRAME_SECONDS + KEY_GUARD

    def _sound(self, keys: Iterable[str]) -> bytes:
        keys = tuple(keys)
        for key in keys:
            text = self._prompts.text(key)
            self._note(Entry(who=Who.WE, seconds=self._ears.seconds, prompt=key, text=text))
        return b"".join(map(self._prompts.audio, keys))

    def _told(self, outcome: Outcome, stored: RecordAnswer | None = None) -> None:
        """What the caller did, and what was stored of it."""
        rating = stored.rating if stored else None
        entry = Entry(
            who=Who.CALLER,
            seconds=self._ears.seconds,
            rating=rating.value if rating else "",
            question=stored.question if stored else "",
        )
        match outcome:
            case Key(key):
                self._note(replace(entry, key=key))
            case Utterance(hearing):
                trust = f"{hearing.trust}"
                self._note(replace(entry, text=hearing.words, confidence=hearing.confidence, trust=trust))
            case Unheard():
                self._note(replace(entry, text="(not heard)"))
            case NoInput():
                self._note(replace(entry, text="(silence)"))

    def _happened(self, what: str) -> None:
        self._note(Entry(who=Who.CALL, seconds=self._ears.seconds, text=what))

    def _note(self, entry: Entry) -> None:
        self._entries.append(entry)
        if self._watch is not None:
            self._watch(entry)
