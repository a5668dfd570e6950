"""Whether to call a customer, and when; what is kept of each try. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from models.calling import CallOutcome, Retry
from models.survey import AttemptOutcome, ContactAttempt, ContactWay
from survey.calendar import ContactHours, next_decent_time, next_working_day
from survey.calling import aapor_code, retry_of

FIRST_HOUR, LAST_HOUR = time(9), time(20)  #: nobody is called before, nor from then on, whatever [survey] says
_PARTS = (time(0), time(12), time(17))  #: morning, afternoon, evening: when each begins
_UNTRIED = (AttemptOutcome.PLANNED, AttemptOutcome.WITHDRAWN)


class CallState(StrEnum):
    """Where a try stands that `CallOutcome` has no word for: before its end, and how an answered call went."""

    DIALLING = "dialling"
    TALKING = "talking"
    HELD = "held"  #: a person was there; what they said is the survey's
    MACHINE = "machine"  #: an answering machine; no message was left
    BROKEN = "broken_off"  #: by a fault of ours, while somebody was there


UNDER_WAY = (CallState.DIALLING, CallState.TALKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What came of one try. `end` tells how an answered call went: HELD, MACHINE or BROKEN."""

    outcome: CallOutcome
    end: CallState | None = None
    sip_code: int = 0
    refused: bool = False  #: never to be called again, but that could not be stored while the call went on


@dataclass(frozen=True, slots=True)
class Try:
    at: datetime
    came: CallOutcome | CallState


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingPolicy:
    """When and how often customers are called. `hours` are [survey]'s; calls keep to working days, 9 to 20, as well."""

    zone: ZoneInfo
    hours: ContactHours = field(default_factory=ContactHours)
    a_day: int = 2  #: tries to one number, about any case
    in_all: int = 4  #: tries about one invitation
    soon: timedelta = timedelta(minutes=15)  #: after which a busy number is tried again

    @property
    def calling_hours(self) -> ContactHours | None:
        """None where no hour is both decent for calls and within [survey]'s contact hours."""
        start, until = max(self.hours.start, FIRST_HOUR), min(self.hours.until, LAST_HOUR)
        return ContactHours(start=start, until=until) if start < until else None


@dataclass(frozen=True, slots=True)
class Dial:
    """Now."""


@dataclass(frozen=True, slots=True)
class Later:
    at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """They are not called any more about this, `why` in a few words."""

    why: str


def next_call(
    tries: Sequence[Try], policy: CallingPolicy, expires_at: datetime, now: datetime, others: Sequence[datetime] = ()
) -> Dial | Later | Ended:
    """What is to be done about an invitation: `tries` about it, oldest first, each of them over.

    `others`: when the same number was called about other cases, today at least.
    """
    hours = policy.calling_hours
    if hours is None:
        return Ended("no hour to call in")
    if why := _why_ended(tries, policy):
        return Ended(why)
    at = next_decent_time(max(now, _not_before(tries, policy, hours)), policy.zone, hours)
    called = Counter(_local(each, policy).date() for each in (*(each.at for each in tries), *others))
    while called[_local(at, policy).date()] >= policy.a_day:
        tomorrow = _local(at, policy).date() + timedelta(days=1)
        at = next_decent_time(datetime.combine(tomorrow, time(0), policy.zone), policy.zone, hours)
    if at >= expires_at:
        return Ended("it expires first")
    return Later(at) if at > now else Dial()


def _why_ended(tries: Sequence[Try], policy: CallingPolicy) -> str:
    for number, each in enumerate(tries, 1):
        if each.came is CallState.HELD:
            return "they have been called"
        if each.came is CallState.BROKEN and number < len(tries):
            return "called back once"
        if isinstance(each.came, CallOutcome) and retry_of(each.came) is Retry.NEVER:
            return each.came.replace("_", " ")
    return f"called {len(tries)} times" if len(tries) >= policy.in_all else ""


def _not_before(tries: Sequence[Try], policy: CallingPolicy, hours: ContactHours) -> datetime:
    if not tries:
        return datetime.min.replace(tzinfo=policy.zone)
    last = tries[-1]
    if isinstance(last.came, CallOutcome):
        another_day = retry_of(last.came) is Retry.ANOTHER_DAY
    else:
        another_day = last.came is CallState.MACHINE
    return _another_day(tries, policy, hours) if another_day else last.at + policy.soon


def _another_day(tries: Sequence[Try], policy: CallingPolicy, hours: ContactHours) -> datetime:
    """The next working day, in the part of the day in which they have been called least, but not the last one again."""
    used = [_part(_local(each.at, policy).time()) for each in tries]
    ends = (*_PARTS[1:], time.max)
    open_parts = [
        part
        for part, (begins, ends) in enumerate(zip(_PARTS, ends, strict=True))
        if hours.start < ends and begins < hours.until
    ]
    others = [part for part in open_parts if part != used[-1]] or open_parts
    best = min(others, key=lambda part: (used.count(part), -part))
    day = next_working_day(_local(tries[-1].at, policy).date() + timedelta(days=1))
    return datetime.combine(day, max(_PARTS[best], hours.start), policy.zone)


def _part(at: time) -> int:
    return sum(at >= begins for begins in _PARTS) - 1


def _local(at: datetime, policy: CallingPolicy) -> datetime:
    return at.astimezone(policy.zone)


def was_interrupted(tries: Sequence[Try]) -> bool:
    """Whether the last that they heard of us was a call that a fault of ours broke off. `tries`: oldest first."""
    return bool(tries) and tries[-1].came is CallState.BROKEN


def tries_of(attempts: Sequence[ContactAttempt]) -> list[Try]:
    """The calls among the attempts, those that are planned or were withdrawn left out."""
    return [
        Try(each.at, state_of(each))
        for each in attempts
        if each.way is ContactWay.PHONE and each.outcome not in _UNTRIED
    ]


def under_way(attempt: ContactAttempt) -> bool:
    """A call that goes on, or went on when its process died."""
    return attempt.way is ContactWay.PHONE and attempt.outcome not in _UNTRIED and state_of(attempt) in UNDER_WAY


def state_of(attempt: ContactAttempt) -> CallOutcome | CallState:
    """Read from `detail`; whatever else may stand there is a fault of ours."""
    word = attempt.detail.partition(",")[0]
    if word in set(CallState):
        return CallState(word)
    return CallOutcome(word) if word in set(CallOutcome) else CallOutcome.FAULT


def settled(called: Called) -> tuple[AttemptOutcome, str]:
    """How a try is stored: outcome and detail, such as "busy, SIP 486, AAPOR 3.12"."""
    word = called.end or called.outcome
    parts = [word.value]
    if called.end is None:
        parts += [f"SIP {called.sip_code}"] if called.sip_code else []
        parts += [f"AAPOR {code}"] if (code := aapor_code(called.outcome)) else []
    return _STORED_AS.get(word, AttemptOutcome.FAILED), ", ".join(parts)


_STORED_AS: dict[StrEnum, AttemptOutcome] = {
    CallState.HELD: AttemptOutcome.DELIVERED,
    CallState.BROKEN: AttemptOutcome.DELIVERED,
    CallOutcome.WRONG_NUMBER: AttemptOutcome.DEAD_ADDRESS,
}
