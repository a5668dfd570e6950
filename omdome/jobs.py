"""What the service does by itself from time to time. Each may be done too often, and by several processes at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from intake.files import CaseFile, open_cases
from intake.watched import WatchedFolder, Watcher
from omdome import recordings
from omdome.policies import columns_of, recipients_of, retention_of, row_rules_of, schedule_of
from omdome.retention import purge_files, purge_if_due
from omdome.state import BEAT, LAST_UPDATE
from omdome.systemd import notify
from omdome.wiring import Application
from workflow.digests import schedule_digests
from workflow.ports import Transaction
from workflow.reminders import expire_due

if TYPE_CHECKING:
    from bot.speech import Speech

_BATCH = 100

OneBatch = Callable[[Transaction, "Speech", datetime, int], Awaitable[int]]


async def beat(app: Application, role: str, last_update: datetime | None) -> None:
    """A sign of life, for `status` and for systemd's watchdog; with it, when Telegram was last heard of."""
    notify("WATCHDOG=1")
    now = app.clock.now()
    async with app.store.step() as tx:
        await tx.set_fact(f"{BEAT}.{role}", now.isoformat(), now)
        if last_update is not None:
            await tx.set_fact(LAST_UPDATE, last_update.isoformat(), now)


async def select(app: Application) -> None:
    """Decide about closures that nobody has decided about yet."""
    from omdome.deciding import decide_now

    await decide_now(app, app.clock.now())


async def remind(app: Application, speech: "Speech") -> None:
    """Put the reminders that are due in chats in the outbox. Others are reminded by `omdome.contacting`."""
    from bot.unasked import remind_in_chats

    await _all(app, speech, remind_in_chats)


async def expire(app: Application, speech: "Speech") -> None:
    """Close surveys past their deadline."""
    if not app.config.telegram.enabled:  # then nobody waits in a chat, and nobody pays for importing aiogram
        await _all(app, speech, _expire)
        return
    from bot.unasked import expire_in_chats

    await _all(app, speech, expire_in_chats)


async def _expire(tx: Transaction, speech: "Speech", now: datetime, limit: int) -> int:
    return len(await expire_due(tx, speech.policy, now, limit))


async def _all(app: Application, speech: "Speech", one_batch: OneBatch) -> None:
    done = _BATCH
    while done == _BATCH:
        async with app.store.step() as tx:
            done = await one_batch(tx, speech, app.clock.now(), _BATCH)


async def queue_digests(app: Application) -> None:
    """Put due digests in the outbox, each recipient's week once."""
    async with app.store.step() as tx:
        await schedule_digests(tx, recipients_of(app.config), schedule_of(app.config), app.clock.now())


async def purge(app: Application) -> None:
    """Retention, once a day."""
    config = app.config
    zone, at = config.organisation.timezone, config.privacy.purge_time
    now = app.clock.now()
    if await purge_if_due(app.store, retention_of(config), at, zone, now):
        await asyncio.to_thread(purge_files, config, now)


async def purge_recordings(app: Application) -> None:
    """Delete recorded calls, on this machine, that aren't to be kept any longer."""
    await recordings.purge_recordings(app)


def watcher(app: Application) -> Watcher:
    """What imports the files dropped in the watched folder; it remembers between scans which are still growing."""
    rules = app.config.intake

    def read(path: Path, now: datetime) -> CaseFile:
        return open_cases(path, columns_of(app.config), row_rules_of(app.config, now))

    folder = WatchedFolder(
        path=app.config.path(rules.watched_folder),
        settle_seconds=rules.watched_settle_seconds,
        move=rules.watched_move,
    )
    return Watcher(folder, app.store, app.clock, read)
