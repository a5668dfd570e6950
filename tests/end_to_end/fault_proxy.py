"""A proxy in front of a Bot API server that goes wrong in all the ways that Telegram and the way to it do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import ClientSession, web


@dataclass(frozen=True)
class TooMany:
    """429, with Telegram's wish for how long to wait."""

    retry_after: int


@dataclass(frozen=True)
class Refusal:
    """Any other refusal, as Telegram words it."""

    status: int
    description: str


@dataclass(frozen=True)
class ErrorPage:
    """A gateway's HTML instead of Telegram's JSON."""


@dataclass(frozen=True)
class Silence:
    """No answer, and nothing done: the client runs into its timeout."""


@dataclass(frozen=True)
class LostReply:
    """Done, but the answer never arrives."""


Fault = TooMany | Refusal | ErrorPage | Silence | LostReply
BLOCKED = Refusal(403, "Forbidden: bot was blocked by the user")


@dataclass
class Call:
    method: str
    fields: dict[str, str]
    fault: Fault | None

    @property
    def arrived(self) -> bool:
        """Whether Telegram did what was asked."""
        return self.fault is None or isinstance(self.fault, LostReply)


@dataclass
class FaultProxy:
    """`fault` decides for each call (method, fields) whether it goes wrong; `calls` keeps what was asked."""

    upstream: str
    fault: Callable[[str, dict[str, str]], Fault | None] = lambda method, fields: None
    calls: list[Call] = field(default_factory=list)
    base_url: str = ""

    def arrived(self, method: str) -> list[dict[str, str]]:
        return [call.fields for call in self.calls if call.method == method and call.arrived]

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FaultProxy"]:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            async with ClientSession() as self._client:
                yield self
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        method = request.path.rpartition("/")[2]
        fields = dict(parse_qsl(body.decode())) if "urlencoded" in request.content_type else {}
        fault = self.fault(method, fields)
        self.calls.append(Call(method, fields, fault))
        match fault:
            case TooMany(seconds):
                return _refused(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
            case Refusal(status, description):
                return _refused(status, description)
            case ErrorPage():
                return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
            case Silence():
                await asyncio.sleep(30)
        async with self._client.post(
            self.upstream + request.path, data=body, headers={"Content-Type": request.headers.get("Content-Type", "")}
        ) as answer:
            text = await answer.text()
            if isinstance(fault, LostReply) and request.transport is not None:
                request.transport.close()
            return web.Response(status=answer.status, text=text, content_type="application/json")


def _refused(status: int, description: str, parameters: dict[str, int] | None = None) -> web.Response:
    body = {"ok": False, "error_code": status, "description": description}
    return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=status)
