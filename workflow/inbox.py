"""The durable inbox: raw updates are stored before they are acknowledged, and worked through here.

One update is one transaction: what the handlers store, the messages they put in the outbox and the end of the
inbox row are committed together, or not at all.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.queues import InboxRow
from workflow.backoff import USUAL_BACKOFF, Backoff, Jitter, without_text
from workflow.ports import Clock, Store, StoreUnavailableError, Transaction

log = logging.getLogger(__name__)

Dispatch = Callable[[Transaction, InboxRow], Awaitable[None]]


class NotYetError(Exception):
    """Raised by a handler that wants to see the update again `after` seconds, with nothing of it stored until then."""

    def __init__(self, after: float) -> None:
        super().__init__(f"again in {after} s")
        self.after = after


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPolicy:
    """`lease`: how long a claimed update is ours; after a crash it is taken up again when that has passed."""

    lease: timedelta = timedelta(seconds=30)
    batch: int = 50
    attempts: int = 6  #: a minute's worth; then it stays in the inbox, visible as failed, and its chat goes on
    backoff: Backoff = USUAL_BACKOFF


USUAL_INBOX = InboxPolicy()


class Inbox:
    """Stores updates; those that arrive while a transaction runs share the next one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Sequence[InboxRow], asyncio.Future[int]]] = []
        self._storing: asyncio.Task[None] | None = None
        self.arrived = asyncio.Event()  #: set when something new was stored
        self.newest: datetime | None = None  #: when the newest update stored here was received

    async def put(self, rows: Sequence[InboxRow]) -> int:
        """Store and commit; returns how many rows this commit found new. Raises what the store raises."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, future))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_waiting())
        return await future

    async def _store_waiting(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            try:
                async with self._store.step() as tx:
                    new = await tx.put_updates([row for rows, _ in waiting for row in rows])
            except Exception as error:
                for _, future in waiting:
                    if not future.done():
                        future.set_exception(error)
            else:
                self.arrived.set()
                self.newest = max((row.received_at for rows, _ in waiting for row in rows), default=self.newest)
                for _, future in waiting:
                    if not future.done():
                        future.set_result(new)


class InboxWorker:
    """Claims updates and has each dispatched in its own transaction."""

    def __init__(self, store: Store, clock: Clock, dispatch: Dispatch, policy: InboxPolicy, jitter: Jitter) -> None:
        self._store = store
        self._clock = clock
        self._dispatch = dispatch
        self._policy = policy
        self._jitter = jitter

    async def run_once(self) -> int:
        """Work through one batch of due updates, oldest first; returns how many it took."""
        async with self._store.step() as tx:
            rows = await tx.claim_updates(self._clock.now(), self._policy.lease, self._policy.batch)
        for row in rows:
            await self._work(row)
        return len(rows)

    async def _work(self, row: InboxRow) -> None:
        try:
            async with self._store.step() as tx:
                await self._dispatch(tx, row)
                await tx.finish_update(row.update_id, self._clock.now())
        except StoreUnavailableError:
            raise  # not the update's fault: it is taken up again when its lease has ended
        except NotYetError as error:
            async with self._store.step() as tx:
                await tx.retry_update(row.update_id, "", self._clock.now() + timedelta(seconds=error.after))
        except Exception as error:
            await self._put_off(row, error)

    async def _put_off(self, row: InboxRow, error: Exception) -> None:
        # The error's text may quote what somebody wrote, so only its kind is kept with the row.
        kind = type(error).__name__
        at = None
        if row.attempts < self._policy.attempts:
            at = self._clock.now() + self._policy.backoff.delay(row.attempts, self._jitter())
        log.error("update %d failed, attempt %d (%s)", row.update_id, row.attempts, kind, exc_info=without_text(error))
        async with self._store.step() as tx:
            await tx.retry_update(row.update_id, kind, at)
