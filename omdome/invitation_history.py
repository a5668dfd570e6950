"""What became of a case's invitations, and how its customer was turned to: without any address."""

from datetime import datetime, tzinfo
from typing import Any

from models.closing import Closing
from models.survey import ContactAttempt, ContactWay, Invitation, Purpose
from omdome.console import console, escaped, say
from workflow.call_plan import tries_of
from workflow.contact_plan import ContactPolicy, Turn, Wait, next_contact
from workflow.dialling import PAUSED
from workflow.inviting import standing_of
from workflow.ports import Transaction
from workflow.trunk import TRUNK, trunk_from, wait_for


async def history_of(tx: Transaction, case_id: str, policy: ContactPolicy, now: datetime) -> list[dict[str, Any]]:
    """Each closing of the case, newest first: `closed_at`, `asked`, `not_asked`, `recheck`, `disposition`, `expires`,
    `attempts` (each `at`, `way`, `purpose`, `outcome`, `detail`), `next` (the same, or None). Times are local, ISO
    8601."""
    found = []
    for closing in await tx.closings(case_id):
        survey = closing.invitation
        attempts = await tx.attempts(survey.id) if survey else []
        told = _plain(closing, attempts, policy.zone)
        found.append(told | {"next": await _next(tx, closing, policy, now)})
    return found


async def _next(tx: Transaction, closing: Closing, policy: ContactPolicy, now: datetime) -> dict[str, Any] | None:
    """The contact that is planned; None if there is none."""
    survey = closing.invitation
    if survey and survey.disposition is None and (call := await _next_call(tx, survey, policy, now)):
        return call
    due_at = await tx.contact_due(survey.id) if survey and survey.disposition is None else None
    stored = await tx.case(survey.case_number) if survey and due_at else None
    if survey is None or due_at is None or stored is None:
        return None
    at = max(due_at, now)
    standing = await standing_of(tx, survey, stored, now)
    planned = next_contact(standing, policy, at)
    if isinstance(planned, Wait):
        at = planned.until
        planned = next_contact(standing, policy, at)
    if not isinstance(planned, Turn):  # a message is on its way, or all will turn out to be over
        return None
    first = planned.purpose is Purpose.INVITATION
    why = "waits for contact hours" if first and policy.decent_time(planned.way, now) > now else "waits"
    return {"at": _local(at, policy.zone), "way": planned.way.value, "purpose": planned.purpose.value, "outcome": why}


async def _next_call(
    tx: Transaction, survey: Invitation, policy: ContactPolicy, now: datetime
) -> dict[str, Any] | None:
    """The call that waits, and for what."""
    due_at = await tx.call_due(survey.id)
    if due_at is None:
        return None
    calls = [each for each in await tx.attempts(survey.id) if each.way is ContactWay.PHONE]
    tries = tries_of(calls)
    trunk = trunk_from(await tx.fact(TRUNK))
    rests = wait_for(trunk, now)
    at = max(due_at, rests or now)
    if await tx.fact(PAUSED):
        why = "waits: calls are paused"
    elif rests is not None and rests >= due_at:
        why = f"waits: the trunk is in trouble ({trunk.why})"
    elif tries:
        why = f"waits after: {tries[-1].came.replace('_', ' ')}"
    else:
        why = "waits for calling hours" if policy.decent_time(ContactWay.PHONE, now) > now else "waits for its turn"
    purpose = calls[-1].purpose if calls else Purpose.REMINDER
    return {"at": _local(at, policy.zone), "way": ContactWay.PHONE.value, "purpose": purpose.value, "outcome": why}


def _plain(closing: Closing, attempts: list[ContactAttempt], zone: tzinfo) -> dict[str, Any]:
    survey = closing.invitation
    return {
        "closed_at": _local(closing.case.closed_at, zone),
        "recheck": closing.case.recheck_of is not None,
        "asked": _local(survey.created_at, zone) if survey else None,
        "not_asked": closing.not_asked.value if closing.not_asked else None,
        "disposition": survey.disposition.value if survey and survey.disposition else None,
        "opened": _local(survey.opened_at, zone) if survey and survey.opened_at else None,
        "expires": _local(survey.expires_at, zone) if survey else None,
        "attempts": [
            {
                "at": _local(each.at, zone),
                "way": each.way.value,
                "purpose": each.purpose.value,
                "outcome": each.outcome.value,
                "detail": each.detail,
            }
            for each in attempts
        ],
    }


def _local(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="minutes")


def show_history(closings: list[dict[str, Any]]) -> None:
    """Print it, closing by closing."""
    from rich.table import Table

    for closing in closings:
        again = ", asked about again after the fix" if closing["recheck"] else ""
        say(f"[bold]Closed {closing['closed_at']}[/]{again}: {escaped(_became(closing))}")
        table = Table.grid(padding=(0, 2))
        for each in closing["attempts"]:
            outcome = str(each["outcome"]).replace("_", " ")
            told = f"{outcome} ({each['detail']})" if each["detail"] else outcome
            table.add_row("  " + each["at"], each["way"], each["purpose"], escaped(told))
        if ahead := closing["next"]:
            table.add_row("  " + ahead["at"], ahead["way"], ahead["purpose"], ahead["outcome"])
        if closing["attempts"] or ahead:
            console().print(table)


def _became(closing: dict[str, Any]) -> str:
    if closing["not_asked"]:
        return f"not asked, {str(closing['not_asked']).replace('_', ' ')}"
    if not closing["asked"]:
        return "not decided yet"
    if closing["disposition"]:
        return f"asked {closing['asked']}, {str(closing['disposition']).replace('_', ' ')}"
    opened = f"opened {closing['opened']}, " if closing["opened"] else ""
    return f"asked {closing['asked']}, {opened}open until {closing['expires']}"
