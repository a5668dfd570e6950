"""A session's beginning, what can be read off it, and its plain-data form."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, cast

from models.conversation import Given, Session, Stage
from models.rating import Rating
from models.survey import Disposition

_FIELDS = tuple(field.name for field in fields(Session))


def start(questions: tuple[str, ...], permission_wanted: bool) -> Session:
    """A survey that nobody has opened. `permission_wanted`: ask, at the end, whether later cases may come here too."""
    return Session(questions=questions, permission_wanted=permission_wanted)


def dump(session: Session) -> dict[str, object]:
    """The session as JSON-ready data; `load` gives an equal session back."""
    plain = {name: getattr(session, name) for name in _FIELDS}
    return plain | {"given": [{"question": each.question, "rating": each.rating} for each in session.given]}


def load(plain: Mapping[str, object]) -> Session:
    """What `dump` made, also after a trip through JSON; KeyError, TypeError or ValueError on anything else.

    A field that a session stored by an older version lacks gets its default.
    """
    stored = cast("dict[str, Any]", dict(plain))
    readers: dict[str, Callable[[Any], object]] = {
        "questions": tuple,
        "stage": Stage,
        "given": lambda given: tuple(Given(each["question"], _rating(each["rating"])) for each in given),
        "pending": _rating,
        "reasons": lambda reasons: tuple((question, code) for question, code in reasons),
        "disposition": lambda value: None if value is None else Disposition(value),
    }
    known: dict[str, Any] = {name: readers.get(name, _as_it_is)(value) for name, value in stored.items()}
    return Session(**known)


def _as_it_is(value: object) -> object:
    return value


def _rating(value: str | None) -> Rating | None:
    return None if value is None else Rating(value)


def is_given(session: Session, question: str) -> bool:
    """Answered or skipped."""
    return any(given.question == question for given in session.given)


def rating_of(session: Session, question: str) -> Rating | None:
    return next((given.rating for given in session.given if given.question == question), None)


def any_rated(session: Session) -> bool:
    return any(given.rating is not None for given in session.given)


def first_unanswered(session: Session) -> str | None:
    return next((question for question in session.questions if not is_given(session, question)), None)


def with_given(session: Session, question: str, rating: Rating | None) -> Session:
    """The session with this answer in it; a replaced one keeps its place."""
    new = Given(question, rating)
    if is_given(session, question):
        return replace(session, given=tuple(new if old.question == question else old for old in session.given))
    return replace(session, given=(*session.given, new))


def outcome(session: Session) -> Disposition:
    """What has come of the survey if it ends now."""
    if session.disposition is not None:
        return session.disposition
    if any_rated(session):
        return Disposition.PARTIAL if first_unanswered(session) else Disposition.COMPLETED
    return Disposition.NO_CONTACT if session.stage is Stage.INVITED else Disposition.BREAK_OFF
