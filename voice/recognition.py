"""What turns a caller's utterance into words: the contract of every speech engine.

An engine says what it heard and how far it is to be believed; what the words *mean* is decided by the same
`survey.interpretation` as for typed replies.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Expecting(StrEnum):
    """What was asked, so that an engine may listen for fewer words."""

    RATING = "rating"  #: bra, ok, dåligt (or 1, 2, 3), and the commands
    YES_NO = "yes_no"  #: ja, nej, and the commands
    REASON = "reason"  #: one of the offered reasons: 1, 2, 3 …, or own words where the engine transcribes
    COMMENT = "comment"  #: free speech; asked for only of engines that transcribe


class Trust(StrEnum):
    """How far a hearing is to be believed. The engine sets it from its own calibrated confidence."""

    ACCEPT = "accept"  #: act on it
    CONFIRM = "confirm"  #: say what was heard and ask whether it is right
    ASK_AGAIN = "ask_again"  #: not understood; `words` is the best guess, if there is one, for the transcript only


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One utterance as an engine heard it."""

    words: str  #: lower case, "" when nothing that it knows was said
    confidence: float  #: 0..1: how probably `words` is what was said
    trust: Trust
    engine: str  #: name and version of engine and model, as stored with the answer: "answer_words/1"


class RecognizerLostError(Exception):
    """The engine has died or doesn't answer in time. The call goes on by keypad; a later utterance may work again."""


class Recognizer(Protocol):
    """One caller's ears. One utterance at a time, one owner; reused for every utterance of a call.

    Each method may raise RecognizerLostError.
    """

    @property
    def engine(self) -> str: ...

    @property
    def transcribes(self) -> bool:
        """Whether free speech becomes text: only then is a comment worth asking for."""

    async def start(self, expecting: Expecting) -> None:
        """Begin an utterance; what an unfinished one had heard is forgotten."""

    async def feed(self, frame: bytes) -> str:
        """Take 20 ms (`voice.line.FRAME_BYTES`). Returns the words so far, "" while there are none.

        Cheap: an engine that is slow works elsewhere, and answers with the latest it knows.
        """

    async def finish(self) -> Hearing:
        """The utterance is over: what was it? Answers within 2 s or raises RecognizerLostError."""

    async def close(self) -> None:
        """Give back what it holds, and forget an utterance that is under way. A later `start` takes it again."""


class Recognizers(Protocol):
    """Where calls get their ears: shared by all calls of a process, safe to use from many of them at once."""

    @property
    def engine(self) -> str: ...

    async def recognizer(self) -> Recognizer:
        """Ears for one call. Raises RecognizerLostError when there are none just now (the call goes by keypad)."""

    async def close(self) -> None: ...
