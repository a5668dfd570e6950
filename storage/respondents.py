"""What belongs to one respondent, who is an address."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from models.case import Address, AddressKind
from storage.part import FAILED, NOTHING, WAITING, Part
from storage.tables import closures, deletions, inbox, invitations, outbox


class Respondents(Part):
    async def surveys_of(self, address: Address) -> list[int]:
        theirs = select(invitations.c.id).where(invitations.c.closure_id.in_(closures_of(address)))
        return list(await self._db.scalars(theirs.order_by(invitations.c.id)))

    async def log_deletion(self, kind: str, number: int, before: datetime | None, now: datetime) -> None:
        if number:
            await self._db.execute(deletions.insert().values(deleted_at=now, kind=kind, before=before, count=number))


def closures_of(address: Address) -> Select[int]:
    """The numbers of the closures with this address; of a chat, those whose survey it opened."""
    if address.kind is AddressKind.CHAT:
        return select(invitations.c.closure_id).where(invitations.c.chat_id == int(address.value))
    column = closures.c.mail if address.kind is AddressKind.MAIL else closures.c.phone
    return select(closures.c.id).where(column == address.value, column != NOTHING)


def messages_to(address: Address) -> ColumnElement[bool]:
    """Outbox rows to this address that still have contents."""
    if address.kind is AddressKind.CHAT:
        to_them: ColumnElement[bool] = outbox.c.lane == f"chat:{address.value}"
    else:
        to_them = outbox.c.payload["to"].as_string() == address.value
    return and_(or_(outbox.c.state == WAITING, outbox.c.state == FAILED), to_them)


def updates_from(address: Address) -> ColumnElement[bool]:
    if address.kind is AddressKind.CHAT:
        return inbox.c.chat_id == int(address.value)
    return false()
