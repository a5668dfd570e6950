"""Which closed cases are asked about; each of the others gets a reason. Pure: who was asked before is passed in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from models.case import Address, ClosedCase, StoredCase
from models.selection import Decision, Draw, NotAsked, SelectionMethod, SelectionPolicy
from survey.draws import case_key, drawn_keys, frame_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the respondents when selecting."""

    opted_out: Collection[Address] = frozenset()
    asked: Collection[Address] = frozenset()  #: asked about a case within `SelectionPolicy.min_days_between`
    rechecked: Collection[str] = frozenset()  #: numbers of cases that are just being asked about again, after a fix
    chats: Mapping[Address, Address] = field(default_factory=dict)  #: mail or phone → the chat it is asked in

    def addresses(self, case: ClosedCase) -> set[Address]:
        """All that this case's respondent is known by."""
        written = set(case.addresses)
        return written | {self.chats[address] for address in written if address in self.chats}


@dataclass(frozen=True, slots=True)
class Selected:
    """One decision a closure, in the order in which they closed.

    If there was a draw, the decisions in its frame carry `draw` 0: the number is known when the draw is stored.
    """

    decisions: tuple[Decision, ...]
    draw: Draw | None = None

    def numbered(self, draw_number: int) -> tuple[Decision, ...]:
        """The decisions, with the number that storing gave the draw."""
        return tuple(
            replace(decision, draw=draw_number) if decision.draw is not None else decision
            for decision in self.decisions
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """What one draw is made with. `number` is how many a fixed draw may still take in this period and unit."""

    seed: str
    now: datetime
    number: int = 0
    period: str = ""
    unit: str = ""


def in_closing_order(cases: Iterable[StoredCase]) -> list[StoredCase]:
    """First closed first: of a respondent's cases, that is the one asked about."""
    return sorted(cases, key=lambda stored: (stored.case.closed_at, stored.id))


def excluded(case: ClosedCase, policy: SelectionPolicy, now: datetime) -> NotAsked | None:
    """The first rule that excludes this case by what it is, whoever was asked before."""
    rules = (
        (NotAsked.EXCLUDED_UNIT, _is_among(case.unit, policy.exclude_units)),
        (NotAsked.EXCLUDED_SUBJECT, _is_among(case.subject, policy.exclude_subjects)),
        (NotAsked.AUTO_CLOSED, policy.exclude_auto_closed and case.auto_closed),
        (NotAsked.TEST_CUSTOMER, is_test_customer(case, policy)),
        (NotAsked.CLOSED_TOO_LONG_AGO, _is_too_old(case, policy, now)),
        (NotAsked.NO_ADDRESS, policy.require_address and not case.addresses),
    )
    return next((reason for reason, holds in rules if holds), None)


def _is_among(name: str, names: Collection[str]) -> bool:
    return bool(name) and name.casefold() in {known.strip().casefold() for known in names}


def is_test_customer(case: ClosedCase, policy: SelectionPolicy) -> bool:
    """Whether its mail, its phone or its mail's "@domain" is one of the policy's."""
    domain = "@" + case.mail.rpartition("@")[2]
    known = {entry.strip().casefold() for entry in policy.test_customers}
    return any(value in known for value in (case.mail, case.phone, domain) if value not in ("", "@"))


def _is_too_old(case: ClosedCase, policy: SelectionPolicy, now: datetime) -> bool:
    days = policy.max_days_since_closed
    return days > 0 and case.closed_at < now - timedelta(days=days)


def select(cases: Sequence[StoredCase], policy: SelectionPolicy, known: Known, sampling: Sampling) -> Selected:
    """Decide about these closures together.

    For a fixed number they are those of one period and unit. A frame holds what rules, opt-outs and earlier
    invitations leave; a fixed draw's frame holds each respondent once (first closed), so that all have one chance.
    """
    ordered = in_closing_order(cases)
    reasons = {stored.id: _reason_before_drawing(stored.case, policy, known, sampling.now) for stored in ordered}
    open_cases = [stored for stored in ordered if reasons[stored.id] is None]
    capped = policy.min_days_between > 0
    frame = _first_of_each(open_cases, known) if capped and policy.method is SelectionMethod.FIXED else open_cases
    draw = _draw(frame, policy, sampling)
    in_frame = {stored.id for stored in frame} if draw else set()
    taken = drawn_keys(draw, [case_key(stored.case) for stored in frame]) if draw else set()
    asked: set[Address] = set()
    for stored in open_cases:
        addresses = known.addresses(stored.case)
        drawn = draw is None or (stored.id in in_frame and case_key(stored.case) in taken)
        stood_back = draw is not None and stored.id not in in_frame
        if capped and addresses & asked and (drawn or stood_back):
            reasons[stored.id] = NotAsked.ASKED_RECENTLY
        elif drawn:
            asked |= addresses
        else:
            reasons[stored.id] = NotAsked.NOT_DRAWN
    decisions = (Decision(s.id, reasons[s.id], 0 if s.id in in_frame else None) for s in ordered)
    return Selected(tuple(decisions), draw)


def _reason_before_drawing(case: ClosedCase, policy: SelectionPolicy, known: Known, now: datetime) -> NotAsked | None:
    if reason := excluded(case, policy, now):
        return reason
    addresses = known.addresses(case)
    if not addresses.isdisjoint(known.opted_out):
        return NotAsked.OPTED_OUT
    if case.case_id in known.rechecked:
        return NotAsked.ASKED_RECENTLY
    if policy.min_days_between > 0 and not addresses.isdisjoint(known.asked):
        return NotAsked.ASKED_RECENTLY
    return None


def _first_of_each(cases: Sequence[StoredCase], known: Known) -> list[StoredCase]:
    seen: set[Address] = set()
    first = []
    for stored in cases:
        addresses = known.addresses(stored.case)
        if seen.isdisjoint(addresses):
            seen |= addresses
            first.append(stored)
    return first


def _draw(frame: Sequence[StoredCase], policy: SelectionPolicy, sampling: Sampling) -> Draw | None:
    if policy.method is SelectionMethod.ALL or not frame:
        return None
    keys = [case_key(stored.case) for stored in frame]
    draw = Draw(
        method=policy.method,
        seed=sampling.seed,
        frame_hash=frame_hash(keys),
        frame_size=len(keys),
        drawn=min(sampling.number, len(keys)),
        period=sampling.period,
        unit=sampling.unit,
        drawn_at=sampling.now,
        share=policy.share,
    )
    if policy.method is SelectionMethod.SHARE:
        draw = replace(draw, drawn=len(drawn_keys(draw, keys)))
    return draw
