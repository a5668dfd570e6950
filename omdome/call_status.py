"""How the calls go: who is being called, and what came of today's. Cases, no numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import cast

from models.queues import OutboxKind
from omdome.console import escaped
from omdome.policies import calls_are_made
from omdome.wiring import Application
from workflow.call_plan import state_of, under_way
from workflow.dialling import OUT_OF_ORDER, PAUSED
from workflow.ports import Transaction
from workflow.trunk import TRUNK, trunk_from

_HOLDS = timedelta(minutes=1)  #: a phone that is still out of order says so again by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """One call that goes on."""

    case: str
    stage: str  #: dialling or talking
    since: str  #: local time, ISO 8601


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStatus:
    paused: bool
    trouble: str  #: why nobody can be called just now, and until when; "" where all is well
    waiting: int  #: customers who are to be called, now or later
    next: str  #: when the first of them is due, local time, ISO 8601; "" where nobody waits
    going: Sequence[Going]
    today: Mapping[str, int]  #: outcome → calls
    off: bool = False  #: nobody is called, as configured

    def plain(self) -> Mapping[str, object]:
        return asdict(self)

    def lines(self) -> list[str]:
        off = ["[yellow]off[/]: set \\[sip] host and \\[contact] phone_after_days, and `run` calls"] if self.off else []
        paused = ["[yellow]paused[/]: nobody is called until `calls resume`"] if self.paused else []
        paused += [f"[red]trouble[/]: {escaped(self.trouble)}"] if self.trouble else []
        going = [f"{each.since[11:19]}  {escaped(each.case)}  {each.stage}" for each in self.going]
        told = ", ".join(f"{number} {outcome}" for outcome, number in self.today.items())
        ahead = f", the next at {self.next[:16].replace('T', ' ')}" if self.next else ""
        return [
            *off,
            *paused,
            *(going or ["nobody is being called"]),
            f"today: {told or 'no calls'}",
            f"waiting: {self.waiting}{ahead}",
        ]


async def read_call_status(app: Application) -> CallStatus:
    zone, now = app.config.organisation.timezone, app.clock.now()
    morning = datetime.combine(now.astimezone(zone).date(), time(0), zone).astimezone(UTC)
    async with app.store.look() as tx:
        paused = bool(await tx.fact(PAUSED))
        found = await tx.calls_since(morning)
        queues = await tx.queue_state(now)
        trouble = await trouble_of(tx, now, zone)
        due = await tx.call_due()
    going = [
        Going(case=case, stage=state_of(each), since=each.at.astimezone(zone).isoformat())
        for case, each in found
        if under_way(each)
    ]
    over = Counter(state_of(each).replace("_", " ") for _, each in found if not under_way(each))
    return CallStatus(
        paused=paused,
        trouble=trouble,
        waiting=_waiting(queues),
        next=max(due, now).astimezone(zone).isoformat(timespec="seconds") if due else "",
        going=going,
        today=dict(over.most_common()),
        off=not calls_are_made(app.config),
    )


async def trouble_of(tx: Transaction, now: datetime, zone: tzinfo) -> str:
    """Why nobody can be called just now, for people; "" where all is well, as far as is known."""
    trunk = trunk_from(await tx.fact(TRUNK))
    if trunk.rests and trunk.until is not None and trunk.since is not None:
        then = "now" if trunk.until <= now else f"at {_clock(trunk.until, now, zone)}"
        return (
            f"since {_clock(trunk.since, now, zone)} calls to {trunk.numbers} numbers in a row have come to nothing"
            f" ({trunk.why}): nobody is called, the next try is {then}; `voice doctor` finds out why,"
            " `calls resume` tries at once"
        )
    until, _, why = (await tx.fact(OUT_OF_ORDER) or "").partition(" ")
    if until and now < datetime.fromisoformat(until) + _HOLDS:
        return f"a phone can't dial: {why}"
    return ""


def _clock(at: datetime, now: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%Y-%m-%d %H:%M}"


def _waiting(queues: Mapping[str, object]) -> int:
    outbox = cast("Mapping[str, Mapping[str, int]]", queues["outbox"])
    return outbox[OutboxKind.CALL]["waiting"] if OutboxKind.CALL in outbox else 0
