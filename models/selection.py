"""Who is asked, who is not, and why."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class SelectionMethod(StrEnum):
    ALL = "all"
    SHARE = "share"  #: every case with probability `SelectionPolicy.share`
    FIXED = "fixed"  #: `SelectionPolicy.number` cases per period and unit


class NotAsked(StrEnum):
    """Why a closed case is not asked about. Every case without an invitation has one of these stored."""

    EXCLUDED_UNIT = "excluded_unit"
    EXCLUDED_SUBJECT = "excluded_subject"
    AUTO_CLOSED = "auto_closed"
    TEST_CUSTOMER = "test_customer"
    OPTED_OUT = "opted_out"
    ASKED_RECENTLY = "asked_recently"
    CLOSED_TOO_LONG_AGO = "closed_too_long_ago"
    NO_ADDRESS = "no_address"
    NOT_DRAWN = "not_drawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionPolicy:
    """The rules of selection; `period` is "week" or "month" and only matters for `FIXED`. 0 days means no limit."""

    method: SelectionMethod = SelectionMethod.ALL
    share: float = 1.0
    number: int = 50
    period: str = "month"
    seed: str = ""
    exclude_units: frozenset[str] = frozenset()
    exclude_subjects: frozenset[str] = frozenset()
    exclude_auto_closed: bool = True
    test_customers: frozenset[str] = field(default_factory=frozenset)  #: mails, phones, or "@domain"
    min_days_between: int = 90
    max_days_since_closed: int = 0
    require_address: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A random draw that anyone can redo: sort the frame's keys, check `frame_hash`, draw with `seed`."""

    method: SelectionMethod
    seed: str
    frame_hash: str  #: SHA-256, hex, of the sorted frame keys, one a line
    frame_size: int
    drawn: int
    period: str  #: e.g. "2026-11" or "2026-W47"
    unit: str  #: "" for a draw over all units
    drawn_at: datetime
    share: float = 1.0  #: what `SHARE` drew with


@dataclass(frozen=True, slots=True)
class StoredDraw:
    """A draw with the number that the database gave it."""

    number: int
    draw: Draw


@dataclass(frozen=True, slots=True)
class Decision:
    """Ask (`reason` is None) or not, for one stored closure. `draw` numbers the stored Draw it came from."""

    case_number: int
    reason: NotAsked | None
    draw: int | None = None
