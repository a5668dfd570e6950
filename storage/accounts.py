"""What the digest reads besides the rollup: the response account, and what each customer said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, exists, func, or_, select, union

from models.counts import AccountRow, SurveyedCase
from models.rating import Rating
from models.selection import NotAsked
from models.survey import AttemptOutcome, Channel
from storage.part import Part, chunked
from storage.tables import answers, closures, comments, contact_attempts, invitations, reasons

#: what is not ours (trials) and what is asked about a second time (rechecks) is counted nowhere
COUNTED = (closures.c.trial.is_(False), closures.c.recheck_of.is_(None))


class Accounts(Part):
    async def account(self, since: datetime, before: datetime) -> list[AccountRow]:
        went_out = exists().where(
            contact_attempts.c.invitation_id == invitations.c.id,
            contact_attempts.c.outcome.in_((AttemptOutcome.SENT.value, AttemptOutcome.DELIVERED.value)),
        )
        reached = or_(invitations.c.opened_at.is_not(None), invitations.c.chat_id.is_not(None), went_out)
        columns = (
            closures.c.unit,
            closures.c.not_asked,
            and_(invitations.c.id.is_not(None), reached).label("reached"),
            invitations.c.answered_in,
        )
        query = (
            select(*columns, func.count().label("number"))
            .join_from(closures, invitations, invitations.c.closure_id == closures.c.id, isouter=True)
            .where(closures.c.decided_at >= since, closures.c.decided_at < before, *COUNTED)
            .group_by(*columns)
            .order_by(closures.c.unit)
        )
        return [
            AccountRow(
                unit=row.unit,
                reason=NotAsked(row.not_asked) if row.not_asked else None,
                reached=bool(row.reached),
                channel=Channel(row.answered_in) if row.answered_in else None,
                count=row.number,
            )
            for row in await self._db.execute(query)
        ]

    async def surveyed(self, invitation_id: int) -> SurveyedCase | None:
        """None when nothing has been said."""
        found = await self._surveyed([invitation_id])
        return found[0] if found else None

    async def surveyed_between(self, since: datetime, before: datetime) -> list[SurveyedCase]:
        """A changed answer counts both when it was first given and when it was changed. Not trials, nor rechecks."""
        firsts = select(invitations.c.id).where(invitations.c.answered_at >= since, invitations.c.answered_at < before)
        others = [
            select(said.c.invitation_id).where(said.c.received_at >= since, said.c.received_at < before)
            for said in (answers, reasons, comments)
        ]
        ids = sorted(await self._db.scalars(union(firsts, *others)))
        found: list[SurveyedCase] = []
        for chunk in chunked(ids):
            found += await self._surveyed(chunk, *COUNTED)
        return sorted(found, key=lambda each: (each.answered_at, each.invitation_id))

    async def _surveyed(self, ids: Sequence[int], *conditions: ColumnElement[bool]) -> list[SurveyedCase]:
        given = await self._said(answers, ids)
        gone_wrong = await self._said(reasons, ids)
        written = await self._said(comments, ids)
        query = (
            select(closures, invitations.c.id.label("invitation_id"), invitations.c.answered_at)
            .join_from(invitations, closures, closures.c.id == invitations.c.closure_id)
            .where(invitations.c.id.in_(ids), *conditions)
            .order_by(invitations.c.id)
        )
        found = []
        for row in await self._db.execute(query):
            number = row.invitation_id
            said = given.get(number, []), gone_wrong.get(number, []), written.get(number, [])
            if any(said):
                found.append(_surveyed_from(row, *said))
        return found

    async def _said(self, table: Table, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
        order = table.c.position if table is answers else table.c.id
        said: dict[int, list[Row[Any]]] = {}
        for row in await self._db.execute(select(table).where(table.c.invitation_id.in_(ids)).order_by(order)):
            said.setdefault(row.invitation_id, []).append(row)
        return said


def _surveyed_from(
    row: Row[Any], given: Sequence[Row[Any]], gone_wrong: Sequence[Row[Any]], written: Sequence[Row[Any]]
) -> SurveyedCase:
    answered_at = row.answered_at or min(each.received_at for each in (*gone_wrong, *written))
    return SurveyedCase(
        invitation_id=row.invitation_id,
        case_id=row.case_id,
        department=row.department,
        unit=row.unit,
        subject=row.subject,
        handler=row.handler,
        handler_mail=row.handler_mail,
        contractor=row.contractor,
        customer_type=row.customer_type,
        intake_channel=row.intake_channel,
        closed_at=row.closed_at,
        answered_at=answered_at,
        ratings=tuple((each.question, Rating(each.rating) if each.rating else None) for each in given),
        reasons=tuple((each.question, each.code, each.text) for each in gone_wrong),
        comments=tuple(each.text for each in written),
        recheck_of=row.recheck_of,
    )
