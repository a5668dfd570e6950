"""The ears of a call: plays a prompt, listens for the caller's answer, and says what it was.

Keys are always live. Which question a key belongs to:
- The first key of a turn answers it, cuts the prompt, and beats whatever is being said; so does one that is pressed
  while the recogniser is still working on an utterance. Free speech (`ends_with`) is beaten by `URGENT_KEYS` alone.
- A key sooner than `key_guard_seconds` into a prompt can't be an answer to it: nobody has heard the question by then.
  It is the second of a double press, or was meant for the question before, and is dropped, except `URGENT_KEYS`, which
  are about the call and not about a question: they count at any time, and before any other key. So nothing that is
  typed ahead is ever stored as an answer.

Who hangs up right after an answer has answered: `Gone` comes with the next turn. Of an answer that was broken off
nothing is believed; of a comment, what there is.

Voice interrupts a prompt only on a line without echo, where the policy allows it, and only if it began while the prompt
could be heard: whoever was already talking (or a radio) doesn't. After an utterance that wasn't understood the next
prompt is played to its end. Otherwise what is said during a prompt is ignored; on a line with echo its audio is too.

Who goes on ("det var inte … bra") after something that wasn't understood, or after free speech, is never surely heard:
an utterance that begins within 1.5 s of that voice is one to confirm.
"""

from collections import deque
from dataclasses import dataclass, replace

from voice import answering_machine, endpointing
from voice.answering_machine import Callee, Greeting, GreetingPolicy, Overlap
from voice.arms_length import ArmsLength
from voice.endpointing import Pauses, Phase, Turn
from voice.floor import Floor
from voice.line import FRAME_SECONDS, SILENCE, Line
from voice.listening import Listener, Moment
from voice.outcomes import Gone, Key, NoInput, Outcome, Unheard, Utterance
from voice.recognition import Expecting, Recognizer, Trust
from voice.voice_activity import level

URGENT_KEYS = "9"  #: stop calling me
KEY_GUARD = 0.5
_CONTINUED = 75  #: frames (1.5 s) of silence after which an utterance is a new one, and not the rest of the one before
_WHOLE = 0.2  #: seconds of silence after which an utterance wasn't broken off
_PREROLL = 30  #: frames (0.6 s) before the onset was certain that the recogniser is given: at most half of it voice
_ECHO = 10.0  #: dB below our own prompt at which its loudest syllables may come back from a bad line
_BACKLOG = 150  #: frames (3 s): more than a recogniser can have kept us


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPolicy:
    """How a caller's turn is listened to; seconds."""

    no_input_seconds: float = 5.0  #: of nobody speaking, after the prompt
    barge_in: bool = True  #: voice may interrupt the prompt, on a line without echo
    max_seconds: float = 8.0  #: of one utterance
    hangover_seconds: float = 0.5  #: of silence that end it
    clear_hangover_seconds: float = 0.3  #: the same, when the words so far are one of `clear_words`
    clear_words: frozenset[str] = frozenset()
    ends_with: str = ""  #: of free speech: keys that end an utterance that has begun, which is then heard out
    key_guard_seconds: float = KEY_GUARD  #: 0 where the question has been heard before: any key is then an answer
    voice_guard_seconds: float = KEY_GUARD  #: of the prompt, before a voice may interrupt it
    missed: bool = False  #: what was said before wasn't understood, however surely it was heard
    beep_ends: bool = False  #: a beep while nobody speaks ends the turn as NoInput; `machine_heard` tells


