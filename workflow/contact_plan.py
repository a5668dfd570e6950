"""Which way to turn to a customer next, and when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.case import AddressKind
from models.survey import AttemptOutcome, ContactAttempt, ContactWay, Purpose
from survey.calendar import ContactHours, next_decent_time

#: how long to wait before looking again at a message that has not been handed over yet
UNDER_WAY = timedelta(hours=1)

ADDRESS_OF = {
    ContactWay.CHAT: AddressKind.CHAT,
    ContactWay.MAIL: AddressKind.MAIL,
    ContactWay.SMS: AddressKind.PHONE,
    ContactWay.PHONE: AddressKind.PHONE,
}
_SPOILT = (AttemptOutcome.FAILED, AttemptOutcome.DEAD_ADDRESS)
_WENT_OUT = (AttemptOutcome.SENT, AttemptOutcome.DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPolicy:
    """How customers without a chat are turned to.

    `ways`: those that are configured (MAIL, SMS), in the order to try them. `reminder_after` counts from the
    invitation, `phone_after` likewise; None: no reminder, nobody is called. `max_attempts` about one invitation, those
    that failed included. `between`: to one respondent, whatever the case. Calls are never made at weekends.
    """

    ways: tuple[ContactWay, ...]
    zone: ZoneInfo
    hours: ContactHours = field(default_factory=ContactHours)
    reminder_after: timedelta | None = timedelta(days=3)
    phone_after: timedelta | None = None
    max_attempts: int = 3
    between: timedelta = timedelta(hours=24)

    @property
    def on(self) -> bool:
        return bool(self.ways) or self.phone_after is not None

    def decent_time(self, way: ContactWay, now: datetime) -> datetime:
        """`now`, or the first time after it when this way may be used."""
        hours = replace(self.hours, weekends=False) if way is ContactWay.PHONE else self.hours
        return next_decent_time(now, self.zone, hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand with one invitation."""

    created_at: datetime
    expires_at: datetime
    addresses: frozenset[AddressKind]  #: those that the customer has, is at, and has not refused
    attempts: Sequence[ContactAttempt] = ()  #: about this invitation, oldest first
    last_contact: datetime | None = None  #: with this respondent, about any case
    begun: bool = False  #: they have begun to answer
    remind_at: datetime | None = None  #: not reminded before
    over: str = ""  #: why nobody is to turn to them any more


@dataclass(frozen=True, slots=True)
class Turn:
    """Turn to them now."""

    way: ContactWay
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing more is to be done, `why` in a few words."""

    why: str


class _Plan(NamedTuple):
    due_at: datetime
    way: ContactWay
    purpose: Purpose


def next_contact(standing: Standing, policy: ContactPolicy, now: datetime) -> Turn | Wait | Over:
    """What is to be done about an invitation: `Turn` only at a decent time, and only by a way that may work."""
    tried = [each for each in standing.attempts if each.outcome is not AttemptOutcome.WITHDRAWN]
    if standing.over:
        return Over(standing.over)
    if now >= standing.expires_at:
        return Over("expired")
    times = _times(tried)
    if times >= policy.max_attempts:
        return Over(f"tried {times} times")
    if any(each.outcome is AttemptOutcome.PLANNED and each.way is not ContactWay.PHONE for each in tried):
        return Wait(now + UNDER_WAY)
    plans = [plan for plan in (_message(standing, policy), _call(standing, policy)) if plan]
    if not plans:
        return Over("no way left")
    plan = min(plans)
    rested = standing.last_contact + policy.between if standing.last_contact else now
    at = policy.decent_time(plan.way, max(now, plan.due_at, rested))
    if at >= standing.expires_at:
        return Over("it expires first")
    return Wait(at) if at > now else Turn(plan.way, plan.purpose)


def _times(tried: Sequence[ContactAttempt]) -> int:
    """Calls count as one: how often a number is tried is the dialler's to limit."""
    messages = sum(each.way is not ContactWay.PHONE for each in tried)
    return messages + (len(tried) > messages)


def _message(standing: Standing, policy: ContactPolicy) -> _Plan | None:
    spoilt = {each.way for each in standing.attempts if each.outcome in _SPOILT}
    open_ways = [way for way in policy.ways if ADDRESS_OF[way] in standing.addresses and way not in spoilt]
    if not open_ways:
        return None
    reached = _reached(standing, policy.ways)
    if not reached and not standing.begun:
        return _Plan(standing.created_at, open_ways[0], Purpose.INVITATION)
    if policy.reminder_after is None or any(each.purpose is Purpose.REMINDER for each in reached):
        return None
    last = reached[-1] if reached else None
    due_at = (last.at if last else standing.created_at) + policy.reminder_after
    way = last.way if last and last.way in open_ways else open_ways[0]
    return _Plan(max(due_at, standing.remind_at or due_at), way, Purpose.REMINDER)


def _call(standing: Standing, policy: ContactPolicy) -> _Plan | None:
    called = any(each.way is ContactWay.PHONE for each in standing.attempts)
    if policy.phone_after is None or called or AddressKind.PHONE not in standing.addresses:
        return None
    reached = _reached(standing, policy.ways)
    since = reached[0].at if reached else standing.created_at
    purpose = Purpose.REMINDER if reached or standing.begun else Purpose.INVITATION
    return _Plan(since + policy.phone_after, ContactWay.PHONE, purpose)


def _reached(standing: Standing, ways: Sequence[ContactWay]) -> list[ContactAttempt]:
    """The messages that went out, but for those to an address that has turned out to be dead."""
    return [
        each
        for each in standing.attempts
        if each.outcome in _WENT_OUT and each.way is not ContactWay.PHONE and ADDRESS_OF[each.way] in standing.addresses
    ]
