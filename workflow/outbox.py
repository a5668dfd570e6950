"""The outbox: things to be done outside the database, at least once, in each lane's order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.queues import OutboxKind, OutboxRow
from workflow.backoff import USUAL_BACKOFF, Backoff, Jitter, keep_working, without_text
from workflow.ports import Clock, LeaseLostError, NotYetError, PermanentError, RetryableError, Sender, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxPolicy:
    """`lease`: longer than one delivery can take; after a crash the row is done again when it has passed."""

    lease: timedelta = timedelta(minutes=2)
    batch: int = 30  #: deliveries at the same time
    fault_attempts: int = 8  #: tries for a row that our own code stumbles on; others' failures are retried for ever
    backoff: Backoff = USUAL_BACKOFF


USUAL_OUTBOX = OutboxPolicy()


class OutboxWorker:
    """Claims due rows, has them sent side by side, and writes down what came of each."""

    def __init__(
        self, store: Store, clock: Clock, senders: Mapping[OutboxKind, Sender], policy: OutboxPolicy, jitter: Jitter
    ) -> None:
        self._store = store
        self._clock = clock
        self._senders = dict(senders)
        self._policy = policy
        self._jitter = jitter

    async def run(
        self,
        stop: asyncio.Event,
        wake: asyncio.Event,
        rest_seconds: float,
        may_begin: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """Deliver until `stop`, and then finish what is in flight. A slow delivery holds up nothing but its own lane.

        `wake` is to be set when something may have become due; otherwise it is looked for every `rest_seconds`.
        While `may_begin` says no, nothing more is taken up; what is in flight goes on.
        """
        flying: set[asyncio.Task[None]] = set()

        def landed(task: asyncio.Task[None]) -> None:
            flying.discard(task)
            wake.set()
            if not task.cancelled() and (error := task.exception()):
                log.warning("a delivery could not be noted (%s): it will be repeated", type(error).__name__)

        async def take_off() -> int:
            if may_begin is not None and not await may_begin():
                return 0
            rows = await self._claim(self._policy.batch - len(flying))
            for row in rows:
                task = asyncio.create_task(self._deliver(row))
                flying.add(task)
                task.add_done_callback(landed)
            return len(rows)

        await keep_working(take_off, stop, wake, rest_seconds)
        if flying:
            await asyncio.wait(flying)

    async def run_once(self) -> int:
        """Deliver one batch of due rows, at most one of each lane, and wait for all; returns how many it took."""
        rows = await self._claim(self._policy.batch)
        done = await asyncio.gather(*(self._deliver(row) for row in rows), return_exceptions=True)
        for failure in done:  # the database failed: those rows are ours until the lease ends, then done again
            if isinstance(failure, BaseException):
                raise failure
        return len(rows)

    async def _claim(self, limit: int) -> list[OutboxRow]:
        if limit <= 0:
            return []
        async with self._store.step() as tx:
            return await tx.claim(tuple(self._senders), self._clock.now(), self._policy.lease, limit)

    async def _deliver(self, row: OutboxRow) -> None:
        try:
            await self._senders[row.kind].send(row)
        except PermanentError as error:
            await self._put_off(row, str(error), None)
        except RetryableError as error:
            await self._put_off(row, str(error), self._next_try(row, error.retry_after))
        except NotYetError as error:
            async with self._store.step() as tx:
                await tx.postpone(row.id, error.at)
        except LeaseLostError as error:
            log.warning("outbox row %d (%s): %s", row.id, row.kind, error)
        except Exception as error:  # a fault of ours: it must not stop the others, nor be tried for ever
            log.exception("outbox row %d (%s) stumbled", row.id, row.kind, exc_info=without_text(error))
            last = row.attempts >= self._policy.fault_attempts
            await self._put_off(row, type(error).__name__, None if last else self._next_try(row, None))
        else:
            async with self._store.step() as tx:
                await tx.finish(row.id, self._clock.now())

    async def _put_off(self, row: OutboxRow, error: str, at: datetime | None) -> None:
        log.warning("outbox row %d (%s), attempt %d: %s", row.id, row.kind, row.attempts, error)
        async with self._store.step() as tx:
            await tx.retry(row.id, error, at)

    def _next_try(self, row: OutboxRow, retry_after: float | None) -> datetime:
        wait = self._policy.backoff.delay(row.attempts, self._jitter())
        if retry_after is not None:
            wait = max(wait, timedelta(seconds=retry_after))
        return self._clock.now() + wait
