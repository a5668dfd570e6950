"""The web server: errors, careful headers, and whether the service is alive and ready. Its parts are added to it.

app = build_app(store, max_body_bytes=20_000_000)
add_api(app, ...); add_metrics(app, ...)      # each part has such a function
async with serving(app, "127.0.0.1", 8080): ...
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from web.access_log import PersonFreeAccessLog, WithoutContents
from web.problems import errors_as_problems
from workflow.ports import Store

_READY_WITHIN_SECONDS = 5
_WITHOUT_CONTENTS = WithoutContents()  # one: adding it again does nothing


def build_app(store: Store, max_body_bytes: int = 20_000_000) -> web.Application:
    """The application, with nothing but /healthz and /readyz. Larger bodies are refused (413)."""
    app = web.Application(middlewares=[errors_as_problems], client_max_size=max_body_bytes)
    app.on_response_prepare.append(_careful_headers)
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", _Readiness(store).handle)
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
