"""What the API asks for: a case's closings, an address's open surveys, how much has happened lately."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from models.case import Address, AddressKind
from models.closing import Activity, Closing
from models.selection import NotAsked
from models.survey import Channel, Disposition, Invitation
from storage.closure_rows import case_from
from storage.invitations import COLUMNS, Invitations, invitation_from
from storage.part import NOTHING, chunked
from storage.tables import answers, closures, invitations


class Lookups(Invitations):
    async def closings(self, case_id: str) -> list[Closing]:
        """Erased ones and trials are left out."""
        these = closures.c.case_id == case_id, closures.c.trial.is_(False), closures.c.digest != NOTHING
        rows = (await self._db.execute(select(closures).where(*these).order_by(closures.c.closed_at.desc()))).all()
        surveys = await self._invitations(invitations.c.closure_id.in_([row.id for row in rows]))
        by_closure = {each.case_number: each for each in surveys}
        return [
            Closing(
                case=case_from(row),
                decided_at=row.decided_at,
                not_asked=NotAsked(row.not_asked) if row.not_asked else None,
                invitation=by_closure.get(row.id),
            )
            for row in rows
        ]

    async def open_surveys(self, addresses: Collection[Address]) -> list[Invitation]:
        found: dict[int, Invitation] = {}
        for kind, column in (
            (AddressKind.MAIL, closures.c.mail),
            (AddressKind.PHONE, closures.c.phone),
        ):
            for values in chunked({each.value for each in addresses if each.kind is kind}):
                query = (
                    select(*COLUMNS)
                    .join_from(closures, invitations, invitations.c.closure_id == closures.c.id)
                    .where(column.in_(values), column != NOTHING, invitations.c.session_closed_at.is_(None))
                )
                found |= {row.id: invitation_from(row) for row in await self._db.execute(query)}
        return [found[number] for number in sorted(found)]

    async def activity(self, since: datetime) -> Activity:
        given = (
            select(answers.c.channel, func.count().label("number"))
            .join_from(answers, invitations, invitations.c.id == answers.c.invitation_id)
            .join(closures, closures.c.id == invitations.c.closure_id)
            .where(answers.c.received_at >= since, answers.c.rating.is_not(None), closures.c.trial.is_(False))
            .group_by(answers.c.channel)
        )
        made = (
            select(invitations.c.disposition, func.count().label("number"))
            .join_from(invitations, closures, closures.c.id == invitations.c.closure_id)
            .where(invitations.c.created_at >= since, closures.c.trial.is_(False))
            .group_by(invitations.c.disposition)
        )
        return Activity(
            answers={Channel(row.channel): row.number for row in await self._db.execute(given)},
            invitations={
                Disposition(row.disposition) if row.disposition else None: row.number
                for row in await self._db.execute(made)
            },
        )
