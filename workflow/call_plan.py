"""Whether to call a customer, and when; what is kept of each try. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile
from zoneinfo import ZoneInfo

from models.calling import CallOutcome, Retry
from models.survey import AttemptOutcome, ContactAttempt, ContactWay
from survey.calendar import ContactHours, next_decent_time, next_working_day
from survey.calling import aapor_code, retry_of
from workflow.backoff import Backoff

FIRST_HOUR, LAST_HOUR = time(9), time(20)  #: nobody is called before, nor from then on, whatever [survey] says
_PARTS = (time(0), time(12), time(17))  #: morning, afternoon, evening: when each begins
_UNTRIED = (AttemptOutcome.PLANNED, AttemptOutcome.WITHDRAWN)


class CallState(StrEnum):
    """Where a try stands that `CallOutcome` has no word for: before its end, and how an answered call went."""

    DIALLING = "dialling"
    TALKING = "talking"
    HELD = "held"  #: a person was there; what they said is the survey's
    MACHINE = "machine"  #: an answering machine; no message was left
    NOBODY = "nobody"  #: it was answered, and nobody said a word or pressed a key
    BROKEN = "broken_off"  #: by a fault of ours, while somebody was there


UNDER_WAY = (CallState.DIALLING, CallState.TALKING)
NOBODYS = (CallOutcome.WRONG_NUMBER, CallOutcome.MOVED)
_UNNOTICED = (
    CallOutcome.BARRED,
    CallOutcome.CONGESTION,
    CallOutcome.UNREACHED,
    CallOutcome.REFUSED_US,
    CallOutcome.FAULT,
)
_RANG, _UNSURE = "rang", "unsure"  #: as `detail` says it
INBOUND = "inbound"  #: likewise, at its end: it is they who called
LONGEST_CALL = timedelta(hours=1)  #: what is still under way after that has been left behind by a crash


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What came of one try. `end` tells how an answered call went: HELD, MACHINE, NOBODY, BROKEN."""

    outcome: CallOutcome
    end: CallState | None = None
    sip_code: int = 0
    rang: bool = False  #: their phone is known to have rung
    refused: bool = False  #: never to be called again, but that could not be stored while the call went on


CUT_OFF = Called(outcome=CallOutcome.ANSWERED, end=CallState.BROKEN)  #: somebody was there, and it was our fault


@dataclass(frozen=True, slots=True)
class Try:
    """`rang`: their phone is known to have. `unsure`: that the number is nobody's was not believed."""

    at: datetime
    came: CallOutcome | CallState
    rang: bool = False
    unsure: bool = False

    @property
    def disturbed(self) -> bool:
        """Whether it may have been noticed by whoever was called: other tries are none of theirs to pay for."""
        return self.rang or (self.came not in _UNNOTICED and not self.unsure)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingPolicy:
    """When and how often customers are called. `hours` are [survey]'s; calls keep to working days, 9 to 20, as well."""

    zone: ZoneInfo
    hours: ContactHours = field(default_factory=ContactHours)
    a_day: int = 2  #: tries to one number, about any case, that may have been noticed there
    in_all: int = 4  #: such tries about one invitation
    soon: timedelta = timedelta(minutes=15)  #: after which a busy number is tried again
    longest: timedelta = timedelta(hours=4)  #: that it takes, after many that nobody noticed, to try again

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

    `others`: when the same number was disturbed about other cases, today at least.
    """
    hours = policy.calling_hours
    if hours is None:
        return Ended("no hour to call in")
    if why := _why_ended(tries, policy):
        return Ended(why)
    at = next_decent_time(max(now, _not_before(tries, policy, hours)), policy.zone, hours)
    called = Counter(_local(each, policy).date() for each in (*(each.at for each in tries if each.disturbed), *others))
    while called[_local(at, policy).date()] >= policy.a_day:
        tomorrow = _local(at, policy).date() + timedelta(days=1)
        at = next_decent_time(datetime.combine(tomorrow, time(0), policy.zone), policy.zone, hours)
    if at >= expires_at:
        return Ended("it expires first")
    return Later(at) if at > now else Dial()


def _why_ended(tries: Sequence[Try], policy: CallingPolicy) -> str:
    noticed = [each for each in tries if each.disturbed]
    for number, each in enumerate(noticed, 1):
        if each.came is CallState.HELD:
            return "they have been called"
        if each.came is CallState.BROKEN and number < len(noticed):
            return "called back once"
        if isinstance(each.came, CallOutcome) and retry_of(each.came) is Retry.NEVER and not each.unsure:
            return each.came.replace("_", " ")
    return f"called {len(noticed)} times" if len(noticed) >= policy.in_all else ""


def _not_before(tries: Sequence[Try], policy: CallingPolicy, hours: ContactHours) -> datetime:
    if not tries:
        return datetime.min.replace(tzinfo=policy.zone)
    last = tries[-1]
    if isinstance(last.came, CallOutcome):
        another_day = last.unsure or retry_of(last.came) is Retry.ANOTHER_DAY
    else:
        another_day = last.came in (CallState.MACHINE, CallState.NOBODY)
    if another_day:
        return _another_day(tries, policy, hours)
    unnoticed = len(list(takewhile(lambda each: not each.disturbed, reversed(tries))))
    return last.at + Backoff(first=policy.soon, longest=policy.longest).delay(unnoticed, 0.0)


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
    noticed = [each for each in tries if each.disturbed]
    return bool(noticed) and noticed[-1].came is CallState.BROKEN


def tries_of(attempts: Sequence[ContactAttempt]) -> list[Try]:
    """The calls among the attempts, those that are planned or were withdrawn left out."""
    return [
        Try(each.at, state_of(each), *(word in each.detail.split(", ") for word in (_RANG, _UNSURE)))
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


def settled(called: Called, *, unsure: bool = False) -> tuple[AttemptOutcome, str]:
    """How a try is stored: outcome and detail, such as "busy, SIP 486, AAPOR 3.12".

    `unsure`: that the number is nobody's isn't believed.
    """
    word = called.end or called.outcome
    parts = [word.value]
    if called.end is None:
        parts += [f"SIP {called.sip_code}"] if called.sip_code else []
        parts += [f"AAPOR {code}"] if (code := aapor_code(called.outcome)) else []
        parts += [_RANG] if called.rang and word in _UNNOTICED else []
        parts += [_UNSURE] if unsure else []
    return AttemptOutcome.FAILED if unsure else _STORED_AS.get(word, AttemptOutcome.FAILED), ", ".join(parts)


def in_words(called: Called) -> str:
    """Such as "refused us, SIP 401"."""
    word = (called.end or called.outcome).replace("_", " ")
    return f"{word}, SIP {called.sip_code}" if called.sip_code else word


_STORED_AS: dict[StrEnum, AttemptOutcome] = {
    CallState.HELD: AttemptOutcome.DELIVERED,
    CallState.BROKEN: AttemptOutcome.DELIVERED,
    CallOutcome.WRONG_NUMBER: AttemptOutcome.DEAD_ADDRESS,
}
