"""`/metrics` for Prometheus: how the installation feels. No rating and nothing personal is in it.

Ratings are left out on purpose: a counter that goes up by one just after Anna has answered tells what Anna said.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import product
from time import perf_counter
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from models.access import Scope
from models.queues import OutboxKind
from models.survey import AttemptOutcome, Channel, ContactWay, Disposition
from web.api_access import Access
from web.problems import Handler
from workflow.ports import Clock, Store, Transaction
from workflow.trunk import TRUNK, trunk_from

DAYS = (7, 28)
_QUEUES_KEPT_SECONDS, _ACTIVITY_KEPT_SECONDS = 5, 60
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_NO_WORK = {"waiting": 0, "leased": 0, "failed": 0, "oldest_seconds": 0}

Families = list[Metric]


def add_metrics(app: web.Application, store: Store, clock: Clock, access: Access) -> None:
    """Serve /metrics to tokens with that scope, and measure every request from now on."""
    metrics = _Metrics(store, clock, access)
    app.middlewares.insert(0, _measuring(metrics.registry))
    app.router.add_route("GET", "/metrics", metrics.handle)


class _Metrics:
    def __init__(self, store: Store, clock: Clock, access: Access) -> None:
        self._store, self._clock, self._access = store, clock, access
        self._queues = _Kept(_QUEUES_KEPT_SECONDS)
        self._activity = _Kept(_ACTIVITY_KEPT_SECONDS)
        self._stored = _Stored()
        self.registry = CollectorRegistry()
        self.registry.register(self._stored)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    async def handle(self, request: web.Request) -> web.Response:
        await self._access.scopes(request, Scope.METRICS)
        self._stored.families = [
            *await self._queues.get(lambda: self._seen(_queue_families)),
            *await self._activity.get(lambda: self._seen(_activity_families)),
        ]
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self.registry), headers={"Content-Type": content_type})

    async def _seen(self, look: Callable[[Transaction, Clock], Awaitable[Families]]) -> Families:
        async with self._store.look() as tx:
            return await look(tx, self._clock)


def _measuring(registry: CollectorRegistry) -> Middleware:
    """A middleware, outermost: it sees what the others have made of errors."""
    times = Histogram(
        "omdome_http_request_seconds",
        "How long requests took, by the route's pattern.",
        ("method", "route", "status"),
        buckets=_BUCKETS,
        registry=registry,
    )

    @web.middleware
    async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status = perf_counter(), 500
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as error:  # a redirect
            status = error.status
            raise
        finally:
            resource = request.match_info.route.resource
            route = "-" if resource is None else resource.canonical
            method = request.method if request.method in _METHODS else "other"
            times.labels(method, route, str(status)).observe(perf_counter() - began)
        return response

    return measured


class _Stored(Collector):
    """What was last seen in the database."""

    def __init__(self) -> None:
        self.families: Families = []

    def collect(self) -> Iterator[Metric]:
        return iter(self.families)


class _Kept:
    """What was looked up, for so many seconds: scrapers that come often, or many at once, cost one look."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._until = seconds, 0.0
        self._found: Families | None = None
        self._turn = asyncio.Lock()

    async def get(self, look: Callable[[], Awaitable[Families]]) -> Families:
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if self._found is None or now >= self._until:
                self._found, self._until = await look(), now + self._seconds
            return self._found


async def _queue_families(tx: Transaction, clock: Clock) -> Families:
    rows = GaugeMetricFamily("omdome_queue_rows", "Work in the database.", labels=("queue", "kind", "state"))
    oldest = GaugeMetricFamily(
        "omdome_queue_oldest_seconds",
        "How long ago the oldest work that should have been done was first due.",
        labels=("queue", "kind"),
    )
    for queue, kind, state in _states(await tx.queue_state(clock.now())):
        for name in ("waiting", "leased", "failed"):
            rows.add_metric((queue, kind, name), state[name])
        oldest.add_metric((queue, kind), state["oldest_seconds"])
    trunk = GaugeMetricFamily("omdome_trunk_in_trouble", "1 while nobody is called since calls don't get through.")
    trunk.add_metric((), int(trunk_from(await tx.fact(TRUNK)).rests > 0))
    return [rows, oldest, trunk]


def _states(found: Mapping[str, Any]) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    yield "inbox", "update", found["inbox"]
    for kind in OutboxKind:
        yield "outbox", kind, found["outbox"].get(kind, _NO_WORK)


async def _activity_families(tx: Transaction, clock: Clock) -> Families:
    answers = GaugeMetricFamily("omdome_answers", "Ratings received lately.", labels=("channel", "days"))
    surveys = GaugeMetricFamily(
        "omdome_invitations", "Surveys offered lately, by what has come of them.", labels=("disposition", "days")
    )
    attempts = GaugeMetricFamily(
        "omdome_contact_attempts", "Times that customers were turned to lately.", labels=("way", "outcome", "days")
    )
    now = clock.now()
    for days in DAYS:
        since = now - timedelta(days=days)
        activity = await tx.activity(since)
        outcomes = await tx.attempt_counts(since, now + timedelta(days=1))
        # what has not happened is 0: an alarm on a series that isn't there never rings
        for channel in Channel:
            answers.add_metric((channel, str(days)), activity.answers.get(channel, 0))
        for disposition in (None, *Disposition):
            count = activity.invitations.get(disposition, 0)
            surveys.add_metric((disposition or "open", str(days)), count)
        for way, outcome in product(ContactWay, AttemptOutcome):
            attempts.add_metric((way, outcome, str(days)), outcomes.get((way, outcome), 0))
    return [answers, surveys, attempts]
