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
    """One case to follow up. `changed_at` and `changed_by` (a subscription's name) are None and "" until it is changed.

    `state` is NEW again when the customer, asked again, rates something dåligt after `changed_at`.
    """

    case: SurveyedCase
    state: FollowUpState = FollowUpState.NEW
    note: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""
    recheck_id: int | None = None  #: the invitation that asked again after the fix
    recheck: tuple[tuple[str, Rating | None], ...] = ()  #: what was answered then: (question, rating)
    recheck_reasons: tuple[tuple[str, str, str], ...] = ()  #: (question, code, own words)
    recheck_comments: tuple[str, ...] = ()
    asked_again_at: datetime | None = None
    told_again_at: datetime | None = None  #: when the question reached them, or left for them; None: not yet
    poor_again_at: datetime | None = None  #: when something was last rated dåligt in the recheck

    @property
    def version(self) -> str:
        """Changes with everything that somebody who is about to change it ought to have seen."""
        return f"{self.changed_at or ''}/{self.recheck_id or ''}/{self.poor_again_at or ''}"


@dataclass(frozen=True, slots=True)
class Recovered:
    """Of the customers asked again after the fix: for how many nothing is dåligt any more.

    `answered`: those who rated all that they were asked, or something dåligt; `recovered` are some of them.
    """

    asked: int
    answered: int
    recovered: int
