"""Who is at the other end of a call by recording: which recording, or which key, answers which prompt."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.rating import Rating, ReplyKind
from omdome.console import MISUSE, Problem
from survey.interpretation import interpret
from survey.lexicon import Lexicon
from voice.audio_files import AudioFileError, in_frames, read_audio
from voice.lines.keypad import KEYS
from voice.transcript import Entry, Who

_DID_NOT_COUNT = ("no_input.", "no_match.")  #: the prompts that say so of the last reply


@dataclass(frozen=True, slots=True)
class Recording:
    """Something to say. `meant` is the rating that the file's name tells, None if it doesn't."""

    audio: bytes  #: 8 kHz PCM in whole frames
    meant: Rating | None = None


@dataclass(frozen=True, slots=True)
class Press:
    key: str  #: one of 0123456789*#


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


Reply = Recording | Press


@dataclass(slots=True)
class RecordedCaller:
    """Answers each prompt of one call.

    By question (`in_order` False) each of `replies` answers the next question, and is given again when that question is
    asked again. To "stämmer det?" they say `yes` or `no` where the recording's name tells what it holds, else the same
    once more; `consent`, `recording` (may we record?), `reason` and `comment` answer those. In order, every prompt that
    asks takes the next reply. Whoever has none left hangs up.
    """

    replies: Sequence[Reply]
    in_order: bool = False
    consent: Reply = Press("1")
    yes: Reply = Press("1")
    no: Reply = Press("2")
    reason: Reply = Press("#")
    comment: Reply = Press("#")
    recording: Reply = Press("2")
    _given: int = 0  #: how many of `replies`
    _by_question: dict[str, Reply] = field(default_factory=dict)
    _question: str = ""
    _answered: bool = False  #: this prompt already, though more of it is to come

    def reply_to(self, entry: Entry) -> Reply | HangUp | None:
        """What the caller does about what has just happened in the call; None: nothing."""
        if entry.who is Who.CALLER or entry.prompt.startswith(_DID_NOT_COUNT):
            self._answered = False
        choose = self._choice(entry.prompt) if entry.who is Who.WE and not self._answered else None
        if choose is None:
            return None
        self._answered = True
        return (self._next() if self.in_order else choose()) or HangUp()

    def _choice(self, prompt: str) -> Callable[[], Reply | None] | None:
        """How a prompt is answered by question; None for one that asks nothing."""
        kind, _, rest = prompt.partition(".")
        if kind == "question":
            self._question = rest.partition(".")[0]
            return self._to_question
        if kind == "confirm":
            return lambda: self._to_confirmation(rest.partition(".")[0])
        told = {"consent": self.consent, "recording": self.recording, "reason": self.reason, "comment": self.comment}
        if kind in told and rest in ("full", "short", "keys"):
            return lambda: told[kind]
        return None

    def _to_question(self) -> Reply | None:
        if self._question not in self._by_question and (reply := self._next()):
            self._by_question[self._question] = reply
        return self._by_question.get(self._question)

    def _to_confirmation(self, offered: str) -> Reply | None:
        """`offered` is how the prompt's key writes the rating."""
        reply = self._to_question()
        if isinstance(reply, Recording) and reply.meant:
            return self.yes if reply.meant.name.lower() == offered else self.no
        return reply

    def _next(self) -> Reply | None:
        if self._given == len(self.replies):
            return None
        self._given += 1
        return self.replies[self._given - 1]


def caller_of(
    replies: Sequence[Reply], questions: Sequence[str], *, in_order: bool, say_consent: bool
) -> RecordedCaller:
    """Who answers these questions with these replies. Raises Problem for replies that would answer nothing."""
    if in_order:
        return RecordedCaller(replies, in_order=True)
    consent, answers = (replies[0], replies[1:]) if say_consent else (Press("1"), replies)
    if len(answers) > len(questions):
        raise Problem(
            f"{len(answers)} replies to {len(questions)} questions; give one each, or use --in-order to answer every "
            "prompt, also those that ask for consent, whether it was heard rightly, and what went wrong",
            MISUSE,
        )
    return RecordedCaller(answers, consent=consent)


def replies_of(given: Sequence[str], lexicon: Lexicon) -> list[Reply]:
    """Each a recording's file, or "key:" and a key. Raises Problem for the first that is neither.

    `lexicon` reads what the files' names say of what they hold.
    """
    return [_reply(each, lexicon) for each in given]


def keys_of(given: str) -> list[Reply]:
    """ "1,1,3", "1 1 3" or "1, 1, 3" as keys pressed. Raises Problem."""
    apart = re.sub(r"\s*,\s*|\s+", ",", given.strip())
    return [_pressed(key, f"--keys {given}") for key in apart.split(",")]


def _reply(given: str, lexicon: Lexicon) -> Reply:
    word, colon, key = given.partition(":")
    if colon and word == "key":
        return _pressed(key, given)
    file = Path(given)
    try:
        audio = in_frames(read_audio(file))
    except AudioFileError as error:
        raise Problem(str(error), MISUSE) from error
    named = interpret(file.stem.replace("_", " ").replace("-", " "), lexicon)
    return Recording(audio, named.rating if named.kind is ReplyKind.RATING else None)


def _pressed(key: str, given: str) -> Press:
    if len(key) != 1 or key not in KEYS:
        raise Problem(f"{given}: {key!r} is no key; a telephone has 0 to 9, * and #, pressed one at a time", MISUSE)
    return Press(key)
