"""Which follow-ups a list shows: what the address asks for, of what its reader may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from models.follow_up import FollowUp, FollowUpState
from survey.scope import within
from survey.tallies import alphabetical

PATH = "/rapport/uppfoljning"
PER_PAGE = 25
PERIODS = (4, 13, 26, 52)  #: weeks
OPEN, ALL = "oppna", "alla"
_STATES: Mapping[str, tuple[FollowUpState, ...]] = {
    OPEN: (FollowUpState.NEW, FollowUpState.CONTACTED),
    "nya": (FollowUpState.NEW,),
    "kontaktade": (FollowUpState.CONTACTED,),
    "losta": (FollowUpState.SOLVED,),
    ALL: tuple(FollowUpState),
}
#: text keys of the choices, in their order
STATE_CHOICES = {OPEN: "open", "nya": "new", "kontaktade": "contacted", "losta": "solved", ALL: "all"}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address asks for; nonsense in it is as if it weren't there. `unit` "": all."""

    state: str = OPEN
    unit: str = ""
    weeks: int = 13
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filter":
        state, weeks, page = query.get("lage", ""), query.get("veckor", ""), query.get("sida", "")
        return cls(
            state=state if state in _STATES else OPEN,
            unit=query.get("verksamhet", "")[:200],
            weeks=int(weeks) if weeks in map(str, PERIODS) else 13,
            page=int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 6 else 1,
        )

    def address(self, page: int) -> str:
        query = {"lage": self.state, "verksamhet": self.unit, "veckor": self.weeks, "sida": page}
        return f"{PATH}?{urlencode(query)}"

    def since(self, now: datetime) -> datetime:
        return now - timedelta(weeks=self.weeks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of the list. `units`: those to choose from; `counts`: of the period and unit, whatever the state."""

    follow_ups: Sequence[FollowUp]
    units: tuple[str, ...]
    counts: Mapping[FollowUpState, int]
    found: int
    page: int
    pages: int


def listed(found: Sequence[FollowUp], units: Sequence[str], wanted: Filter) -> Listed:
    """Of `found` (newest first) those that a reader of `units` (none: all) may see and wants to."""
    ours = within(units)
    visible = [each for each in found if ours(each.case.unit)]
    there = tuple(sorted({each.case.unit for each in visible if each.case.unit}, key=alphabetical))
    if wanted.unit:
        chosen = within((wanted.unit,))
        visible = [each for each in visible if chosen(each.case.unit)]
    counts = {state: sum(each.state is state for each in visible) for state in FollowUpState}
    matching = [each for each in visible if each.state in _STATES[wanted.state]]
    pages = max(1, -(-len(matching) // PER_PAGE))
    page = min(wanted.page, pages)
    first = (page - 1) * PER_PAGE
    return Listed(
        follow_ups=matching[first : first + PER_PAGE],
        units=there,
        counts=counts,
        found=len(matching),
        page=page,
        pages=pages,
    )
