"""Invitations and their sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, bindparam, select, update

from models.case import Address, StoredCase
from models.conversation import Session, Stage
from models.survey import Disposition, Invitation
from storage.closure_rows import case_from
from storage.optouts import OptOuts
from storage.part import chunked
from storage.tables import closures, invitations, sessions
from survey.conversation import dump, load

COLUMNS: tuple[Column[Any], ...] = (
    invitations.c.id,
    invitations.c.closure_id,
    invitations.c.token,
    invitations.c.language,
    invitations.c.created_at,
    invitations.c.expires_at,
    invitations.c.remind_at,
    invitations.c.opened_at,
    invitations.c.chat_id,
    invitations.c.disposition,
    invitations.c.questions,
)

# built once: building a statement takes longer than executing it
_BY_NUMBER = select(*COLUMNS).where(invitations.c.id == bindparam("by"))
_BY_TOKEN = select(*COLUMNS).where(invitations.c.token == bindparam("by"))
_SAVE = update(invitations).where(invitations.c.id == bindparam("number"))
_SESSION = select(sessions.c.session).where(sessions.c.invitation_id == bindparam("invitation"))


class Invitations(OptOuts):
    async def put_invitations(self, wanted: Sequence[Invitation]) -> list[Invitation]:
        stored: list[Invitation] = []
        for chunk in chunked(wanted):
            rows = [{"closure_id": each.case_number, **_values(each)} for each in chunk]
            insert = self._insert(invitations).on_conflict_do_nothing(index_elements=[invitations.c.closure_id])
            await self._db.execute(insert, rows)
            found = await self._invitations(invitations.c.closure_id.in_([each.case_number for each in chunk]))
            by_case = {each.case_number: each for each in found}
            stored += [by_case[each.case_number] for each in chunk]
        return stored

    async def invitation(self, invitation_id: int) -> Invitation | None:
        return await self._one_invitation(_BY_NUMBER, invitation_id)

    async def invitation_by_token(self, token: str) -> Invitation | None:
        return await self._one_invitation(_BY_TOKEN, token)

    async def invitation_of_case(self, case_id: str) -> Invitation | None:
        query = select(*COLUMNS).join(closures).where(closures.c.case_id == case_id)
        row = (await self._db.execute(query.order_by(invitations.c.id.desc()).limit(1))).one_or_none()
        return invitation_from(row) if row else None

    async def save_invitation(self, invitation: Invitation) -> None:
        await self._db.execute(_SAVE, {"number": invitation.id, **_values(invitation)})

    async def own_invitation(self, token: str, chat_id: int, now: datetime) -> Invitation | None:
        await self._db.execute(
            update(invitations)
            .where(invitations.c.token == token, invitations.c.chat_id.is_(None))
            .values(chat_id=chat_id)
        )
        await self._db.execute(
            update(invitations)
            .where(invitations.c.token == token, invitations.c.chat_id == chat_id, invitations.c.opened_at.is_(None))
            .values(opened_at=now)
        )
        return await self.invitation_by_token(token)

    async def open_invitations(self, chat_id: int) -> list[Invitation]:
        return await self._invitations(invitations.c.chat_id == chat_id, invitations.c.disposition.is_(None))

    async def latest_invitation(self, chat_id: int) -> Invitation | None:
        query = (
            select(*COLUMNS)
            .where(invitations.c.chat_id == chat_id)
            .order_by(invitations.c.created_at.desc(), invitations.c.id.desc())
            .limit(1)
        )
        row = (await self._db.execute(query)).one_or_none()
        return invitation_from(row) if row else None

    async def unopened_invitations(self, since: datetime) -> list[tuple[Invitation, StoredCase]]:
        unopened = await self._invitations(
            invitations.c.created_at >= since,
            invitations.c.opened_at.is_(None),
            invitations.c.chat_id.is_(None),
            invitations.c.disposition.is_(None),
        )
        cases: dict[int, StoredCase] = {}
        refused: set[Address] = set()
        for chunk in chunked(each.case_number for each in unopened):
            rows = await self._db.execute(select(closures).where(closures.c.id.in_(chunk)))
            found = {row.id: StoredCase(row.id, case_from(row)) for row in rows}
            refused |= await self.opted_out({address for each in found.values() for address in each.case.addresses})
            cases.update(found)
        pairs = [(each, cases[each.case_number]) for each in unopened]
        return [(each, stored) for each, stored in pairs if refused.isdisjoint(stored.case.addresses)]

    async def due_reminders(self, now: datetime, limit: int) -> list[Invitation]:
        """Open ones whose `remind_at` has passed, and `expires_at` hasn't."""
        return await self._invitations(
            invitations.c.remind_at <= now,
            invitations.c.disposition.is_(None),
            invitations.c.expires_at > now,
            order=invitations.c.remind_at,
            limit=limit,
        )

    async def due_expiries(self, now: datetime, limit: int) -> list[Invitation]:
        return await self._invitations(
            invitations.c.expires_at <= now,
            invitations.c.session_closed_at.is_(None),
            order=invitations.c.expires_at,
            limit=limit,
        )

    async def session(self, invitation_id: int) -> Session | None:
        stored = await self._db.scalar(_SESSION, {"invitation": invitation_id})
        return None if stored is None else load(stored)

    async def save_session(self, invitation_id: int, session: Session, now: datetime) -> None:
        await self._upsert(sessions, {"invitation_id": invitation_id, "session": dump(session), "saved_at": now})
        if session.stage is Stage.CLOSED:
            await self._db.execute(
                update(invitations)
                .where(invitations.c.id == invitation_id, invitations.c.session_closed_at.is_(None))
                .values(session_closed_at=now)
            )

    async def _invitations(
        self,
        *conditions: ColumnElement[bool],
        order: ColumnElement[Any] = invitations.c.created_at,
        limit: int | None = None,
    ) -> list[Invitation]:
        query = select(*COLUMNS).where(*conditions).order_by(order, invitations.c.id).limit(limit)
        return [invitation_from(row) for row in await self._db.execute(query)]

    async def _one_invitation(self, query: Select[Any], by: int | str) -> Invitation | None:
        row = (await self._db.execute(query, {"by": by})).one_or_none()
        return invitation_from(row) if row else None


def _values(invitation: Invitation) -> dict[str, Any]:
    """The columns that may change; the closure never does."""
    return {
        "token": invitation.token,
        "language": invitation.language,
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "remind_at": invitation.remind_at,
        "opened_at": invitation.opened_at,
        "chat_id": invitation.chat_id,
        "disposition": invitation.disposition.value if invitation.disposition else None,
        "questions": " ".join(invitation.questions),
    }


def invitation_from(row: Row[Any]) -> Invitation:
    return Invitation(
        id=row.id,
        case_number=row.closure_id,
        token=row.token,
        language=row.language,
        created_at=row.created_at,
        expires_at=row.expires_at,
        remind_at=row.remind_at,
        opened_at=row.opened_at,
        chat_id=row.chat_id,
        disposition=Disposition(row.disposition) if row.disposition else None,
        questions=tuple(row.questions.split()),
    )
