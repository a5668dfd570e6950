"""The web application: the case API, and whether the service is alive and ready."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from web.access_log import PersonFreeAccessLog, WithoutContents
from web.case_api import CaseApi, ParseCase
from web.problems import errors_as_problems
from workflow.ports import Clock, Store

_READY_WITHIN_SECONDS = 5
_WITHOUT_CONTENTS = WithoutContents()  # one: adding it again does nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`case_api_token` "" leaves the case API out. Larger bodies than `max_body_bytes` are refused (413)."""

    case_api_token: str = ""
    max_body_bytes: int = 20_000_000


def build_app(
    store: Store, settings: WebSettings, clock: Clock, parser_at: Callable[[datetime], ParseCase]
) -> web.Application:
    """The application; its caller may add routes before serving it.

    `parser_at(now)` gives what reads one JSON object as a closed case, such as `intake.jsonl_cases.ObjectParser`.
    """
    app = web.Application(middlewares=[errors_as_problems], client_max_size=settings.max_body_bytes)
    app.on_response_prepare.append(_careful_headers)
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", _Readiness(store).handle)
    if settings.case_api_token:
        api = CaseApi(store, clock, settings.case_api_token, parser_at)
        app.router.add_post("/api/cases", api.handle)
    return app


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serves until the block ends (requests under way are finished); yields the port (0 lets the system choose)."""
    log = logging.getLogger("web.server")
    log.addFilter(_WITHOUT_CONTENTS)
    runner = web.AppRunner(
        app,
        access_log_class=PersonFreeAccessLog,
        access_log=logging.getLogger("web.access"),
        logger=log,
        shutdown_timeout=20,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _careful_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "omdome"
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")


async def _alive(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


class _Readiness:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle(self, request: web.Request) -> web.Response:
        """200 when the database answers, else 503."""
        try:
            async with asyncio.timeout(_READY_WITHIN_SECONDS), self._store.look() as tx:
                await tx.fact("ready")
        except Exception as error:
            logging.getLogger(__name__).warning("not ready: %s", type(error).__name__)
            return web.json_response({"status": "the database doesn't answer"}, status=503)
        return web.json_response({"status": "ready"})
