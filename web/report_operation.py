"""How the installation fares, for administrators: what waits, what failed, and who is running. Only counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from models.digest import ReportRole
from models.survey import AttemptOutcome, ContactWay
from models.texts import Texts
from web.pages import Pages
from web.report_access import viewer
from web.report_frame import OPERATION, framed
from workflow.dialling import PAUSED
from workflow.ports import Clock, Store
from workflow.trunk import TRUNK, trunk_from

_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPage:
    """The page. `beats`: by the program's role ("all", "worker" …) the fact that tells when it last lived."""

    pages: Pages
    store: Store
    clock: Clock
    zone: ZoneInfo
    beats: Mapping[str, str]

    async def show(self, request: web.Request) -> web.Response:
        """GET. To others than administrators it is as if it weren't there."""
        reader = await viewer(request)
        if reader.role is not ReportRole.ADMIN:
            raise web.HTTPNotFound
        texts, now = self.pages.texts(reader.language), self.clock.now()
        async with self.store.look() as tx:
            queues: Mapping[str, Any] = await tx.queue_state(now)
            attempts = await tx.attempt_counts(now - timedelta(days=_DAYS), now + timedelta(seconds=1))
            trunk, paused = trunk_from(await tx.fact(TRUNK)), bool(await tx.fact(PAUSED))
            lived = {role: beat for role, fact in self.beats.items() if (beat := await tx.fact(fact))}
        return framed(
            self.pages,
            request,
            reader,
            "report_operation.html",
            queues=[
                _queue(kind, state, texts) for kind, state in ({"inbox": queues["inbox"]} | queues["outbox"]).items()
            ],
            contacts=_contacts(attempts, texts),
            days=_DAYS,
            paused=paused,
            trouble=self._local(trunk.since) if trunk.rests and trunk.since is not None else "",
            running=[
                (texts(f"report.operation.roles.{role}"), self._local(datetime.fromisoformat(beat)))
                for role, beat in lived.items()
            ],
            at=self._local(now),
        )

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"


def add_operation(app: web.Application, page: OperationPage) -> None:
    """Serve /rapport/drift. The app must have the managers' page's sign-in (`web.report_access.ACCESS`)."""
    app.router.add_get(OPERATION, page.show)


def _queue(kind: str, state: Mapping[str, Any], texts: Texts) -> tuple[str, int, int, str]:
    """What it is, how many wait or are being done, how many failed for good, and how late the oldest is."""
    minutes = round(state["oldest_seconds"] / 60)
    late = texts("report.operation.late", hours=minutes // 60, minutes=minutes % 60) if minutes else ""
    return texts(f"report.operation.kinds.{kind}"), state["waiting"] + state["leased"], state["failed"], late


def _contacts(attempts: Mapping[tuple[ContactWay, AttemptOutcome], int], texts: Texts) -> list[tuple[str, str, int]]:
    return [
        (texts(f"report.operation.ways.{way}"), texts(f"report.operation.outcomes.{outcome}"), attempts[way, outcome])
        for way in ContactWay
        for outcome in AttemptOutcome
        if (way, outcome) in attempts
    ]
