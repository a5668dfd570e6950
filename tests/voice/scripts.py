"""The dialogue without a line or a store: a caller's outcomes go in, and what is said and stored comes out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from models.conversation import Effect, RecordAnswer, Script, Session
from models.rating import Rating
from omdome.lexicons import load_lexicon
from survey.conversation import advance, start
from tests.voice.call_world import QUESTIONS, REASONS
from voice.dialogue import after, opening, respond, taken
from voice.moves import Dialogue, Ending, Move, Recording
from voice.outcomes import Key, NoInput, Outcome, Unheard, Utterance
from voice.recognition import Hearing, Trust

SILENCE = NoInput()
DEAF = Unheard()
SCRIPT = Script(reasons=REASONS)


def sure(words: str) -> Utterance:
    return Utterance(Hearing(words=words, confidence=0.95, trust=Trust.ACCEPT, engine="ears/1"), 0.6)


def unsure(words: str) -> Utterance:
    return Utterance(Hearing(words=words, confidence=0.6, trust=Trust.CONFIRM, engine="ears/1"), 0.6)


def mumbled(words: str = "") -> Utterance:
    return Utterance(Hearing(words=words, confidence=0.2, trust=Trust.ASK_AGAIN, engine="ears/1"), 0.6)


def endless(words: str) -> Utterance:
    return Utterance(Hearing(words=words, confidence=0.95, trust=Trust.ACCEPT, engine="ears/1"), 8, cut_off=True)


@dataclass
class Held:
    """A call so far: `said` is what the last outcome led to, `stored` all that was."""

    dialogue: Dialogue
    said: tuple[str, ...] = ()
    effects: list[Effect] = field(default_factory=list)
    engines: list[str] = field(default_factory=list)
    ending: Ending | None = None

    @property
    def answers(self) -> dict[str, Rating | None]:
        return {each.question: each.rating for each in self.recorded}

    @property
    def recorded(self) -> list[RecordAnswer]:
        return [effect for effect in self.effects if isinstance(effect, RecordAnswer)]

    def hears(self, outcome: Outcome) -> tuple[str, ...]:
        assert self.ending is None, "the call is over"
        return self._follow(respond(self.dialogue, outcome))

    def _follow(self, move: Move) -> tuple[str, ...]:
        while move.event is not None:
            step = advance(move.dialogue.session, move.event, SCRIPT)
            self.effects += step.effects
            self.engines += [move.engine for effect in step.effects if isinstance(effect, RecordAnswer)]
            move = after(move, taken(move.dialogue, step.session, step.effects))
        self.dialogue, self.said, self.ending = move.dialogue, move.say, move.ending
        return self.said


def call(
    *outcomes: Outcome,
    transcribes: bool = False,
    session: Session | None = None,
    language: str = "sv",
    recording: Recording = Recording.OFF,
) -> Held:
    """A call in which the caller did these things, one a turn, until now."""
    dialogue = Dialogue(
        session=session or start(QUESTIONS, permission_wanted=False),
        lexicon=load_lexicon(language),
        reasons=REASONS,
        transcribes=transcribes,
        recording=recording,
    )
    held = Held(dialogue)
    held._follow(opening(dialogue))
    for outcome in outcomes:
        held.hears(outcome)
    return held


def keys(pressed: Iterable[str]) -> tuple[Key, ...]:
    return tuple(map(Key, pressed))