class Ears:
    """One call's ears. One owner, who alone uses the line until the call is over."""

    def __init__(self, line: Line, recognizer: Recognizer | None) -> None:
        """Without a recogniser whatever is said is Unheard, and keys alone will do."""
        self._line = line
        self._listener = Listener(line)
        self._recognizer = ArmsLength(recognizer)
        self._understood = True  #: what was said last
        self._free = False  #: and it was free speech, which may go on after its end
        self._quiet = _CONTINUED  #: frames since the last voice
        self._overlap = Overlap()
        self._talks_on = False

    @property
    def seconds(self) -> float:
        """The call's time so far."""
        return self._listener.seconds

    @property
    def machine_heard(self) -> bool:
        """Whether a machine whose greeting passed for a person's has given itself away: talked on, or beeped lately."""
        return self._talks_on or self._listener.beeped

    async def turn(self, prompt: bytes, expecting: Expecting, policy: TurnPolicy) -> Outcome:
        """Play the prompt (b"" to go on listening) and hear the caller out. Ends in bounded time, whatever comes in."""
        try:
            return await self._turn(prompt, expecting, policy)
        finally:
            await self._recognizer.abandon()

    async def _turn(self, prompt: bytes, expecting: Expecting, policy: TurnPolicy) -> Outcome:
        after_miss = policy.missed or not self._understood
        floor = self._play(prompt, policy, interruptible=policy.barge_in and not after_miss)
        pauses, turn, gap = _pauses(policy), Turn(), self._quiet
        preroll: deque[bytes] = deque(maxlen=_PREROLL)
        while not turn.over:
            gap = self._quiet if turn.voice == 0 else gap
            moment = await self._listen()
            speaking = turn.phase is Phase.SPEAKING
            if moment.hung_up:
                if _said(turn, expecting):
                    break
                return Gone()
            floor.pass_by(moment)
            if floor.broken:
                return Gone()
            if key := _key(moment, floor):
                if key in URGENT_KEYS or not (speaking and policy.ends_with):
                    return self._pressed(key)
                if key in policy.ends_with:
                    break
            if moment.beep and policy.beep_ends and not speaking:
                self._line.cut()
                return NoInput()
            turn = endpointing.heard(
                turn,
                pauses,
                FRAME_SECONDS,
                moment.is_speech and floor.voice_counts,
                clear=self._recognizer.words in policy.clear_words,
                prompt=floor.ours,
            )
            if not speaking and turn.phase is Phase.SPEAKING:
                await self._give_floor(floor, expecting, preroll)
            if turn.phase is Phase.WAITING:
                preroll.clear() if moment.echoing else preroll.append(moment.frame)
            else:
                await self._recognizer.feed(moment.frame)
        if turn.phase is Phase.NO_INPUT:
            return NoInput()
        continues = (after_miss or self._free) and gap < _CONTINUED
        return await self._heard_out(turn, policy, continues)

    async def speak(
        self, prompt: bytes, *, interruptible: bool, machines: GreetingPolicy | None = None
    ) -> Key | Gone | None:
        """Say something that isn't a question. A key pressed meanwhile is reported, an urgent one before others.

        Only an urgent key cuts it, and that only if `interruptible`; and, where `machines` may have answered, a beep or
        who talks on through the beginning of all that was said so (`machine_heard` tells).
        """
        floor = self._play(prompt, TurnPolicy(), interruptible=False)
        pressed, at_least = "", level(prompt or SILENCE) - _ECHO
        while floor.ours:
            moment = await self._listen()
            if moment.hung_up:
                return Gone()
            floor.pass_by(moment)
            if floor.broken:
                return Gone()
            key = _key(moment, floor)
            pressed = _first(key + pressed, URGENT_KEYS) or pressed or key
            if machines and self._is_machine(moment, machines, at_least):
                self._line.cut()
                break
            if interruptible and _first(pressed, URGENT_KEYS):
                self._line.cut()
                break
        return Key(pressed) if pressed else None

    def _is_machine(self, moment: Moment, policy: GreetingPolicy, at_least: float) -> bool:
        theirs = moment.is_near and moment.loudness > at_least
        self._overlap = answering_machine.overlapped(self._overlap, FRAME_SECONDS, theirs)
        self._talks_on = answering_machine.talks_on(self._overlap, policy)
        return self._talks_on or moment.beep

    async def greeting(self, policy: GreetingPolicy) -> Callee | Key:
        """Listen to whoever answered our call, before we speak. An urgent key is returned, others are a person's."""
        try:
            return await self._greeting(policy)
        finally:
            await self._recognizer.abandon()

    async def _greeting(self, policy: GreetingPolicy) -> Callee | Key:
        if transcribes := self._recognizer.transcribes:
            await self._recognizer.start(Expecting.COMMENT)
        greeting = Greeting()
        while greeting.callee is None:
            moment = await self._listen()
            if moment.hung_up:
                return Callee.GONE
            if moment.keys:
                urgent = _first(moment.keys, URGENT_KEYS)
                return Key(urgent) if urgent else Callee.PERSON
            if transcribes:
                await self._recognizer.feed(moment.frame)
            greeting = answering_machine.heard(
                greeting,
                policy,
                FRAME_SECONDS,
                moment.is_near,
                beep=moment.beep,
                words=self._recognizer.words,
            )
        return greeting.callee

    async def _listen(self) -> Moment:
        moment = await self._listener.listen()
        self._quiet = 0 if moment.is_speech else self._quiet + 1
        return moment

    def _play(self, prompt: bytes, policy: TurnPolicy, *, interruptible: bool) -> Floor:
        if prompt:
            self._line.play(prompt)
        guard, voice_guard = policy.key_guard_seconds, policy.voice_guard_seconds
        return Floor(prompt, guard=guard, voice_guard=voice_guard, interruptible=interruptible)

    def _pressed(self, key: str) -> Key:
        self._line.cut()
        self._understood, self._free = True, False
        return Key(key)

    async def _give_floor(self, floor: Floor, expecting: Expecting, preroll: deque[bytes]) -> None:
        if floor.ours:
            self._line.cut()
            floor.take()
        await self._recognizer.start(expecting, preroll)

    async def _heard_out(self, turn: Turn, policy: TurnPolicy, continues: bool) -> Outcome:
        hearing = await self._recognizer.finish()
        if key := await self._late_key(URGENT_KEYS if policy.ends_with else ""):
            return self._pressed(key)
        cut_off = turn.phase is Phase.TOO_LONG
        self._understood = hearing is not None and hearing.trust is not Trust.ASK_AGAIN and not cut_off
        self._free = bool(policy.ends_with)
        if hearing is None:
            return Unheard()
        if continues and hearing.trust is Trust.ACCEPT:
            hearing = replace(hearing, trust=Trust.CONFIRM)
        return Utterance(hearing, turn.spoken, cut_off=cut_off, waited=turn.silence)

    async def _late_key(self, counting: str) -> str:
        """A key (of `counting`, if any) pressed while the recogniser worked and nobody listened.

        What was said meanwhile is let go.
        """
        for _ in range(_BACKLOG):
            moment = await self._listen()
            key = _first(moment.keys, URGENT_KEYS) or ("" if counting else moment.keys[:1])
            if key or moment.hung_up or not moment.behind:
                return key
        return ""


def _pauses(policy: TurnPolicy) -> Pauses:
    return Pauses(
        no_input=policy.no_input_seconds,
        hangover=policy.hangover_seconds,
        clear_hangover=policy.clear_hangover_seconds,
        longest=policy.max_seconds,
    )


def _said(turn: Turn, expecting: Expecting) -> bool:
    """Whether what was said counts though the caller has hung up: a whole answer, or what there is of a comment."""
    return turn.phase is Phase.SPEAKING and (turn.silence >= _WHOLE or expecting is Expecting.COMMENT)


def _key(moment: Moment, floor: Floor) -> str:
    """The key that counts, an urgent one before others; or ""."""
    return _first(moment.keys, URGENT_KEYS) or (moment.keys[:1] if floor.question_known else "")


def _first(keys: str, of: str) -> str:
    return next((key for key in keys if key in of), "")
