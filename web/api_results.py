"""`GET /api/results`: the figures of the managers' page, hidden by the same rules."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from models.counts import IsoWeek
from models.digest import DigestPolicy
from survey.results import LONGEST_WEEKS, Chosen, results
from web.api_operations import Call, shaped, unprocessable
from web.api_results_shapes import (
    AskedResults,
    ResultsQuery,
    day_or_week,
    groups_from,
    question_from,
    weeks_from,
)
from workflow.ports import Clock, Store
from workflow.results import counts_for, newest_week

_THURSDAY = 3


@dataclass(frozen=True, slots=True)
class Results:
    """The handler. Who holds a token with results:read sees the figures of every unit."""

    store: Store
    clock: Clock
    policy: DigestPolicy
    zone: ZoneInfo
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def handle(self, call: Call) -> web.Response:
        query: ResultsQuery = call.query
        newest = newest_week(self.clock.now(), self.zone)
        chosen = _chosen(query, newest)
        group_by = (query.group_by,) if query.group_by else ()
        async with self.turn:  # years of figures take seconds, which the others here mustn't wait for
            async with self.store.look() as tx:
                counts = await counts_for(tx, chosen, self.policy, newest)
            found = await asyncio.to_thread(results, counts, chosen, self.policy, newest, group_by)
        return shaped(
            AskedResults(
                weeks=weeks_from(found.span),
                recent=weeks_from(found.recent),
                questions=[question_from(each) for each in found.questions],
                group_by=query.group_by,
                groups=groups_from(found.tables),
                hidden_groups=found.hidden_groups,
            )
        )


def _chosen(query: ResultsQuery, newest: IsoWeek) -> Chosen:
    first, last = _week(query.first, _first_week), _week(query.last, _last_week)
    if last < first:
        expected = "no week has its Thursday between from and to; ask for a whole week at least, from before to"
        raise unprocessable([("to", query.last, expected)])
    if first > newest:
        raise unprocessable([("from", query.first, f"the last week that is over is {newest}")])
    if (last.monday - first.monday).days >= 7 * LONGEST_WEEKS:
        raise unprocessable([("to", query.last, f"ask for at most {LONGEST_WEEKS} weeks")])
    return Chosen(
        first=first,
        last=last,
        units=tuple(query.unit),
        customer_type=query.customer_type,
        channel=query.channel,
    )


def _week(text: str, week_of: Callable[[date], IsoWeek]) -> IsoWeek:
    found = day_or_week(text)
    return found if isinstance(found, IsoWeek) else week_of(found)


def _first_week(day: date) -> IsoWeek:
    """The first week whose Thursday is on that day or later."""
    return IsoWeek.of(day + timedelta(days=(_THURSDAY - day.weekday()) % 7))


def _last_week(day: date) -> IsoWeek:
    """The last week whose Thursday is on that day or earlier."""
    return IsoWeek.of(day - timedelta(days=(day.weekday() - _THURSDAY) % 7))
