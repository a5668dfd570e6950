"""A real IMAP server on loopback (pymap), with one mailbox, in this process."""

import asyncio
import contextlib
import imaplib
import ssl
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash

USER, PASSWORD = "omdome@example.se", 'häm"ligt'


@dataclass(frozen=True, slots=True)
class Mailserver:
    """What stands in the mailbox is looked at through a connection of its own."""

    port: int

    async def put(self, *mails: bytes, at: datetime | None = None) -> None:
        """Into the inbox, as if they had arrived `at`; now, if that isn't said."""
        await asyncio.to_thread(self._put, mails, at)

    async def subjects(self, folder: str) -> list[str]:
        """Of the mails in a folder, in order."""
        return await asyncio.to_thread(self._subjects, folder)

    async def unseen(self, folder: str) -> int:
        return await asyncio.to_thread(self._unseen, folder)

    async def mark_deleted(self, numbers: str) -> None:
        await asyncio.to_thread(self._mark_deleted, numbers)

    def _mark_deleted(self, numbers: str) -> None:
        with self._connection() as connection:
            connection.select()
            connection.store(numbers, "+FLAGS", r"(\Deleted)")

    def _put(self, mails: tuple[bytes, ...], at: datetime | None) -> None:
        arrived = imaplib.Time2Internaldate(at) if at else ""
        with self._connection() as connection:
            for raw in mails:
                assert connection.append("INBOX", "", arrived, raw)[0] == "OK"

    def _subjects(self, folder: str) -> list[str]:
        with self._connection() as connection:
            connection.select(f'"{folder}"', readonly=True)
            _, lines = connection.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            return [line[1].decode().partition(":")[2].strip() for line in lines if isinstance(line, tuple)]

    def _unseen(self, folder: str) -> int:
        with self._connection() as connection:
            connection.select(f'"{folder}"', readonly=True)
            return len(connection.search(None, "UNSEEN")[1][0].split())

    @contextlib.contextmanager
    def _connection(self) -> Iterator[imaplib.IMAP4]:
        connection = imaplib.IMAP4("127.0.0.1", self.port)
        connection.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        try:
            yield connection
        finally:
            connection.logout()


@asynccontextmanager
async def imap_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[Mailserver]:
    settings = dict.fromkeys(("cert", "key", "host", "inherited_sockets", "proxy_protocol", "passlib_cfg"))
    wanted = Namespace(
        **settings, debug=False, tls=False, port="0", demo_data=False, demo_user=USER, demo_password=PASSWORD
    )
    backend, config = await DictBackend.init(wanted, hash_context=BuiltinHash(rounds=1))
    config.apply_context()
    serve = IMAPServer(backend.login, config)
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await serve(reader, writer, SocketInfoLocal(writer))
        finally:
            connections.discard(task)
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    try:
        yield Mailserver(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()
