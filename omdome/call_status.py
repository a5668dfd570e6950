"""How the calls go: who is being called, and what came of today's. Cases, no numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from typing import cast

from models.queues import OutboxKind
from omdome.console import escaped
from omdome.wiring import Application
from workflow.call_plan import state_of, under_way
from workflow.dialling import PAUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """One call that goes on."""

    case: str
    stage: str  #: dialling or talking
    since: str  #: local time, ISO 8601


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStatus:
    paused: bool
    waiting: int  #: customers who are to be called, now or later
    going: Sequence[Going]
    today: Mapping[str, int]  #: outcome → calls

    def plain(self) -> Mapping[str, object]:
        return asdict(self)

    def lines(self) -> list[str]:
        paused = ["[yellow]paused[/]: nobody is called until `calls resume`"] if self.paused else []
        going = [f"{each.since[11:19]}  {escaped(each.case)}  {each.stage}" for each in self.going]
        told = ", ".join(f"{number} {outcome}" for outcome, number in self.today.items())
        return [
            *paused,
            *(going or ["nobody is being called"]),
            f"today: {told or 'no calls'}",
            f"waiting: {self.waiting}",
        ]


async def read_call_status(app: Application) -> CallStatus:
    zone, now = app.config.organisation.timezone, app.clock.now()
    morning = datetime.combine(now.astimezone(zone).date(), time(0), zone).astimezone(UTC)
    async with app.store.look() as tx:
        paused = bool(await tx.fact(PAUSED))
        found = await tx.calls_since(morning)
        queues = await tx.queue_state(now)
    going = [
        Going(case=case, stage=state_of(each), since=each.at.astimezone(zone).isoformat())
        for case, each in found
        if under_way(each)
    ]
    over = Counter(state_of(each).replace("_", " ") for _, each in found if not under_way(each))
    return CallStatus(paused=paused, waiting=_waiting(queues), going=going, today=dict(over.most_common()))


def _waiting(queues: Mapping[str, object]) -> int:
    outbox = cast("Mapping[str, Mapping[str, int]]", queues["outbox"])
    return outbox[OutboxKind.CALL]["waiting"] if OutboxKind.CALL in outbox else 0
