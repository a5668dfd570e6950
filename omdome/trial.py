"""A test case for oneself: closed now, asked about whatever the rules of selection say, and counted nowhere."""

import secrets
from datetime import timedelta

from models.case import ClosedCase, StoredCase
from models.selection import Decision
from models.survey import Invitation
from omdome.policies import invitations_of
from omdome.wiring import Application
from workflow.ports import Transaction
from workflow.selecting import new_token


async def make_trial(app: Application, language: str, subject: str, handler_mail: str) -> tuple[ClosedCase, Invitation]:
    """Store a closed case with its invitation; returns both."""
    now = app.clock.now()
    case_id = f"PROV-{now:%Y%m%d}-{secrets.token_hex(3)}"
    case = ClosedCase(
        case_id=case_id,
        closed_at=now.replace(microsecond=0),
        unit="Provärende",
        subject=subject,
        handler_mail=handler_mail.lower(),
        language=language,
        trial=True,
    )
    rules = invitations_of(app.config)
    async with app.store.step() as tx:
        await tx.put_cases([case], now)
        stored = await _found(tx, case_id)
        await tx.decide([Decision(stored.id, None)], now)
        invitation = Invitation(
            id=0,
            case_number=stored.id,
            token=new_token(),
            language=language,
            created_at=now,
            expires_at=now + timedelta(days=rules.expires_after_days),
            remind_at=now + timedelta(days=rules.reminder_after_days) if rules.reminder_after_days else None,
        )
        (made,) = await tx.put_invitations([invitation])
    return case, made


async def _found(tx: Transaction, case_id: str) -> StoredCase:
    """The closure just stored: it is the newest of the undecided."""
    after = 0
    while page := await tx.undecided(1000, after):
        for stored in page:
            if stored.case.case_id == case_id:
                return stored
        after = page[-1].id
    raise LookupError(case_id)
