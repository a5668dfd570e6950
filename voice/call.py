"""One call, from the first "hallå" to the hang-up: line, ears, script, prompts and store tied together."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import pi, sin

from models.conversation import Event, RecordAnswer
from models.survey import Disposition
from voice import dialogue as script
from voice.answerable import answerable
from voice.answering_machine import Callee, GreetingPolicy
from voice.dialogue import after
from voice.ears import Ears, TurnPolicy
from voice.farewell import Ended, Farewell
from voice.interview import Interview, InterviewLostError, is_opt_out
from voice.keypad import SKIP, STOP
from voice.line import RATE, Line
from voice.lines.cut_short import CutShortError
from voice.lines.taped import Taped
from voice.moves import NOT_RECORDED, RECORDED, Dialogue, Ending, Move, Recording
from voice.outcomes import Gone, Key, Outcome, Utterance
from voice.recognition import Expecting, Recognizer, RecognizerLostError
from voice.rendering import Occasion, instead, opening, who_we_are
from voice.teller import Prompts, Teller
from voice.transcript import Entry

__all__ = ["CallPolicy", "CallReport", "Ending", "Prompts", "hold_call"]

log = logging.getLogger(__name__)

_STOP = Key(STOP)


def _tone(seconds: float = 0.2, hertz: float = 440.0, level: float = 0.15) -> bytes:
    """Speak now: softer and shorter than an answering machine's beep."""
    count = round(seconds * RATE)
    fade = RATE // 100
    samples = (
        level * min(1.0, at / fade, (count - at) / fade) * sin(2 * pi * hertz * at / RATE) for at in range(count)
    )
    return b"".join(round(32767 * sample).to_bytes(2, "little", signed=True) for sample in samples)


TONE = _tone()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """How calls are held. `reasons` are in the order offered; those beyond the eighth have no key."""

    reasons: tuple[str, ...]
    occasion: Occasion = Occasion.FIRST
    greets_first: bool = True  #: an outbound call: listen to who answers before speaking
    greeting: GreetingPolicy = field(default_factory=GreetingPolicy)
    max_call_seconds: float = 600.0
    max_comment_seconds: float = 60.0
    no_input_seconds: float = 5.0
    comment_pause_seconds: float = 1.5  #: of silence that end a comment, or a reason in own words
    clear_words: Mapping[Expecting, frozenset[str]] = field(default_factory=dict)
    """That answer what is asked alone, so that less silence after them will do."""

    @property
    def expects_machines(self) -> bool:
        """Whoever calls us is no answering machine, and waits for us to speak."""
        return self.greets_first and not self.occasion.inbound


@dataclass(frozen=True, slots=True)
class CallReport:
    """`disposition` is the survey's as the call left it: None while it is still open (it may be answered elsewhere)."""

    ending: Ending
    disposition: Disposition | None
    transcript: tuple[Entry, ...]
    seconds: float  #: of the call
    refusal_unsaved: bool = False  #: never to be called again, but the store was away: somebody has to see to it


async def hold_call(
    line: Line,
    recognizer: Recognizer | None,
    prompts: Prompts,
    interview: Interview,
    policy: CallPolicy,
    watch: Callable[[Entry], None] | None = None,
) -> CallReport:
    """Hold one call over a line that is up, and hang up. `recognizer` None: by keypad alone; else it is closed after.

    `watch` is told each entry of the transcript as it happens. On a `Taped` line they are asked whether the call may be
    recorded, and the line records once they have said yes. Never raises for anything that a caller does, nor for a
    store that is away: what was stored until then stays.
    """
    call = _Call(line, recognizer, prompts, interview, policy, watch)
    try:
        ended = await call.hold()
    except InterviewLostError:
        log.warning("a call ended early: the store was away")
        ended = await call.broken_off()
    except CutShortError:
        log.info("a call is cut short: the service stops")
        line.cut()
        ended = await call.broken_off()
    except Exception:
        log.exception("a call ended early")
        ended = await call.broken_off()
    finally:
        await _over(line, recognizer)
    return call.report(ended)


