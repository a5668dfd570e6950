"""Deletes what has been kept long enough; the database logs what was deleted, without contents."""

import logging
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from intake.watched import purge_taken
from omdome.config import Config
from workflow.ports import Store

log = logging.getLogger(__name__)

LAST_PURGE = "purge.last"  #: the fact that tells the day of the last one, "2026-11-21"


async def purge_old(store: Store, days: Mapping[str, int], now: datetime) -> dict[str, int]:
    """Delete, per kind, what is older than its days (0: nothing). Returns how many rows of each kind went."""
    gone = {}
    for kind, keep in days.items():
        if keep:
            async with store.step() as tx:
                gone[kind] = await tx.purge(kind, now - timedelta(days=keep), now)
    async with store.step() as tx:
        await tx.drop_expired_sign_ins(now)
    log.info("retention: deleted %s", ", ".join(f"{count} {kind}" for kind, count in gone.items()) or "nothing")
    return gone


def purge_files(config: Config, now: datetime) -> int:
    """Delete the exports that the watched folder has kept long enough; returns how many files. Blocks."""
    keep, folder = config.privacy.watched_files_days, config.intake.watched_folder
    if not (keep and folder):
        return 0
    count = purge_taken(config.path(folder), now - timedelta(days=keep))
    log.info("retention: deleted %d watched files", count)
    return count


async def purge_if_due(store: Store, days: Mapping[str, int], at: time, zone: ZoneInfo, now: datetime) -> bool:
    """Purge once a local day, at `at` or as soon after it as we run. Returns whether it was done."""
    local = now.astimezone(zone)
    today = local.date().isoformat()
    async with store.look() as tx:
        last = await tx.fact(LAST_PURGE)
    if last == today or local.time() < at:
        return False
    await purge_old(store, days, now)
    async with store.step() as tx:
        await tx.set_fact(LAST_PURGE, today, now)
    return True
