"""What was answered: ratings, reasons, comments."""

from collections import Counter
from typing import Any

from sqlalchemy import Row, Text, and_, bindparam, func, select, update

from models.rating import Rating
from models.survey import Answer, Channel, Comment, Reason
from storage.columns import Instant
from storage.part import NOTHING
from storage.rollup import Cell, Rollup
from storage.tables import answers, closures, comments, invitations, reasons

_given = answers.alias()

# built once: building a statement takes longer than executing it
_BEFORE = (
    select(
        closures.c.department,
        closures.c.unit,
        closures.c.customer_type,
        closures.c.intake_channel,
        closures.c.trial,
        closures.c.recheck_of,
        invitations.c.answered_at,
        invitations.c.answered_in,
        answers.c.first_at,
        answers.c.week,
        answers.c.rating,
        answers.c.channel,
        select(func.count(_given.c.question))
        .where(_given.c.invitation_id == bindparam("invitation"))
        .scalar_subquery()
        .label("others"),
    )
    .join_from(invitations, closures, closures.c.id == invitations.c.closure_id)
    .outerjoin(answers, and_(answers.c.invitation_id == invitations.c.id, answers.c.question == bindparam("asked")))
    .where(invitations.c.id == bindparam("invitation"))
)
_MARK_ANSWERED = (
    update(invitations)
    .where(invitations.c.id == bindparam("invitation"))
    .values(
        answered_at=func.coalesce(invitations.c.answered_at, bindparam("at", type_=Instant)),
        answered_in=func.coalesce(invitations.c.answered_in, bindparam("channel", type_=Text)),
    )
)


class Answers(Rollup):
    async def put_answer(self, answer: Answer) -> None:
        before = await self._answer_before(answer)
        first = before.first_at is None
        week = self._week_of(answer.received_at) if first else before.week
        values = {
            "invitation_id": answer.invitation_id,
            "question": answer.question,
            "first_at": answer.received_at,
            "week": week,
            "position": before.others + 1,
            **_replaceable(answer),
        }
        await self._upsert(answers, values, keep=("first_at", "week", "position"))
        if not before.trial and before.recheck_of is None:
            await self._count(answer, before, week)
        if before.answered_at is None or (before.answered_in is None and answer.rating):
            await self._mark_answered(answer)

    async def _answer_before(self, answer: Answer) -> Any:
        """The closure's part of the cell, and the answer that is to be replaced, if any."""
        keys = {"invitation": answer.invitation_id, "asked": answer.question}
        found: Any = (await self._db.execute(_BEFORE, keys)).one_or_none()
        if found is None:
            raise LookupError(f"no invitation {answer.invitation_id} to answer")
        return found

    async def _count(self, answer: Answer, before: Row[Any], week: int) -> None:
        where = (before.department, before.unit, before.customer_type, before.intake_channel)
        cells: Counter[Cell] = Counter()
        if before.rating:
            cells[Cell(week, *where, before.channel, answer.question, before.rating)] -= 1
        if answer.rating:
            cells[Cell(week, *where, answer.channel.value, answer.question, answer.rating.value)] += 1
        await self._shift_cells(cells)

    async def _mark_answered(self, answer: Answer) -> None:
        channel = answer.channel.value if answer.rating else None
        values = {"invitation": answer.invitation_id, "at": answer.received_at, "channel": channel}
        await self._db.execute(_MARK_ANSWERED, values)

    async def answers(self, invitation_id: int) -> list[Answer]:
        """In the order that the questions were first answered."""
        query = select(answers).where(answers.c.invitation_id == invitation_id).order_by(answers.c.position)
        return [_answer_from(row) for row in await self._db.execute(query)]

    async def answer_by_source(self, channel: Channel, source: str) -> Answer | None:
        query = (
            select(answers)
            .where(answers.c.channel == channel.value, answers.c.source == source, answers.c.source != NOTHING)
            .order_by(answers.c.received_at.desc())
            .limit(1)
        )
        row = (await self._db.execute(query)).one_or_none()
        return _answer_from(row) if row else None

    async def put_reason(self, reason: Reason) -> None:
        await self._db.execute(
            reasons.insert().values(
                invitation_id=reason.invitation_id,
                question=reason.question,
                code=reason.code,
                text=reason.text,
                received_at=reason.received_at,
            )
        )

    async def put_comment(self, comment: Comment) -> None:
        await self._db.execute(
            comments.insert().values(
                invitation_id=comment.invitation_id, text=comment.text, received_at=comment.received_at
            )
        )


def _replaceable(answer: Answer) -> dict[str, Any]:
    """The columns that a changed answer replaces: not its place, nor its week."""
    return {
        "rating": answer.rating.value if answer.rating else None,
        "reply": answer.reply,
        "confidence": answer.confidence,
        "channel": answer.channel.value,
        "received_at": answer.received_at,
        "source": answer.source,
        "engine": answer.engine,
    }


def _answer_from(row: Row[Any]) -> Answer:
    return Answer(
        invitation_id=row.invitation_id,
        question=row.question,
        rating=Rating(row.rating) if row.rating else None,
        reply=row.reply,
        confidence=row.confidence,
        channel=Channel(row.channel),
        received_at=row.received_at,
        source=row.source,
        engine=row.engine,
    )