async def _over(line: Line, recognizer: Recognizer | None) -> None:
    """Give everything back; what can't be given back doesn't keep the rest."""
    try:
        await line.hang_up()
    except Exception:
        log.exception("a line could not be hung up")
    try:
        if recognizer is not None:
            await recognizer.close()
    except RecognizerLostError:
        log.info("the recogniser was gone already when its call ended")
    except Exception:
        log.exception("a recogniser could not be given back")


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
        self._taped = line if isinstance(line, Taped) else None
        self._transcribes = recognizer is not None and recognizer.transcribes
        self._interview, self._policy = interview, policy
        self._teller = Teller(self._ears, prompts, watch, instead(policy.occasion))
        self._farewell = Farewell(self._ears, self._teller, interview)
        self._disposition: Disposition | None = None
        self._refusal: tuple[Event, str] | None = None  #: that is being stored

    def report(self, ended: Ended) -> CallReport:
        return CallReport(
            ended.ending,
            ended.disposition or self._disposition,
            tuple(self._teller.entries),
            self._ears.seconds,
            refusal_unsaved=ended.refusal_unsaved,
        )

    async def hold(self) -> Ended:
        greeted = await self._greeted() if self._policy.expects_machines else None
        if isinstance(greeted, Ended):
            return greeted
        session = await self._interview.session()
        self._disposition = session.disposition
        move = script.opening(
            Dialogue(
                session=session,
                lexicon=self._interview.lexicon,
                reasons=self._policy.reasons,
                transcribes=self._transcribes,
                recording=Recording.TO_ASK if self._taped else Recording.OFF,
            )
        )
        early = greeted or await self._introduced(move)
        if isinstance(early, Ended):
            return early
        return await self._talk(script.respond(move.dialogue, early) if early else move)

    async def broken_off(self) -> Ended:
        """It is our fault, and we say so; unless the caller has just told us never to call again."""
        if self._refusal is not None:
            return await self._farewell.refuse(*self._refusal)
        await self._farewell.goodbye("goodbye.technical")
        return Ended(Ending.TECHNICAL)

    async def _greeted(self) -> Ended | Key | None:
        """Who answered. Returned: nobody to talk to, or never to be called again."""
        callee = await self._ears.greeting(self._policy.greeting)
        if isinstance(callee, Key):
            self._teller.told(callee)
            return callee
        self._teller.happened(f"answered: {callee}")
        endings = {Callee.MACHINE: Ending.MACHINE, Callee.GONE: Ending.HUNG_UP}
        return Ended(endings[callee]) if callee in endings else None

    async def _introduced(self, move: Move) -> Ended | Key | Gone | None:
        """Who we are, to its end, and why we call, which only a nine cuts short.

        Returned: a machine, hung up, or never to be called again.
        """
        session = move.dialogue.session
        machines = self._policy.greeting if self._policy.expects_machines else None
        left = max(1, len(session.questions) - len(session.given))
        occasion = self._policy.occasion
        why = opening(left, occasion, may_be_recorded=self._taped is not None) if move.ending is None else ()
        for keys, interruptible in ((who_we_are(occasion), False), (why, True)):
            reported = await self._teller.say(keys, interruptible=interruptible, machines=machines)
            if isinstance(reported, Gone) or reported == _STOP:
                return reported
            if machines and self._ears.machine_heard:
                self._teller.happened("a machine")
                return Ended(Ending.MACHINE)
        return None

    async def _talk(self, move: Move) -> Ended:
        while True:
            while move.event is not None:
                move = await self._take(move)
            if move.ending is not None:
                return await self._farewell.end(move, move.ending)
            if self._ears.seconds > self._policy.max_call_seconds:
                late = Move(dialogue=move.dialogue, say=("goodbye.too_long",))
                return await self._farewell.end(late, Ending.TOO_LONG)
            outcome = await self._listen(move)
            answered = self._recorded(script.respond(move.dialogue, outcome, self._teller.words(move.say)))
            if self._is_machine(move, answered, outcome):
                self._teller.told(outcome)
                return Ended(Ending.MACHINE)
            if answered.event is None:
                self._teller.told(outcome)
                move = answered
            else:
                move = await self._take(answered, outcome)

    def _recorded(self, move: Move) -> Move:
        """Record from here on, where they have just agreed to that; where it can't be done, they are told."""
        if self._taped is None or RECORDED not in move.say:
            return move
        if self._taped.begin():
            self._teller.happened("recorded from here on, after this yes:")
            return move
        return replace(move, say=tuple(NOT_RECORDED if key == RECORDED else key for key in move.say))

    def _is_machine(self, move: Move, answered: Move, outcome: Outcome) -> bool:
        """A machine whose greeting passed for a person's gives itself away by what only machines say, or its beep.

        When unsure, a person: whoever is understood is one, whatever beeps in their kitchen.
        """
        if not self._policy.expects_machines or move.dialogue.consented or isinstance(outcome, Key | Gone):
            return False
        if answered.event is not None and is_opt_out(answered.event):
            return False
        words = outcome.hearing.words if isinstance(outcome, Utterance) else ""
        if any(phrase in words for phrase in self._policy.greeting.phrases):
            return True
        missed = answered.dialogue.no_matches > move.dialogue.no_matches
        understood = isinstance(outcome, Utterance) and not missed
        return self._ears.machine_heard and not understood

    async def _take(self, move: Move, outcome: Outcome | None = None) -> Move:
        """Store the move's event; what comes then, after what it said already."""
        assert move.event is not None
        self._refusal = (move.event, move.engine) if is_opt_out(move.event) else None
        if self._refusal and self._taped:
            self._taped.stop()
        if self._refusal and outcome is not None:
            self._teller.told(outcome)
        spoken = await self._interview.take(move.event, move.engine, seen=move.dialogue.session)
        self._disposition, refused, self._refusal = spoken.invitation.disposition, self._refusal, None
        stored = [effect for effect in spoken.effects if isinstance(effect, RecordAnswer)]
        if outcome is not None and not refused:
            self._teller.told(outcome, stored[0] if stored else None)
        return after(move, script.taken(move.dialogue, spoken.session, spoken.effects))

    async def _listen(self, move: Move) -> Outcome:
        expecting = move.dialogue.expecting
        sound = self._teller.sound(move.say)
        if expecting is Expecting.COMMENT:
            sound += TONE
        return await self._ears.turn(sound, expecting, self._turn(move))

    def _turn(self, move: Move) -> TurnPolicy:
        """How to listen to the answer to what the move says."""
        policy, dialogue, expecting = self._policy, move.dialogue, move.dialogue.expecting
        asked_before = dialogue.no_inputs + dialogue.no_matches > 0
        known = answerable(move.say, asked_before=asked_before, seconds=self._teller.length)
        turn = TurnPolicy(
            no_input_seconds=policy.no_input_seconds,
            barge_in=expecting is not Expecting.COMMENT,
            clear_words=policy.clear_words.get(expecting, frozenset()),
            key_guard_seconds=known.by_key,
            voice_guard_seconds=known.by_voice,
            missed=dialogue.no_matches > 0,
            beep_ends=policy.expects_machines and not dialogue.consented,
        )
        own_words = expecting is Expecting.REASON and dialogue.transcribes
        if expecting is not Expecting.COMMENT and not own_words:
            return turn
        longest, pause = policy.max_comment_seconds, policy.comment_pause_seconds
        return replace(turn, max_seconds=longest, hangover_seconds=pause, ends_with=SKIP)
