"""What waits and what failed, for `status`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, case, func, literal, or_, select

from storage.part import FAILED, WAITING, Part
from storage.tables import inbox, outbox

_NEWEST_ERRORS = 5


class QueueState(Part):
    async def queue_state(self, now: datetime) -> Mapping[str, object]:
        """`{"inbox": state, "outbox": {kind: state, …}}`; kinds without work are left out of the outbox.

        A state is `{"waiting", "leased", "failed", "oldest_seconds", "errors"}`: counts; how long ago the oldest row
        that is due, or waits to be tried again, first was due (0 when there is none); and the newest errors, as the
        workers worded them.
        """
        inbox_state = await self._states(inbox, literal("inbox"), inbox.c.received_at, now)
        return {
            "inbox": inbox_state.get("inbox", _nothing()),
            "outbox": await self._states(
                outbox, outbox.c.kind, func.coalesce(outbox.c.owed_since, outbox.c.due_at), now
            ),
        }

    async def _states(
        self, queue: Table, kind: ColumnElement[Any], since: ColumnElement[Any], now: datetime
    ) -> dict[str, dict[str, object]]:
        leased = queue.c.leased_until > now
        # asked apart, since each has its own partial index and the done rows are many
        waiting = (
            select(
                kind.label("kind"),
                func.count().label("all"),
                func.sum(case((leased, 1), else_=0)).label("leased"),
                func.min(case((or_(queue.c.due_at <= now, queue.c.attempts > 0), since))).label("oldest"),
            )
            .where(queue.c.state == WAITING)
            .group_by("kind")
        )
        states: dict[str, dict[str, object]] = {}
        for row in await self._db.execute(waiting):
            age = (now - row.oldest).total_seconds() if row.oldest else 0.0
            states[row.kind] = _nothing() | {
                "waiting": row.all - row.leased,
                "leased": row.leased,
                "oldest_seconds": age,
            }
        failed = select(kind.label("kind"), func.count().label("all")).where(queue.c.state == FAILED)
        for row in await self._db.execute(failed.group_by("kind")):
            states.setdefault(row.kind, _nothing())["failed"] = row.all
        for name, state in states.items():
            state["errors"] = await self._errors(queue, kind == name)
        return states

    async def _errors(self, queue: Table, of_kind: ColumnElement[bool]) -> list[str]:
        number = next(iter(queue.primary_key))
        found: list[tuple[int, str]] = []
        for state in (WAITING, FAILED):  # apart: each has its own partial index, and an OR would use neither
            query = (
                select(number, queue.c.error)
                .where(queue.c.state == state, queue.c.error.is_not(None), of_kind)
                .order_by((number + 0).desc())  # by the bare number, SQLite would walk back through all that is done
                .limit(_NEWEST_ERRORS)
            )
            found += [(row[0], row[1]) for row in await self._db.execute(query)]
        return [error for _, error in sorted(found, reverse=True)[:_NEWEST_ERRORS]]


def _nothing() -> dict[str, object]:
    return {"waiting": 0, "leased": 0, "failed": 0, "oldest_seconds": 0.0, "errors": []}
