"""What the conversation's effects sound like: prompts by key, of `locales/<language>/voice.toml`.

A prompt that asks comes full at first, then short, then with the keys (`Variant`).
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from models.conversation import (
    Ask,
    AskComment,
    AskReason,
    Confirm,
    Effect,
    Finish,
    RecordAnswer,
    RecordComment,
    RecordReason,
    Reprompt,
    Say,
    Session,
    Stage,
)
from models.rating import Rating, Unclear
from models.survey import Disposition

MAX_REASONS = 8  #: key 9 stops
LEFT = "no_match.given_up"  #: that a question is left unanswered
WHO = ("identification", "who.full")  #: the answer to "vem är det?"


class Occasion(StrEnum):
    """What makes us talk just now: it decides the first words of a call."""

    FIRST = "first"  #: we call about a case
    INTERRUPTED = "interrupted"  #: we call again, since the last call broke off by our fault
    RECHECK = "recheck"  #: we call about what has been mended since
    INBOUND = "inbound"  #: they call us
    INBOUND_RECHECK = "inbound_recheck"

    @property
    def inbound(self) -> bool:
        return self in (Occasion.INBOUND, Occasion.INBOUND_RECHECK)


_SAID = {
    "welcome": ("how_to_answer",),
    "welcome_again": ("how_to_answer",),
    "changed": ("heard.changed",),
    "noted": ("heard.reason",),
    "remark_noted": ("heard.comment",),
    "comment_go_ahead": ("comment.go_ahead",),
    "already_done": ("goodbye.already_answered",),
    "already_closed": ("goodbye.closed",),
    "declined": ("goodbye.refused",),
    "opted_out": ("goodbye.opted_out",),
    "question_back": ("no_match.question",),
}
_THANKS = {Disposition.COMPLETED: "completed", Disposition.PARTIAL: "partial"}


class Variant(StrEnum):
    FULL = "full"
    SHORT = "short"
    KEYS = "keys"


def render(effects: Sequence[Effect], *, transcribes: bool) -> tuple[str, ...]:
    """The prompts to play, in order. `transcribes`: free speech becomes text, so own words are asked for.

    Nothing for what a call has no words for: a chat's permission, a reminder, and the comment of a caller whose free
    speech nobody would understand; what the caller says next is then up to the dialogue.
    """
    keys: list[str] = []
    for effect in effects:
        for key in _said(effect, effects, transcribes):
            if not keys or keys[-1] != key:  # "noted", and stored: once is enough
                keys.append(key)
    return tuple(keys)


def _said(effect: Effect, effects: Iterable[Effect], transcribes: bool) -> tuple[str, ...]:
    match effect:
        case Ask(question):
            return (f"question.{question}.full",)
        case Reprompt(question, unclear, attempt):
            return reprompt(question, unclear, attempt)
        case Confirm(_, rating):
            return (f"confirm.{rating.name.lower()}.full",)
        case RecordAnswer():
            return _acknowledged(effect, effects)
        case AskReason(_, codes):
            return reason_prompt(codes, Variant.FULL, transcribes=transcribes)
        case RecordReason():
            return ("heard.reason",)
        case AskComment():
            return ("comment.full",) if transcribes else ()
        case RecordComment():
            return ("heard.comment",)
        case Say("thanks"):
            end = next((each.disposition for each in effects if isinstance(each, Finish)), Disposition.COMPLETED)
            return (f"thanks.{_THANKS.get(end, 'nothing')}",)
        case Say(key):
            return _SAID.get(key, ())
    return ()


def _acknowledged(answer: RecordAnswer, effects: Iterable[Effect]) -> tuple[str, ...]:
    """The rating is said back. Where "what went wrong?" follows, that tells it already."""
    if answer.changed:
        return ("heard.changed",)
    if answer.rating is None:
        return ("heard.skipped",)
    asks_why = answer.rating is Rating.DALIGT and any(isinstance(each, AskReason) for each in effects)
    return () if asks_why else (f"heard.{answer.rating.name.lower()}",)


def reprompt(question: str, unclear: Unclear, attempt: int) -> tuple[str, ...]:
    """Why we ask again, and the question: shorter, then with the keys, then not at all."""
    if attempt > 2:
        return (LEFT,)
    if unclear is Unclear.QUESTION:
        why: tuple[str, ...] = WHO
    else:
        why = (f"no_match.{unclear}",) if attempt == 1 else ("no_match.second",)
    return (*why, f"question.{question}.{again(attempt)}")


def again(attempt: int) -> Variant:
    """How a prompt comes after it has failed so many times."""
    return {0: Variant.FULL, 1: Variant.SHORT}.get(attempt, Variant.KEYS)


def present_prompt(session: Session, codes: Sequence[str], variant: Variant, *, transcribes: bool) -> tuple[str, ...]:
    """What the session waits for, asked once more; nothing where it waits for nothing that is asked in calls."""
    match session.stage:
        case Stage.QUESTION:
            return (f"question.{session.current}.{variant}",)
        case Stage.CONFIRM if session.pending:
            return (f"confirm.{session.pending.name.lower()}.{variant}",)
        case Stage.REASON:
            return reason_prompt(codes, variant, transcribes=transcribes)
        case Stage.COMMENT if transcribes:
            return (f"comment.{variant}",)
    return ()


def reason_prompt(codes: Sequence[str], variant: Variant, *, transcribes: bool) -> tuple[str, ...]:
    """ "What went wrong?": each reason, then its key."""
    choices = [
        key
        for number, code in enumerate(codes[:MAX_REASONS], 1)
        for key in (f"reason.choice.{code}", f"reason.press.{number}")
    ]
    own_words = ("reason.own_words",) if transcribes and variant is Variant.FULL else ()
    return (f"reason.{variant}", *choices, *own_words, "reason.skip")


def lead_in(keys: Sequence[str]) -> tuple[str, ...]:
    """Those of the prompts that come before the first that asks something."""
    asking = ("consent", "recording", "question", "confirm", "reason", "comment")
    told = ("recording.on", "recording.off")
    asks = next((at for at, key in enumerate(keys) if key.partition(".")[0] in asking and key not in told), 0)
    return tuple(keys[:asks])


_WHY = {
    Occasion.FIRST: "why",
    Occasion.INTERRUPTED: "again.interrupted",
    Occasion.RECHECK: "again.recheck",
    Occasion.INBOUND: "inbound.why",
    Occasion.INBOUND_RECHECK: "again.recheck",
}


def who_we_are(occasion: Occasion) -> tuple[str, ...]:
    """The very first words: that it is an automated service, and whose."""
    return ("inbound.identification",) if occasion.inbound else ("hello", "identification")


_TO_CALLERS = {
    "identification": "inbound.identification",
    "who.full": "inbound.who",
    "thanks.nothing": "inbound.goodbye",
    "goodbye.technical": "inbound.technical",
}


def instead(occasion: Occasion) -> Mapping[str, str]:
    """What is said in place of prompts that speak of us as calling."""
    return _TO_CALLERS if occasion.inbound else {}


def opening(questions: int, occasion: Occasion = Occasion.FIRST, *, may_be_recorded: bool = False) -> tuple[str, ...]:
    """Why we talk and what becomes of the answers: said once, after who we are and before anything is asked.

    Where they are going to be asked whether the call may be recorded, it doesn't say that it isn't.
    """
    return (_WHY[occasion], f"counts.{questions}", "disclosure_recorded" if may_be_recorded else "disclosure")
