"""Somebody else's HTTP server on loopback, that behaves or misbehaves as told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import web

Misbehave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class OtherSystem:
    """What it has been sent, and what it answers (`answers` first one first, then 200)."""

    port: int = 0
    paths: list[str] = field(default_factory=list)  #: with their queries, as sent
    methods: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def take(self, request: web.BaseRequest) -> web.StreamResponse:
        self.paths.append(request.raw_path)
        self.methods.append(request.method)
        self.headers.append(dict(request.headers))
        self.bodies.append(await request.read())
        return self.answers.pop(0) if self.answers else web.Response(text='{"status": "created"}')


@asynccontextmanager
async def other_system() -> AsyncIterator[OtherSystem]:
    """A well-behaved server."""
    system = OtherSystem()
    runner = web.ServerRunner(web.Server(system.take), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    system.port = runner.addresses[0][1]
    try:
        yield system
    finally:
        await runner.cleanup()


@asynccontextmanager
async def broken_system(misbehave: Misbehave) -> AsyncIterator[str]:
    """A server that does with each connection as `misbehave` says, once it has read the request; yields its url."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await reader.readuntil(b"\r\n\r\n")
            await misbehave(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def says(*pieces: bytes, then_wait: float = 0.0) -> Misbehave:
    """Sends these bytes, and hangs up."""

    async def misbehave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        await asyncio.sleep(then_wait)

    return misbehave


async def never_ends(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An answer that goes on for as long as anybody reads it."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()
