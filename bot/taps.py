"""What a button carries, and what a tap on it means.

Taps are stateless: a button names its survey, its question and its value in at most 64 bytes, so a tap is understood
after any restart, in any order, as often as it comes. Nothing in it is believed: whoever handles a tap checks that the
survey belongs to the chat it came from.
"""

from aiogram.filters.callback_data import CallbackData

from models.conversation import (
    Confirmed,
    Event,
    PermissionGiven,
    Rated,
    ReasonChosen,
    Session,
    Skipped,
    Stage,
)
from models.rating import Rating


class Tap(CallbackData, prefix="t"):
    """`kind`: r(ate), s(kip), w(hat went wrong), c(onfirm), p(ermission); `question`: its place in it, or -1."""

    token: str
    kind: str
    question: int
    value: str


class LanguageTap(CallbackData, prefix="l"):
    language: str


class AnswerAnywayTap(CallbackData, prefix="a"):
    """Who has said stop wants to answer about this one case all the same."""

    token: str


_NO_QUESTION = -1
_YES, _NO = "y", "n"


def tap_for(event: Event, token: str, session: Session) -> Tap:
    """The button that means `event`; ValueError for an event that no button can mean."""

    def tap(kind: str, question: str | None, value: str) -> Tap:
        place = _NO_QUESTION if question is None else session.questions.index(question)
        return Tap(token=token, kind=kind, question=place, value=value)

    match event:
        case Rated(question, rating):
            return tap("r", question, rating.name.lower())
        case Skipped(question, stage):
            return tap("s", question, stage.value if stage else "")
        case ReasonChosen(question, code):
            return tap("w", question, code)
        case Confirmed(yes):
            return tap("c", session.current, _YES if yes else _NO)
        case PermissionGiven(yes):
            return tap("p", None, _YES if yes else _NO)
    raise ValueError(f"no button can mean {type(event).__name__}")


def event_of(tap: Tap, session: Session) -> Event | None:
    """What the tap means; None if it fits no question of this survey, or a confirmation that has been overtaken."""
    if not _NO_QUESTION <= tap.question < len(session.questions):
        return None
    question = None if tap.question == _NO_QUESTION else session.questions[tap.question]
    yes = tap.value == _YES
    match tap.kind:
        case "r" if question and tap.value.upper() in Rating.__members__:
            return Rated(question, Rating[tap.value.upper()])
        case "s" if tap.value == "" or tap.value in set(Stage):
            return Skipped(question, Stage(tap.value) if tap.value else None)
        case "w" if question:
            return ReasonChosen(question, tap.value)
        case "c" if question == session.current:
            return Confirmed(yes)
        case "p":
            return PermissionGiven(yes)
    return None
