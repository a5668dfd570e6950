"""Cases, invitations and answers to test with."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from models.case import Address, AddressKind, ClosedCase, CustomerType
from models.queues import InboxRow, OutboxKind, OutboxRow
from models.rating import Rating
from models.selection import Decision
from models.survey import Answer, Channel, Invitation
from workflow.ports import Transaction

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)  # a Tuesday, in 2026-W47
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def a_case(case_id: str = "SK-1", **changed: Any) -> ClosedCase:
    fields: dict[str, Any] = {
        "case_id": case_id,
        "closed_at": NOW - DAY,
        "opened_at": NOW - 9 * DAY,
        "department": "Samhällsbyggnad",
        "unit": "Gator",
        "subject": "Hål i vägen",
        "handler": "H 1",
        "handler_mail": "h1@example.se",
        "intake_channel": "telefon",
        "customer_type": CustomerType.MEDBORGARE,
        "mail": f"{case_id.lower()}@example.org",
    }
    return ClosedCase(**{**fields, **changed})


def an_invitation(case_number: int, **changed: Any) -> Invitation:
    fields: dict[str, Any] = {
        "id": 0,
        "case_number": case_number,
        "token": f"{case_number:022}",
        "language": "sv",
        "created_at": NOW,
        "expires_at": NOW + 14 * DAY,
        "remind_at": NOW + 3 * DAY,
    }
    return Invitation(**{**fields, **changed})


def an_answer(
    invitation_id: int, question: str = "leverans", rating: Rating | None = Rating.BRA, **changed: Any
) -> Answer:
    fields: dict[str, Any] = {
        "reply": rating.value if rating else "vet inte",
        "confidence": 1.0,
        "channel": Channel.CHAT,
        "received_at": NOW,
    }
    return Answer(invitation_id=invitation_id, question=question, rating=rating, **{**fields, **changed})


def an_update(update_id: int, chat_id: int | None = None, **changed: Any) -> InboxRow:
    message = {"text": f"hej {update_id}"} | ({"chat": {"id": chat_id}} if chat_id is not None else {})
    fields: dict[str, Any] = {"payload": {"update_id": update_id, "message": message}, "received_at": NOW}
    return InboxRow(update_id=update_id, **{**fields, **changed})


def a_row(key: str, **changed: Any) -> OutboxRow:
    fields: dict[str, Any] = {"kind": OutboxKind.TELEGRAM, "payload": {"to do": key}, "due_at": NOW}
    return OutboxRow(key=key, **{**fields, **changed})


def mail(value: str) -> Address:
    return Address(AddressKind.MAIL, value)


def phone(value: str) -> Address:
    return Address(AddressKind.PHONE, value)


def chat(chat_id: int) -> Address:
    return Address(AddressKind.CHAT, str(chat_id))


async def invited(transaction: Transaction, cases: Sequence[ClosedCase]) -> list[Invitation]:
    """Store the cases, decide to ask about all, and invite."""
    await transaction.put_cases(cases, NOW)
    stored = await transaction.undecided(len(cases))
    await transaction.decide([Decision(each.id, None) for each in stored], NOW)
    return await transaction.put_invitations([an_invitation(each.id) for each in stored])
