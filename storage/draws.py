"""Random draws, stored so that anyone can redo them."""

from typing import Any

from sqlalchemy import Row, select

from models.case import StoredCase
from models.selection import Decision, Draw, NotAsked, SelectionMethod, StoredDraw
from storage.closure_rows import case_from
from storage.part import Part
from storage.tables import closures, draws


class Draws(Part):
    async def put_draw(self, draw: Draw) -> int:
        values = {
            "method": draw.method.value,
            "seed": draw.seed,
            "frame_hash": draw.frame_hash,
            "frame_size": draw.frame_size,
            "drawn": draw.drawn,
            "period": draw.period,
            "unit": draw.unit,
            "drawn_at": draw.drawn_at,
            "share": draw.share,
        }
        number: int = (await self._db.execute(draws.insert().values(values).returning(draws.c.id))).scalar_one()
        return number

    async def draws(self) -> list[StoredDraw]:
        return [
            StoredDraw(row.id, _draw_from(row)) for row in await self._db.execute(select(draws).order_by(draws.c.id))
        ]

    async def draw_frame(self, number: int) -> list[tuple[StoredCase, Decision]]:
        query = select(closures).where(closures.c.draw_id == number).order_by(closures.c.id)
        return [
            (
                StoredCase(row.id, case_from(row)),
                Decision(row.id, NotAsked(row.not_asked) if row.not_asked else None, number),
            )
            for row in await self._db.execute(query)
        ]


def _draw_from(row: Row[Any]) -> Draw:
    return Draw(
        method=SelectionMethod(row.method),
        seed=row.seed,
        frame_hash=row.frame_hash,
        frame_size=row.frame_size,
        drawn=row.drawn,
        period=row.period,
        unit=row.unit,
        drawn_at=row.drawn_at,
        share=row.share,
    )
