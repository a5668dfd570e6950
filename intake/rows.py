"""One raw row (our field → what stood there) → a closed case, or everything that is wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from intake.values import (
    WrongValueError,
    read_closed_at,
    read_customer_type,
    read_language,
    read_mail,
    read_phone,
    read_text,
    read_time,
    read_yes_no,
)
from models.case import ClosedCase
from workflow.intake import FieldProblem

REQUIRED = ("case_id", "closed_at")
_SHOWN = 40  # characters of a wrong value in its message
CASE_ID_LENGTH = 100

Reader = Callable[[str], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRules:
    """How rows are read: `zone` of times without an offset, `region` of phone numbers without a country.

    `languages` are those that the survey can be held in, the usual one first. `now` decides what lies in the future.
    """

    zone: tzinfo
    now: datetime
    region: str = "SE"
    languages: tuple[str, ...] = ("sv", "en")


def readers(rules: RowRules) -> dict[str, Reader]:
    """A reader for each field that a row can have; the keys are the fields of `ClosedCase`."""
    return {
        "case_id": lambda value: read_text(value, CASE_ID_LENGTH),
        "opened_at": lambda value: read_time(value, rules.zone, date_alone=True) if value.strip() else None,
        "closed_at": lambda value: read_closed_at(value, rules.zone, rules.now),
        "department": read_text,
        "unit": read_text,
        "subject": read_text,
        "handler": read_text,
        "handler_mail": read_mail,
        "contractor": read_text,
        "intake_channel": read_text,
        "customer_type": read_customer_type,
        "phone": lambda value: read_phone(value, rules.region),
        "mail": read_mail,
        "language": lambda value: read_language(value, rules.languages),
        "auto_closed": read_yes_no,
    }


class RowParser:
    """Reads rows by the same rules. Also for JSON, where values may be numbers, booleans or null."""

    def __init__(self, rules: RowRules) -> None:
        self._readers = readers(rules)

    def __call__(
        self, raw: Mapping[str, object], columns: Mapping[str, str] | None = None
    ) -> ClosedCase | tuple[FieldProblem, ...]:
        """The case, or all that is wrong. `columns` says what the sender calls our fields, for the messages."""
        names = columns or {}
        found: dict[str, Any] = {}
        problems: list[FieldProblem] = []
        for field, read in self._readers.items():
            value = raw.get(field, "")
            try:
                text = _as_text(value)
                if field in REQUIRED and not text.strip():
                    raise WrongValueError("is required")
                found[field] = read(text)
            except WrongValueError as error:
                problems.append(FieldProblem(field, names.get(field, field), shortened(value), str(error)))
        if not problems and found["opened_at"] is not None and found["opened_at"] > found["closed_at"]:
            shown = shortened(raw["opened_at"])
            problems.append(
                FieldProblem("opened_at", names.get("opened_at", "opened_at"), shown, "opened after it was closed")
            )
        return tuple(problems) if problems else ClosedCase(**found)


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise WrongValueError("write it as text, in quotes")


def shortened(value: object) -> str:
    """A wrong value as it can be shown in one line."""
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(value))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
