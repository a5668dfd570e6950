"""Customers who ring us: what their number is asked about, and what is kept of their call."""

from dataclasses import replace
from datetime import datetime

from models.calling import CallOutcome
from models.case import Address, AddressKind
from models.survey import AttemptOutcome, Channel, ContactAttempt, ContactWay, Purpose
from workflow.attempts import look_again, why_over
from workflow.call_plan import CUT_OFF, INBOUND, LONGEST_CALL, Called, CallState, settled, tries_of, under_way
from workflow.dialling import CallAbout
from workflow.ports import Transaction


async def open_survey(tx: Transaction, number: str, now: datetime) -> CallAbout | None:
    """What the owner of this number (E.164) is asked about; None: nothing.

    Of several, what we last called about, as it is that call they have missed; else the newest. It needn't be them whom
    the case was closed for: who shares a number is not told apart.
    """
    best: tuple[datetime, int] | None = None
    found: CallAbout | None = None
    for invitation in await tx.open_surveys([Address(AddressKind.PHONE, number)]):
        stored = await tx.case(invitation.case_number)
        in_any_channel = replace(invitation, chat_id=None)  # that it was begun in a chat keeps nobody from calling
        if stored is None or await why_over(tx, in_any_channel, stored, now):
            continue
        tries = tries_of(await tx.attempts(invitation.id))
        rank = (tries[-1].at if tries else datetime.min.replace(tzinfo=now.tzinfo), invitation.id)
        if best is None or rank > best:
            best, found = rank, CallAbout(invitation=invitation, case=stored.case)
    return found


async def begin(tx: Transaction, about: CallAbout, now: datetime) -> int | None:
    """Note that they talk with us, so that nobody calls them; its number, or None while we are calling them.

    An earlier call of theirs that still seems to go on was left behind by a crash: nobody can talk with us twice.
    """
    attempts = await tx.attempts(about.invitation.id)
    for each in filter(under_way, attempts):
        if not each.detail.endswith(INBOUND):
            if each.at > now - LONGEST_CALL:
                return None
            continue
        outcome, detail = settled(CUT_OFF)
        await tx.settle_attempt(each.id, outcome, f"{detail}, {INBOUND}", now)
    attempt = ContactAttempt(
        id=0,
        invitation_id=about.invitation.id,
        way=ContactWay.PHONE,
        purpose=Purpose.REMINDER if attempts else Purpose.INVITATION,
        at=now,
        outcome=AttemptOutcome.SENT,
        detail=f"{CallState.TALKING}, {INBOUND}",
    )
    return await tx.put_attempt(attempt)


async def end(tx: Transaction, attempt_id: int, about: CallAbout, called: Called | None, now: datetime) -> None:
    """Note what came of it; None: they hung up before they had heard who we are, and know no more than before.

    Whoever has talked with us is not called about it any more; nor is a call of theirs a try of ours where it came to
    nothing. What else is to be done about it is looked at anew.
    """
    outcome, detail = settled(called) if called else (AttemptOutcome.WITHDRAWN, "hung up at once")
    if called and called.outcome is not CallOutcome.ANSWERED:
        outcome = AttemptOutcome.WITHDRAWN
    await tx.settle_attempt(attempt_id, outcome, f"{detail}, {INBOUND}", now)
    if called and called.refused:
        await tx.opt_out(about.case.addresses, now, Channel.PHONE)
    attempt = await tx.attempt(attempt_id)
    invitation = await tx.invitation(about.invitation.id)
    stored = await tx.case(about.invitation.case_number)
    if attempt and invitation and stored and not await why_over(tx, invitation, stored, now):
        await look_again(tx, attempt, now)


async def leave_alone(tx: Transaction, number: str, now: datetime) -> None:
    """Nobody is ever to be asked at this number again, whatever the case, in any channel."""
    await tx.opt_out([Address(AddressKind.PHONE, number)], now, Channel.PHONE)
