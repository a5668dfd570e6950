"""The weekly rollup: how many answers of each kind, kept right in the transaction that stores the answer."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Insert, Select, func, select

from models.counts import AnswerCount, IsoWeek
from models.rating import Rating
from models.survey import Channel
from storage.part import Part, chunked, insert_into
from storage.tables import answers, closures, invitations, rollup

_JOINED = answers.join(invitations, invitations.c.id == answers.c.invitation_id).join(
    closures, closures.c.id == invitations.c.closure_id
)


class Cell(NamedTuple):
    """The rollup's key, in the order of its columns."""

    week: int
    department: str
    unit: str
    customer_type: str
    intake_channel: str
    channel: str
    question: str
    rating: str


_KEY = [rollup.c[name] for name in Cell._fields]
_COUNTED = (
    answers.c.week,
    closures.c.department,
    closures.c.unit,
    closures.c.customer_type,
    closures.c.intake_channel,
    answers.c.channel,
    answers.c.question,
    answers.c.rating,
)


def week_number(week: IsoWeek) -> int:
    """202647 for 2026-W47: sorts as weeks do."""
    return week.year * 100 + week.week


def recount() -> Select[Any]:
    """What the rollup should say, as far as the answers are still stored: the cells and their counts."""
    counted = answers.c.rating.is_not(None), closures.c.trial.is_(False), closures.c.recheck_of.is_(None)
    return select(*_COUNTED, func.count()).select_from(_JOINED).where(*counted).group_by(*_COUNTED)


class Rollup(Part):
    async def answer_counts(self, first: IsoWeek, last: IsoWeek) -> list[AnswerCount]:
        query = (
            select(*_KEY, rollup.c["count"])
            .where(rollup.c.week.between(week_number(first), week_number(last)), rollup.c["count"] > 0)
            .order_by(*_KEY)
        )
        return [_count_from(*tuple(row)) for row in await self._db.execute(query)]

    async def oldest_count(self) -> IsoWeek | None:
        # any week is after 0: a search in the key's order, which ends at the first one
        query = select(rollup.c.week).where(rollup.c.week > 0, rollup.c["count"] > 0).order_by(rollup.c.week).limit(1)
        found: int | None = await self._db.scalar(query)
        return None if found is None else IsoWeek(*divmod(found, 100))

    async def verify_rollup(self, repair: bool = False) -> int:
        right = {Cell(*row[:-1]): row[-1] for row in await self._db.execute(recount())}
        stored: dict[Cell, int] = {}
        for row in await self._db.execute(select(*_KEY, rollup.c["count"], rollup.c.archived)):
            cell = Cell(*row[:-2])
            stored[cell] = row[-2]
            right[cell] = right.get(cell, 0) + row[-1]
        wrong = {cell: right[cell] - stored.get(cell, 0) for cell in right if right[cell] != stored.get(cell, 0)}
        if repair:
            await self._shift_cells(wrong)
        return len(wrong)

    def _week_of(self, at: datetime) -> int:
        return week_number(IsoWeek.of(at.astimezone(self._zone).date()))

    async def _shift_cells(self, by: Mapping[Cell, int], column: str = "count") -> None:
        rows = [{**cell._asdict(), "count": 0, "archived": 0, column: n} for cell, n in sorted(by.items()) if n]
        if not rows:
            return
        await self._db.execute(_shift(self._db.dialect.name, column), rows)

    async def _move_cells(self, away: Mapping[Cell, int], to: Mapping[Cell, int]) -> None:
        moved = Counter(to)
        moved.subtract(away)
        await self._shift_cells(moved)

    async def _cells_of_closure(self, closure_id: int) -> dict[Cell, int]:
        query = recount().where(invitations.c.closure_id == closure_id)
        return {Cell(*row[:-1]): row[-1] for row in await self._db.execute(query)}

    async def _archive_answers(self, invitation_ids: list[int]) -> None:
        """These invitations' answers are about to be deleted, and stay counted."""
        for chunk in chunked(invitation_ids):
            query = recount().where(answers.c.invitation_id.in_(chunk))
            cells = {Cell(*row[:-1]): row[-1] for row in await self._db.execute(query)}
            await self._shift_cells(cells, "archived")


def _count_from(
    week: int, department: str, unit: str, customer: str, intake: str, channel: str, question: str, rating: str, n: int
) -> AnswerCount:
    return AnswerCount(
        week=_week(week),
        department=department,
        unit=unit,
        customer_type=customer,
        intake_channel=intake,
        channel=Channel(channel),
        question=question,
        rating=Rating(rating),
        count=n,
    )


@cache
def _shift(dialect: str, column: str) -> Insert:
    insert = insert_into(dialect, rollup)
    return insert.on_conflict_do_update(index_elements=_KEY, set_={column: rollup.c[column] + insert.excluded[column]})


@cache
def _week(number: int) -> IsoWeek:
    return IsoWeek(*divmod(number, 100))
