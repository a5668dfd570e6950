"""Sending a digest by hand."""

from collections.abc import Sequence

from models.counts import IsoWeek
from models.digest import Recipient
from models.queues import OutboxKind, OutboxRow
from omdome.wiring import Application


async def send_now(app: Application, week: IsoWeek, recipients: Sequence[Recipient]) -> list[str]:
    """Put the week's digest for these recipients in the outbox; returns the names of those who hadn't got it yet.

    The keys are those of `workflow.digests`, so that what is sent by hand isn't sent by the clock as well.
    """
    now, new = app.clock.now(), []
    async with app.store.step() as tx:
        for each in recipients:
            row = OutboxRow(
                kind=OutboxKind.DIGEST,
                key=f"digest:{each.name}:{week}",
                payload={"recipient": each.name, "year": week.year, "week": week.week},
                due_at=now,
                lane=f"digest:{each.name}",
            )
            if await tx.enqueue([row]):
                new.append(each.name)
    return new
