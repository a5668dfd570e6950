"""A closed case as a row, and back."""

import hashlib
from typing import Any

from sqlalchemy import Row

from models.case import ClosedCase, CustomerType


def digest_of(case: ClosedCase) -> str:
    """Of all that the case system told: two closures with the same digest say the same."""
    told = (
        case.opened_at.timestamp() if case.opened_at else None,
        case.department,
        case.unit,
        case.subject,
        case.handler,
        case.handler_mail,
        case.contractor,
        case.intake_channel,
        case.customer_type,
        case.phone,
        case.mail,
        case.language,
        case.auto_closed,
    )
    return hashlib.blake2b("\x1f".join(map(str, told)).encode("utf-8", "replace"), digest_size=16).hexdigest()


def values_of(case: ClosedCase) -> dict[str, Any]:
    """The columns that come from the case system, the digest included."""
    return {
        "case_id": case.case_id,
        "closed_at": case.closed_at,
        "opened_at": case.opened_at,
        "department": case.department,
        "unit": case.unit,
        "subject": case.subject,
        "handler": case.handler,
        "handler_mail": case.handler_mail,
        "contractor": case.contractor,
        "intake_channel": case.intake_channel,
        "customer_type": case.customer_type.value if case.customer_type else "",
        "phone": case.phone,
        "mail": case.mail,
        "language": case.language,
        "auto_closed": case.auto_closed,
        "trial": case.trial,
        "recheck_of": case.recheck_of,
        "digest": digest_of(case),
    }


def case_from(row: Row[Any]) -> ClosedCase:
    return ClosedCase(
        case_id=row.case_id,
        closed_at=row.closed_at,
        opened_at=row.opened_at,
        department=row.department,
        unit=row.unit,
        subject=row.subject,
        handler=row.handler,
        handler_mail=row.handler_mail,
        contractor=row.contractor,
        intake_channel=row.intake_channel,
        customer_type=CustomerType(row.customer_type) if row.customer_type else None,
        phone=row.phone,
        mail=row.mail,
        language=row.language,
        auto_closed=row.auto_closed,
        trial=row.trial,
        recheck_of=row.recheck_of,
    )
