"""What is done about a case that its customer rated dåligt."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.counts import SurveyedCase
from models.rating import Rating


class FollowUpState(StrEnum):
    NEW = "new"  #: nobody has done anything yet
    CONTACTED = "contacted"  #: somebody has talked to the customer
    SOLVED = "solved"  #: what was wrong has been mended


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One case to follow up. `changed_at` and `changed_by` (a subscription's name) are None and "" while it is new."""

    case: SurveyedCase
    state: FollowUpState = FollowUpState.NEW
    note: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""
    recheck_id: int | None = None  #: the invitation that asked again after the fix
    recheck: tuple[tuple[str, Rating | None], ...] = ()  #: what was answered then: (question, rating)


@dataclass(frozen=True, slots=True)
class Recovered:
    """Of the customers asked again after the fix: how many answered, and for how many nothing is dåligt any more."""

    asked: int
    answered: int
    recovered: int
