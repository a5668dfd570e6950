"""The ears of a call: plays a prompt, listens for the caller's answer, and says what it was.

Keys are always live. Which question a key belongs to:
- The first key of a turn answers it, cuts the prompt, and beats whatever is being said; so does one that is pressed
  while the recogniser is still working on an utterance.
- A key sooner than `key_guard_seconds` into a prompt can't be an answer to it: nobody has heard the question by then.
  It is the second of a double press, or was meant for the question before, and is dropped, except `URGENT_KEYS`, which
  are about the call and not about a question. So nothing that is typed ahead is ever stored as an answer.

Who hangs up right after an answer has answered: `Gone` comes with the next turn. Of an answer that was broken off
nothing is believed; of a comment, what there is.

Voice interrupts a prompt only on a line without echo, where the policy allows it, and only if it began while the prompt
could be heard: whoever was already talking (or a radio) doesn't. After an interruption that wasn't understood the next
prompt is played to its end. Otherwise what is said during a prompt is ignored; on a line with echo its audio is too.
"""

from collections import deque
from dataclasses import dataclass

from voice import answering_machine, endpointing
from voice.answering_machine import Callee, Greeting, GreetingPolicy
from voice.arms_length import ArmsLength
from voice.endpointing import Pauses, Phase, Turn
from voice.floor import Floor
from voice.line import FRAME_SECONDS, Line
from voice.listening import Listener, Moment
from voice.outcomes import Gone, Key, NoInput, Outcome, Unheard, Utterance
from voice.recognition import Expecting, Recognizer, Trust

URGENT_KEYS = "9"  #: stop calling me
KEY_GUARD = 0.5
_WHOLE = 0.2  #: seconds of silence after which an utterance wasn't broken off
_PREROLL = 30  #: frames (0.6 s) before the onset was certain that the recogniser is given: at most half of it voice
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
    ends_with: str = ""  #: keys that end an utterance that has begun, which is then heard out
    key_guard_seconds: float = KEY_GUARD  #: 0 where the question has been heard before: any key is then an answer


class Ears:
    """One call's ears. One owner, who alone uses the line until the call is over."""

    def __init__(self, line: Line, recognizer: Recognizer | None) -> None:
        """Without a recogniser whatever is said is Unheard, and keys alone will do."""
        self._line = line
        self._listener = Listener(line)
        self._recognizer = ArmsLength(recognizer)
        self._interruptible = True  #: False after an interruption that led nowhere

    @property
    def seconds(self) -> float:
        """The call's time so far."""
        return self._listener.seconds

    @property
    def beeped(self) -> bool:
        """Whether a beep has been heard by now: so a machine whose greeting passed for a person's gives itself away."""
        return self._listener.beeped

    async def turn(self, prompt: bytes, expecting: Expecting, policy: TurnPolicy) -> Outcome:
        """Play the prompt (b"" to go on listening) and hear the caller out. Ends in bounded time, whatever comes in."""
        floor = self._play(prompt, policy.key_guard_seconds, policy.barge_in and self._interruptible)
        pauses, turn, interrupted = _pauses(policy), Turn(), False
        preroll: deque[bytes] = deque(maxlen=_PREROLL)
        while not turn.over:
            moment = await self._listener.listen()
            if moment.hung_up:
                if _said(turn, expecting):
                    break
                return Gone()
            floor.pass_by(moment)
            if key := _key(moment, floor):
                self._line.cut()
                if key in policy.ends_with and turn.phase is Phase.SPEAKING:
                    break
                return Key(key)
            waiting = turn.phase is Phase.WAITING
            turn = endpointing.heard(
                turn,
                pauses,
                FRAME_SECONDS,
                moment.is_speech and floor.voice_counts,
                clear=self._recognizer.words in policy.clear_words,
                prompt=floor.ours,
            )
            if waiting and turn.phase is Phase.SPEAKING:
                interrupted = floor.ours
                await self._give_floor(floor, expecting, preroll)
            if turn.phase is Phase.WAITING:
                preroll.clear() if moment.echoing else preroll.append(moment.frame)
            else:
                await self._recognizer.feed(moment.frame)
        if turn.phase is Phase.NO_INPUT:
            return NoInput()
        return await self._heard_out(turn, interrupted)

    async def speak(self, prompt: bytes, *, interruptible: bool) -> Key | Gone | None:
        """Say something that isn't a question. A key pressed meanwhile is reported, and cuts it if `interruptible`."""
        floor = self._play(prompt, KEY_GUARD, False)
        pressed = ""
        while floor.ours:
            moment = await self._listener.listen()
            if moment.hung_up:
                return Gone()
            floor.pass_by(moment)
            pressed = pressed or _key(moment, floor)
            if pressed and interruptible:
                self._line.cut()
                break
        return Key(pressed) if pressed else None

    async def greeting(self, policy: GreetingPolicy) -> Callee:
        """Listen to whoever answered our call, before we say anything."""
        if transcribes := self._recognizer.transcribes:
            await self._recognizer.start(Expecting.COMMENT)
        greeting = Greeting()
        while greeting.callee is None:
            moment = await self._listener.listen()
            if moment.hung_up:
                return Callee.GONE
            if moment.keys:
                return Callee.PERSON
            if transcribes:
                await self._recognizer.feed(moment.frame)
            greeting = answering_machine.heard(
                greeting,
                policy,
                FRAME_SECONDS,
                moment.is_speech,
                beep=moment.beep,
                words=self._recognizer.words,
            )
        return greeting.callee

    def _play(self, prompt: bytes, guard: float, interruptible: bool) -> Floor:
        if prompt:
            self._line.play(prompt)
        return Floor(prompt, guard=guard, interruptible=interruptible)

    async def _give_floor(self, floor: Floor, expecting: Expecting, preroll: deque[bytes]) -> None:
        if floor.ours:
            self._line.cut()
            floor.take()
        await self._recognizer.start(expecting, preroll)

    async def _heard_out(self, turn: Turn, interrupted: bool) -> Outcome:
        hearing = await self._recognizer.finish()
        key = await self._late_key()
        understood = hearing is not None and hearing.trust is not Trust.ASK_AGAIN and turn.phase is not Phase.TOO_LONG
        self._interruptible = understood or (self._interruptible and not interrupted)
        if key:
            return Key(key)
        if hearing is None:
            return Unheard()
        return Utterance(hearing, turn.spoken, cut_off=turn.phase is Phase.TOO_LONG, waited=turn.silence)

    async def _late_key(self) -> str:
        """A key pressed while the recogniser worked and nobody listened; what was said meanwhile is let go."""
        for _ in range(_BACKLOG):
            moment = await self._listener.listen()
            if moment.keys or moment.hung_up or not moment.behind:
                return moment.keys[:1]
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
    """The first key that counts, or ""."""
    counting = (key for key in moment.keys if floor.question_known or key in URGENT_KEYS)
    return next(counting, "")
