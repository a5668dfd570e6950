"""The outbox: work to be done, stored with what caused it, and claimed under a lease by any worker."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import UpdateBase, and_, bindparam, delete, exists, func, or_, select, update

from models.queues import OutboxKind, OutboxRow
from storage.columns import Instant
from storage.part import NOTHING, WAITING, Part, chunked
from storage.tables import inbox, outbox


def _claim() -> UpdateBase:
    now = bindparam("now", type_=Instant)
    other = outbox.alias("other")
    held_up = exists().where(
        other.c.lane == outbox.c.lane,
        other.c.lane != NOTHING,
        other.c.id != outbox.c.id,
        other.c.state == WAITING,
        or_(
            other.c.leased_until > now,
            and_(other.c.id < outbox.c.id, or_(other.c.due_at <= now, other.c.attempts > 0)),
        ),
    )
    next_ones = (
        select(outbox.c.id)
        .where(
            outbox.c.state == WAITING,
            outbox.c.due_at <= now,
            outbox.c.kind.in_(bindparam("kinds", expanding=True)),
            or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now),
            or_(outbox.c.lane == NOTHING, ~held_up),
        )
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(bindparam("number"))
    )
    columns = (outbox.c.due_at, outbox.c.id, outbox.c.kind, outbox.c.key, outbox.c.payload, outbox.c.lane)
    return (
        update(outbox)
        .where(outbox.c.id.in_(next_ones))
        .values(leased_until=bindparam("until", type_=Instant), attempts=outbox.c.attempts + 1)
        .returning(*columns, outbox.c.attempts)
    )


# built once: building a statement takes longer than executing it
_CLAIM = _claim()
_FINISH = (
    update(outbox)
    .where(outbox.c.id == bindparam("number"))
    .values(state="done", settled_at=bindparam("now", type_=Instant), leased_until=None, payload={}, error=None)
)


class Outbox(Part):
    async def enqueue(self, rows: Sequence[OutboxRow]) -> int:
        new = 0
        for chunk in chunked(rows):
            keys = {row.key for row in chunk}
            known = set(await self._db.scalars(select(outbox.c.key).where(outbox.c.key.in_(keys))))
            wanted = []
            for row in chunk:
                if row.key not in known:
                    known.add(row.key)
                    wanted.append(
                        {
                            "kind": row.kind.value,
                            "key": row.key,
                            "lane": row.lane,
                            "payload": row.payload,
                            "due_at": row.due_at,
                        }
                    )
            if wanted:
                await self._db.execute(outbox.insert(), wanted)
            new += len(wanted)
        return new

    async def claim(
        self, kinds: Collection[OutboxKind], now: datetime, lease: timedelta, limit: int
    ) -> list[OutboxRow]:
        """`attempts` counts this one too.

        A lane is held up by a row that is being done or waits to be tried again, not by one whose time hasn't come.
        """
        values = {"now": now, "until": now + lease, "number": limit, "kinds": [kind.value for kind in kinds]}
        rows = [
            OutboxRow(
                kind=OutboxKind(row.kind),
                key=row.key,
                payload=row.payload,
                due_at=row.due_at,
                lane=row.lane,
                id=row.id,
                attempts=row.attempts,
            )
            for row in await self._db.execute(_CLAIM, values)
        ]
        return sorted(rows, key=lambda row: (row.due_at, row.id))

    async def finish(self, row_id: int, now: datetime) -> None:
        """Done. The key is kept against repeats; the contents have been delivered."""
        await self._db.execute(_FINISH, {"number": row_id, "now": now})

    async def retry(self, row_id: int, error: str, at: datetime | None) -> None:
        this = update(outbox).where(outbox.c.id == row_id)
        if at is not None:
            owed_since = func.coalesce(outbox.c.owed_since, outbox.c.due_at)
            await self._db.execute(this.values(due_at=at, owed_since=owed_since, leased_until=None, error=error))
        else:
            settled = func.coalesce(outbox.c.leased_until, outbox.c.due_at)
            await self._db.execute(this.values(state="failed", settled_at=settled, leased_until=None, error=error))

    async def postpone(self, row_id: int, at: datetime) -> None:
        unclaimed = {"attempts": outbox.c.attempts - 1, "leased_until": None, "owed_since": None, "error": None}
        await self._db.execute(update(outbox).where(outbox.c.id == row_id).values(due_at=at, **unclaimed))

    async def renew(self, row_id: int, attempts: int, until: datetime) -> bool:
        ours = (outbox.c.id == row_id) & (outbox.c.attempts == attempts)
        claimed = (outbox.c.state == WAITING) & outbox.c.leased_until.is_not(None)
        done = await self._db.execute(update(outbox).where(ours, claimed).values(leased_until=until))
        return done.rowcount > 0

    async def release_leases(self) -> int:
        freed = 0
        for queue in (inbox, outbox):
            claimed = update(queue).where(queue.c.state == WAITING, queue.c.leased_until.is_not(None))
            freed += (await self._db.execute(claimed.values(leased_until=None))).rowcount
        return freed

    async def cancel(self, key: str) -> None:
        """Takes it back as if it had never been enqueued: the key may be used again."""
        await self._db.execute(
            delete(outbox).where(outbox.c.key == key, outbox.c.state == WAITING, outbox.c.attempts == 0)
        )

    async def hasten(self, key: str, due_at: datetime) -> None:
        await self._db.execute(
            update(outbox)
            .where(
                outbox.c.key == key,
                outbox.c.state == WAITING,
                outbox.c.leased_until.is_(None),
                outbox.c.due_at > due_at,
            )
            .values(due_at=due_at)
        )
