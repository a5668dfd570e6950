"""How Omdöme fares, for `status`: figures, and what needs somebody's attention."""

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.counts import IsoWeek
from models.survey import AttemptOutcome, ContactWay
from omdome.call_status import trouble_of
from omdome.config import Config
from omdome.policies import database_file_of, schedule_of
from omdome.retention import LAST_PURGE
from omdome.wiring import Application
from survey.digest_times import newest_due, send_time
from workflow.ports import Transaction

BEAT = "service.beat"  #: the fact that a running service renews, one for each role: "service.beat.all"
LAST_UPDATE = "telegram.last_update"
SEEN_FAILURES = "status.seen"  #: the fact that tells how many failures of a queue somebody has looked at
BEAT_SECONDS = 30
ROLES = ("all", "bot", "worker", "web")
_SILENT = timedelta(seconds=4 * BEAT_SECONDS)
_SLOW_SECONDS = 15 * 60
_LITTLE_DISK_BYTES = 500_000_000
_CONTACTS_SLACK = 16  # a morning's thousands are decided so many a minute: four hours are no fault
_RECENT_DAYS = 14
_CONTACT_DAYS = 7
_FORGOTTEN = timedelta(days=7)


@dataclass(kw_only=True)
class State:
    """What `status` shows. Times are ISO 8601 in the organisation's zone; `attention` is empty when all is well."""

    at: str
    running: dict[str, str]  #: role: last sign of life
    last_update: str | None  #: from Telegram
    queues: dict[str, dict[str, Any]]  #: "inbox", "outbox mail" …: see `QueueStore.queue_state`
    survey: dict[str, int]  #: of the last 14 days' decisions: closed, asked, reached, answered
    contacts: dict[str, dict[str, int]]  #: of the last 7 days' attempts: way, then outcome
    contact_next: str | None  #: when somebody without a chat is turned to next
    answers_this_week: int
    digest_next: str | None
    last_purge: str | None
    database_bytes: int | None
    free_disk_bytes: int | None
    attention: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        return asdict(self)


async def read_state(app: Application) -> State:
    """Read everything in one look at the database."""
    now, config = app.clock.now(), app.config
    zone = config.organisation.timezone
    week = IsoWeek.of(now.astimezone(zone).date())
    async with app.store.look() as tx:
        queues = await _queues(tx, now)
        account = await tx.account(now - timedelta(days=_RECENT_DAYS), now + timedelta(seconds=1))
        answers = await tx.answer_counts(week, week)
        attempts = await tx.attempt_counts(now - timedelta(days=_CONTACT_DAYS), now + timedelta(seconds=1))
        contact_due = await tx.contact_due()
        beats = {role: beat for role in ROLES if (beat := await tx.fact(f"{BEAT}.{role}"))}
        last_update = await tx.fact(LAST_UPDATE)
        last_purge = await tx.fact(LAST_PURGE)
        trouble = await trouble_of(tx, now, zone)
        seen = {name: int(await tx.fact(f"{SEEN_FAILURES}.{name}") or 0) for name in queues}
    asked = [row for row in account if row.reason is None]
    size, free = _disk(config)
    state = State(
        at=_local(now, config),
        running={role: _local(datetime.fromisoformat(beat), config) for role, beat in beats.items()},
        last_update=_local(datetime.fromisoformat(last_update), config) if last_update else None,
        queues=queues,
        survey={
            "closed": sum(row.count for row in account),
            "asked": sum(row.count for row in asked),
            "reached": sum(row.count for row in asked if row.reached),
            "answered": sum(row.count for row in asked if row.channel is not None),
        },
        contacts=_by_way(attempts),
        contact_next=_local(max(contact_due, now), config) if contact_due else None,
        answers_this_week=sum(cell.count for cell in answers),
        digest_next=_next_digest(config, now),
        last_purge=last_purge,
        database_bytes=size,
        free_disk_bytes=free,
    )
    state.attention = [
        f"{who} has shown no sign of life since {_local(beat, config)}: is it running?"
        for who, beat in _silent({role: datetime.fromisoformat(beat) for role, beat in beats.items()}, now)
    ]
    state.attention += [f"calls: {trouble}"] if trouble else []
    state.attention += _attention(state, seen)
    return state


async def mark_seen(app: Application) -> None:
    """Somebody has looked at the failures that there are now: only new ones need attention again."""
    now = app.clock.now()
    async with app.store.step() as tx:
        for name, queue in (await _queues(tx, now)).items():
            await tx.set_fact(f"{SEEN_FAILURES}.{name}", str(queue["failed"]), now)


async def _queues(tx: Transaction, now: datetime) -> dict[str, dict[str, Any]]:
    state: Mapping[str, Any] = await tx.queue_state(now)
    return {"inbox": dict(state["inbox"])} | {f"outbox {kind}": dict(each) for kind, each in state["outbox"].items()}


def _by_way(attempts: Mapping[tuple[ContactWay, AttemptOutcome], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (way, outcome), number in sorted(attempts.items()):
        found.setdefault(way.value, {})[outcome.value] = number
    return found


def _silent(beats: Mapping[str, datetime], now: datetime) -> list[tuple[str, datetime]]:
    """Who should be running and isn't, and since when: the whole service, or a role of it beside others that live.

    A role is forgotten when another has taken over its work, or after a week.
    """
    alive = {role for role, beat in beats.items() if now - beat <= _SILENT}
    if beats and not alive:
        return [("the service", max(beats.values()))]
    return [
        (f"role {role}", beat)
        for role, beat in beats.items()
        if role not in alive and role != "all" and "all" not in alive and now - beat < _FORGOTTEN
    ]


def _attention(state: State, seen: Mapping[str, int]) -> list[str]:
    found = []
    for name, queue in state.queues.items():
        # a customer who blocked the bot is no fault of anybody's
        new = queue["failed"] - min(seen[name], queue["failed"])
        if new and any("blocked" not in error for error in queue["errors"]):
            newest = f": {queue['errors'][0]}" if queue["errors"] else ""
            found.append(f"{name}: {new} failed for good{newest}; once you have looked, `status --seen`")
        if queue["oldest_seconds"] > _SLOW_SECONDS * (_CONTACTS_SLACK if name == "outbox contact" else 1):
            newest = f": {queue['errors'][0]}" if queue["errors"] else ""
            found.append(f"{name}: the oldest has waited {queue['oldest_seconds'] / 60:.0f} minutes{newest}")
    if state.free_disk_bytes is not None and state.free_disk_bytes < _LITTLE_DISK_BYTES:
        found.append(f"only {state.free_disk_bytes // 1_000_000} MB of disk left where the database is")
    return found


def _local(moment: datetime, config: Config) -> str:
    return moment.astimezone(config.organisation.timezone).isoformat(timespec="seconds")


def _next_digest(config: Config, now: datetime) -> str | None:
    if not (config.digest.enabled and config.digest.recipients):
        return None
    schedule = schedule_of(config)
    return _local(send_time(newest_due(now, schedule).shifted(1), schedule), config)


def _disk(config: Config) -> tuple[int | None, int | None]:
    """The SQLite database's size, its log included, and the free disk beside it."""
    file = database_file_of(config)
    if file is None or not file.exists():
        return None, None
    sizes = [part.stat().st_size for part in (file, file.with_name(file.name + "-wal")) if part.exists()]
    return sum(sizes), shutil.disk_usage(file.parent).free
