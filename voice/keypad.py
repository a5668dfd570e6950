"""What a key means, wherever the call is. STOP ends everything and is no part of it: `voice.dialogue` sees to it."""

from collections.abc import Sequence

from models.conversation import Accepted, Confirmed, Declined, Event, Rated, ReasonChosen, Session, Skipped, Stage
from models.rating import Rating
from voice.rendering import MAX_REASONS

STOP = "9"
REPEAT = "0*"
SKIP = "#"
_YES_NO = {"1": True, "2": False}
_RATINGS = dict(zip("123", Rating, strict=True))


def meaning(key: str, session: Session, reasons: Sequence[str], *, consented: bool) -> Event | None:
    """The event that pressing `key` is; None where it means nothing. `reasons` are in the order of their keys."""
    if not consented:
        yes = _YES_NO.get(key)
        return None if yes is None else (Accepted() if yes else Declined())
    question = session.current or ""
    match session.stage:
        case Stage.QUESTION:
            rating = _RATINGS.get(key)
            if key == SKIP:
                return Skipped(question)
            return Rated(question, rating) if rating else None
        case Stage.CONFIRM:
            if key == SKIP:
                return Skipped()
            return Confirmed(_YES_NO[key]) if key in _YES_NO else None
        case Stage.REASON:
            chosen = dict(zip("12345678", reasons[:MAX_REASONS], strict=False)).get(key)
            if key == SKIP:
                return Skipped(question, Stage.REASON)
            return ReasonChosen(question, chosen) if chosen else None
        case Stage.COMMENT:
            return Skipped(stage=Stage.COMMENT) if key == SKIP else None
    return None
