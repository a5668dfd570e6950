"""Contact attempts, and addresses where nobody is."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, String, Text, case, cast, exists, func, literal, or_, select, update

from models.case import Address, AddressKind, StoredCase
from models.queues import OutboxKind
from models.survey import AttemptOutcome, ContactAttempt, ContactWay, Invitation, Purpose
from storage.closure_rows import case_from
from storage.columns import Instant
from storage.invitations import COLUMNS, invitation_from
from storage.optouts import OptOuts
from storage.part import NOTHING, WAITING, chunked
from storage.tables import closures, contact_attempts, dead_addresses, invitations, outbox

_TURNED = (AttemptOutcome.PLANNED, AttemptOutcome.SENT, AttemptOutcome.DELIVERED)
_UNTRIED = (AttemptOutcome.PLANNED, AttemptOutcome.WITHDRAWN)
_WAYS_TO = {
    AddressKind.MAIL: (ContactWay.MAIL,),
    AddressKind.PHONE: (ContactWay.SMS, ContactWay.PHONE),
    AddressKind.CHAT: (ContactWay.CHAT,),
}


class Contacts(OptOuts):
    async def put_attempt(self, attempt: ContactAttempt) -> int:
        values = {
            "invitation_id": attempt.invitation_id,
            "way": attempt.way.value,
            "purpose": attempt.purpose.value,
            "at": attempt.at,
            "outcome": attempt.outcome.value,
            "detail": attempt.detail,
        }
        number: int = await self._db.scalar(contact_attempts.insert().values(values).returning(contact_attempts.c.id))
        return number

    async def settle_attempt(self, attempt_id: int, outcome: AttemptOutcome, detail: str, now: datetime) -> None:
        table = contact_attempts.c
        tried_at = case((table.outcome == AttemptOutcome.PLANNED.value, literal(now, Instant)), else_=table.at)
        values = {"outcome": outcome.value, "detail": detail, "at": tried_at}
        await self._db.execute(update(contact_attempts).where(table.id == attempt_id).values(values))

    async def attempt(self, attempt_id: int) -> ContactAttempt | None:
        query = select(contact_attempts).where(contact_attempts.c.id == attempt_id)
        row = (await self._db.execute(query)).one_or_none()
        return attempt_from(row) if row else None

    async def attempts(self, invitation_id: int) -> list[ContactAttempt]:
        query = select(contact_attempts).where(contact_attempts.c.invitation_id == invitation_id)
        return [attempt_from(row) for row in await self._db.execute(query.order_by(contact_attempts.c.id))]

    async def attempt_counts(
        self, since: datetime, before: datetime
    ) -> Mapping[tuple[ContactWay, AttemptOutcome], int]:
        table = contact_attempts.c
        query = (
            select(table.way, table.outcome, func.count().label("number"))
            .where(table.at >= since, table.at < before)
            .group_by(table.way, table.outcome)
        )
        return {(ContactWay(row.way), AttemptOutcome(row.outcome)): row.number for row in await self._db.execute(query)}

    async def last_contact(self, addresses: Collection[Address]) -> datetime | None:
        newest: list[datetime] = []
        for kind, column in ((AddressKind.MAIL, closures.c.mail), (AddressKind.PHONE, closures.c.phone)):
            values = {address.value for address in addresses if address.kind is kind and address.value}
            for chunk in chunked(values):
                query = (
                    select(func.max(contact_attempts.c.at))
                    .join_from(closures, invitations, invitations.c.closure_id == closures.c.id)
                    .join(contact_attempts, contact_attempts.c.invitation_id == invitations.c.id)
                    .where(column.in_(chunk), column != NOTHING, contact_attempts.c.outcome.in_(_TURNED))
                )
                found = await self._db.scalar(query)
                newest += [found] if found is not None else []
        return max(newest, default=None)

    async def calls_since(self, since: datetime) -> list[tuple[str, ContactAttempt]]:
        table = contact_attempts.c
        query = (
            select(contact_attempts, closures.c.case_id)
            .join_from(contact_attempts, invitations, table.invitation_id == invitations.c.id)
            .join(closures, invitations.c.closure_id == closures.c.id)
            .where(table.at >= since, table.way == ContactWay.PHONE.value, table.outcome.not_in(_UNTRIED))
            .order_by(table.at.desc(), table.id.desc())
        )
        return [(row.case_id, attempt_from(row)) for row in await self._db.execute(query)]

    async def put_dead(self, address: Address, reason: str, now: datetime) -> None:
        values = {
            "hash": self._address_hash(address),
            "kind": address.kind.value,
            "reason": reason,
            "since": now,
        }
        await self._upsert(dead_addresses, values)

    async def dead(self, addresses: Collection[Address]) -> set[Address]:
        by_hash = {self._address_hash(address): address for address in addresses}
        found: set[Address] = set()
        for hashes in chunked(by_hash):
            query = select(dead_addresses.c.hash).where(dead_addresses.c.hash.in_(hashes))
            found.update(by_hash[row] for row in await self._db.scalars(query))
        return found

    async def sent_to(self, address: Address, since: datetime) -> list[tuple[Invitation, ContactAttempt]]:
        if address.kind is AddressKind.CHAT:
            its_own = invitations.c.chat_id == int(address.value)
        else:
            column = closures.c.mail if address.kind is AddressKind.MAIL else closures.c.phone
            its_own = (column == address.value) & (column != NOTHING)
        table = contact_attempts.c
        query = (
            select(table.id.label("attempt"), *COLUMNS)
            .join_from(closures, invitations, invitations.c.closure_id == closures.c.id)
            .join(contact_attempts, table.invitation_id == invitations.c.id)
            .where(its_own, table.at >= since, table.way.in_(_WAYS_TO[address.kind]), table.outcome.not_in(_UNTRIED))
            .order_by(table.at.desc(), table.id.desc())
        )
        found = [(row.attempt, invitation_from(row)) for row in (await self._db.execute(query)).all()]
        pairs = []
        for number, invitation in found:
            attempt = await self.attempt(number)
            assert attempt is not None
            pairs.append((invitation, attempt))
        return pairs

    async def contact_due(self, invitation_id: int | None = None) -> datetime | None:
        kinds = (OutboxKind.CONTACT.value, OutboxKind.MAIL.value, OutboxKind.SMS.value)
        about = outbox.c.payload["invitation_id"].as_integer()
        whose = outbox.c.kind == kinds[0] if invitation_id is None else about == invitation_id
        query = select(func.min(outbox.c.due_at)).where(outbox.c.state == WAITING, outbox.c.kind.in_(kinds), whose)
        found: datetime | None = await self._db.scalar(query)
        return found

    async def call_due(self, invitation_id: int | None = None) -> datetime | None:
        rests = outbox.c.state == WAITING, outbox.c.kind == OutboxKind.CALL.value, outbox.c.leased_until.is_(None)
        query = select(func.min(outbox.c.due_at)).where(*rests)
        if invitation_id is not None:
            query = query.where(outbox.c.payload["invitation_id"].as_integer() == invitation_id)
        found: datetime | None = await self._db.scalar(query)
        return found

    async def hasten_contacts(self, now: datetime) -> int:
        payload = outbox.c.payload
        first = (outbox.c.kind == OutboxKind.CONTACT.value) & (
            payload["purpose"].as_string() == Purpose.INVITATION.value
        )
        put_off = outbox.c.kind.in_((OutboxKind.MAIL.value, OutboxKind.SMS.value)) & (
            payload["attempt_id"].as_integer().is_not(None)
        )
        waiting = outbox.c.state == WAITING, outbox.c.leased_until.is_(None), outbox.c.due_at > now
        done = await self._db.execute(update(outbox).where(*waiting, or_(first, put_off)).values(due_at=now))
        return done.rowcount

    async def open_without_chat(self, since: datetime, limit: int) -> list[tuple[Invitation, StoredCase]]:
        key = literal("contact:", Text) + cast(invitations.c.id, String) + literal(":0", Text)
        query = (
            select(invitations.c.id)
            .join_from(invitations, closures, closures.c.id == invitations.c.closure_id)
            .where(
                invitations.c.created_at >= since,
                invitations.c.disposition.is_(None),
                invitations.c.chat_id.is_(None),
                closures.c.trial.is_(False),
                or_(closures.c.mail != NOTHING, closures.c.phone != NOTHING),
                ~exists().where(contact_attempts.c.invitation_id == invitations.c.id),
                ~exists().where(outbox.c.key == key),
            )
            .order_by(invitations.c.created_at, invitations.c.id)
            .limit(limit)
        )
        found = []
        for number in (await self._db.scalars(query)).all():
            row = (await self._db.execute(select(*COLUMNS).where(invitations.c.id == number))).one()
            theirs = (await self._db.execute(select(closures).where(closures.c.id == row.closure_id))).one()
            found.append((invitation_from(row), StoredCase(theirs.id, case_from(theirs))))
        return found


def attempt_from(row: Row[Any]) -> ContactAttempt:
    return ContactAttempt(
        id=row.id,
        invitation_id=row.invitation_id,
        way=ContactWay(row.way),
        purpose=Purpose(row.purpose),
        at=row.at,
        outcome=AttemptOutcome(row.outcome),
        detail=row.detail,
    )
