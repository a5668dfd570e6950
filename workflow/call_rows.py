"""What a CALL row asks for, as things now stand in the store: whom to call, when to look again, or that it is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.calling import CallOutcome
from models.case import Address, AddressKind, ClosedCase
from models.queues import OutboxRow
from models.survey import AttemptOutcome, ContactAttempt, ContactWay, Invitation, Purpose
from workflow.attempts import look_again, why_over
from workflow.call_plan import (
    CUT_OFF,
    INBOUND,
    LONGEST_CALL,
    Called,
    CallingPolicy,
    CallState,
    Dial,
    Later,
    Try,
    next_call,
    settled,
    state_of,
    tries_of,
    under_way,
)
from workflow.ports import Transaction

LOOK_AGAIN = timedelta(minutes=1)  #: at what is in the way just now
_A_DAY = timedelta(hours=26)  #: covers the longest day, whatever the clocks do
_LEFT_RINGING = Called(outcome=CallOutcome.FAULT, rang=True)  #: it may have: they are not to pay for our doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Somebody is to be called now. `attempt` has the id 0 if it isn't stored yet; `tries`: those before, over."""

    invitation: Invitation
    case: ClosedCase
    attempt: ContactAttempt
    tries: Sequence[Try]


async def judged(tx: Transaction, row: OutboxRow, policy: CallingPolicy, now: datetime) -> Due | datetime | None:
    """Whom to call, when to look again, or None: nobody any more, and the next way is looked for."""
    number = row.payload["invitation_id"]
    assert isinstance(number, int)
    invitation = await tx.invitation(number)
    stored = await tx.case(invitation.case_number) if invitation is not None else None
    if invitation is None or stored is None:
        return None
    if await _left_behind(tx, row, number, now):
        return now + LOOK_AGAIN
    calls = [each for each in await tx.attempts(number) if each.way is ContactWay.PHONE]
    theirs = Address(AddressKind.PHONE, stored.case.phone)
    over = await why_over(tx, invitation, stored, now)
    if over or not stored.case.phone or await tx.dead([theirs]):
        await _end(tx, calls, over or "no number", now)
        return None
    elsewhere = [attempt for other, attempt in await tx.sent_to(theirs, now - _A_DAY) if other.id != number]
    if any(under_way(each) and each.at > now - LONGEST_CALL for each in elsewhere):
        return now + LOOK_AGAIN
    tries = tries_of(calls)
    others = [each.at for each in tries_of(elsewhere) if each.disturbed]
    match next_call(tries, policy, invitation.expires_at, now, others):
        case Later(at):
            return at
        case Dial():
            return Due(invitation=invitation, case=stored.case, attempt=_next(calls, number, now), tries=tries)
        case ended:
            await _end(tx, calls, ended.why, now)
            return None


async def _left_behind(tx: Transaction, row: OutboxRow, invitation_id: int, now: datetime) -> bool:
    """Whether somebody is calling about it just now. A call that this row made, or a very old one, was cut off."""
    busy = False
    for each in await tx.attempts(invitation_id):
        if not under_way(each):
            continue
        _, _, maker = each.detail.partition(", row ")
        if maker != str(row.id) and each.at > now - LONGEST_CALL:
            busy = True
            continue
        outcome, detail = settled(CUT_OFF if state_of(each) is CallState.TALKING else _LEFT_RINGING)
        theirs = f", {INBOUND}" if each.detail.endswith(INBOUND) else ""
        await tx.settle_attempt(each.id, outcome, detail + theirs, now)
    return busy


async def _end(tx: Transaction, calls: Sequence[ContactAttempt], why: str, now: datetime) -> None:
    for each in calls:
        if each.outcome is AttemptOutcome.PLANNED:
            await tx.settle_attempt(each.id, AttemptOutcome.WITHDRAWN, why, now)
    if calls:
        await look_again(tx, calls[-1], now)


def _next(calls: Sequence[ContactAttempt], invitation_id: int, now: datetime) -> ContactAttempt:
    """The planned attempt, or another one that is yet to be stored."""
    for each in calls:
        if each.outcome is AttemptOutcome.PLANNED:
            return each
    purpose = calls[-1].purpose if calls else Purpose.REMINDER
    return ContactAttempt(id=0, invitation_id=invitation_id, way=ContactWay.PHONE, purpose=purpose, at=now)
