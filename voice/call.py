"""One call, from the first "hallå" to the hang-up: line, ears, script, prompts and store tied together."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from models.survey import Disposition
from voice.interview import Interview
from voice.line import Line
from voice.recognition import Recognizer
from voice.transcript import Entry


class Prompts(Protocol):
    """What is said, by key: the dotted paths of `locales/<language>/voice.toml` without the file's name."""

    def audio(self, key: str) -> bytes:
        """Whole frames of 8 kHz 16-bit mono. "question.bemotande.full"; `identification` names the organisation."""

    def text(self, key: str) -> str: ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """How calls are held. `questions` and `reasons` are in the order asked and offered; at most 9 and 8 of them."""

    questions: tuple[str, ...]
    reasons: tuple[str, ...]
    greets_first: bool = True  #: an outbound call: listen to who answers before speaking
    max_call_seconds: float = 600.0
    max_comment_seconds: float = 60.0


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
    """Hold one call over a line that is up, and hang up. `recognizer` None: by keypad alone.

    `watch` is told each entry of the transcript as it happens. Never raises for anything that a caller does.
    """
    raise NotImplementedError
