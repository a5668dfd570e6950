"""Where a call is and what it does next, and how patient it is: the ground of `voice.dialogue`."""

from dataclasses import dataclass, replace
from enum import StrEnum

from models.conversation import Declined, Event, OptedOut, Session, Skipped, Stage
from models.rating import Unclear
from survey.lexicon import Lexicon
from voice import rendering
from voice.recognition import Expecting
from voice.rendering import LEFT, Variant, again, present_prompt

RETRIES = 2  #: of each kind on one prompt: shorter, then with the keys
TURNS = 8  #: on one question, whatever happens in them
GIVEN_UP = 2  #: questions in a row without an answer that end the call
BY_KEY = "key"  #: the engine that is stored with what was pressed
NO_ANSWER = "no answer"  #: the same, with what was left without anybody's doing
RECORDED, NOT_RECORDED = "recording.on", "recording.off"


class Ending(StrEnum):
    """How a call ended."""

    FINISHED = "finished"  #: thanked
    DECLINED = "declined"  #: didn't want to take part
    OPTED_OUT = "opted_out"  #: never to be called again
    GIVEN_UP = "given_up"  #: the caller wasn't heard, or not understood
    HUNG_UP = "hung_up"  #: the far end went, before the end
    MACHINE = "machine"  #: an answering machine; no message was left
    ALREADY_DONE = "already_done"  #: answered or closed before we called
    TOO_LONG = "too_long"
    TECHNICAL = "technical"  #: the store was away, or a fault of ours


class Recording(StrEnum):
    """Whether the call may be recorded."""

    OFF = "off"  #: nobody is asked
    TO_ASK = "to_ask"  #: once they have agreed to the questions
    ASKING = "asking"
    AGREED = "agreed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """Where a call is. `session` is the survey's as it was last stored."""

    session: Session
    lexicon: Lexicon
    reasons: tuple[str, ...]  #: codes, in the order of their keys; those beyond the eighth aren't offered
    transcribes: bool  #: free speech becomes text: comments are worth asking for
    consented: bool = False
    briefed: bool = False  #: has been told how to answer
    no_inputs: int = 0  #: on the present prompt
    no_matches: int = 0  #: likewise
    turns: int = 0  #: on the present question
    given_up: int = 0  #: questions in a row
    asking_stop: bool = False  #: "do you want us to stop calling?"
    maybe: bool | None = None  #: the unsure yes or no to "may I ask?" that was heard last
    pending_engine: str = ""  #: what heard the rating that is being confirmed
    recording: Recording = Recording.OFF
    held_back: tuple[str, ...] = ()  #: prompts that wait until recording is settled

    @property
    def expecting(self) -> Expecting:
        if self.asking_stop or not self.consented or self.recording is Recording.ASKING:
            return Expecting.YES_NO
        if self.session.stage is Stage.CONFIRM:
            return Expecting.YES_NO
        return {Stage.REASON: Expecting.REASON, Stage.COMMENT: Expecting.COMMENT}.get(
            self.session.stage, Expecting.RATING
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What comes next: say it; then store the event and tell `taken` what came of it, or end, or listen."""

    dialogue: Dialogue
    say: tuple[str, ...] = ()
    event: Event | None = None
    engine: str = ""  #: what understood the event, as stored with it
    ending: Ending | None = None


# --- patience ------------------------------------------------------------------------------------------------------


def no_input(dialogue: Dialogue) -> Move:
    silent = replace(dialogue, no_inputs=dialogue.no_inputs + 1)
    if silent.no_inputs > RETRIES or dialogue.expecting is Expecting.COMMENT:
        return give_up(silent, ())
    said = "no_input.first" if silent.no_inputs == 1 else "no_input.second"
    return Move(dialogue=silent, say=(said, *prompt(silent, again(silent.no_inputs))))


def no_match(dialogue: Dialogue, unclear: Unclear) -> Move:
    """The survey didn't understand a reply to its question."""
    question = dialogue.session.current
    if dialogue.session.stage is not Stage.QUESTION or question is None:
        return missed_prompt(dialogue, why_again(unclear))
    missed = replace(dialogue, no_matches=dialogue.no_matches + 1)
    if missed.no_matches > RETRIES:
        return give_up(missed, ())
    return Move(dialogue=missed, say=rendering.reprompt(question, unclear, missed.no_matches))


def missed_prompt(dialogue: Dialogue, why: tuple[str, ...]) -> Move:
    missed = replace(dialogue, no_matches=dialogue.no_matches + 1)
    if missed.no_matches > RETRIES:
        return give_up(missed, why if why == ("no_match.use_keys",) else ())
    return Move(dialogue=missed, say=(*why, *prompt(missed, again(missed.no_matches))))


def why_again(unclear: Unclear | None) -> tuple[str, ...]:
    return rendering.WHO if unclear is Unclear.QUESTION else (f"no_match.{Unclear.UNKNOWN}",)


def give_up(dialogue: Dialogue, say: tuple[str, ...]) -> Move:
    """Past the prompt, or out of the call."""
    session = dialogue.session
    if not dialogue.consented:
        return Move(dialogue=dialogue, say=(*say, _goodbye(dialogue)), ending=Ending.GIVEN_UP)
    if dialogue.recording is Recording.ASKING:
        settled = recording_settled(dialogue, agreed=False)
        return replace(settled, say=(*say, *settled.say))
    if session.stage is Stage.REASON:
        return take(dialogue, Skipped(session.current, Stage.REASON), NO_ANSWER)
    if session.stage not in (Stage.QUESTION, Stage.CONFIRM):
        return take(dialogue, Skipped(stage=session.stage), NO_ANSWER)
    given_up = replace(dialogue, given_up=dialogue.given_up + 1)
    if given_up.given_up >= GIVEN_UP:
        return Move(dialogue=given_up, say=(*say, _goodbye(given_up)), ending=Ending.GIVEN_UP)
    return replace(take(given_up, Skipped(), NO_ANSWER), say=(*say, LEFT))


def _goodbye(dialogue: Dialogue) -> str:
    if dialogue.no_inputs > RETRIES:
        return "goodbye.no_answer"
    return "thanks.partial" if any(each.rating for each in dialogue.session.given) else "goodbye.given_up"


def take(dialogue: Dialogue, event: Event, engine: str) -> Move:
    """Have it stored. A no, to this survey or to all, is no consent."""
    consented = dialogue.consented or not isinstance(event, Declined | OptedOut)
    return Move(dialogue=replace(dialogue, consented=consented), event=event, engine=engine)


def recording_settled(dialogue: Dialogue, *, agreed: bool) -> Move:
    """Say whether we record, and then what was held back for that."""
    settled = replace(
        dialogue,
        recording=Recording.AGREED if agreed else Recording.DECLINED,
        held_back=(),
        no_inputs=0,
        no_matches=0,
        turns=0,
    )
    return Move(dialogue=settled, say=(RECORDED if agreed else NOT_RECORDED, *dialogue.held_back))


def prompt(dialogue: Dialogue, variant: Variant) -> tuple[str, ...]:
    if not dialogue.consented:
        return (f"consent.{variant}",)
    if dialogue.recording is Recording.ASKING:
        return (f"recording.{variant}",)
    return present_prompt(dialogue.session, dialogue.reasons, variant, transcribes=dialogue.transcribes)
