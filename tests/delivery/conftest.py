"""A real SMTP server on loopback that keeps what it is handed, and misbehaves when told to."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """Handler of aiosmtpd: `answers` are said to RCPT and DATA instead of "250", first one first."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.recipients: list[str] = []
        self.rcpt_answers: list[str] = []
        self.data_answers: list[str] = []
        self.hang_up_on: str = ""
        self.encrypted: list[bool] = []

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.received]

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hang_up_on == "RCPT":
            server.transport.abort()
        if self.rcpt_answers:
            return self.rcpt_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_answers:
            return self.data_answers.pop(0)
        self.received.append(bytes(envelope.original_content or b""))
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


def only_the_secret(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
    good = isinstance(login, LoginPassword) and login.password == b"hemligt"
    return AuthResult(success=good, handled=False)


@asynccontextmanager
async def smtp_server(mailbox: Mailbox, tls: ssl.SSLContext | None = None, **settings: Any) -> AsyncIterator[int]:
    """Serves on a free port, which it yields."""
    loop = asyncio.get_running_loop()
    protocols: list[SMTP] = []

    def connected() -> SMTP:
        protocol = SMTP(mailbox, hostname="mail.example", loop=loop, tls_context=tls, **settings)
        protocols.append(protocol)
        return protocol

    server = await loop.create_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for protocol in protocols:
            if protocol.transport is not None:
                with suppress(AttributeError):  # Python 3.11.2 can't abort a TLS connection that is closed already
                    protocol.transport.abort()
        await server.wait_closed()


@asynccontextmanager
async def scripted_server(script: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]) -> AsyncIterator[int]:
    """A server that does as `script` says with its one connection, and is done before we go on."""
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
            writer.close()
            await writer.wait_closed()
        finally:
            done.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
        await done.wait()
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
def serve_script() -> Callable[..., Any]:
    return scripted_server


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def login_wanted() -> dict[str, Any]:
    return {"authenticator": only_the_secret, "auth_required": True}


@pytest.fixture
def serve(mailbox: Mailbox) -> Callable[..., Any]:
    return lambda **settings: smtp_server(mailbox, **settings)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with: apt-get install openssl")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1"], cwd=folder, check=True, capture_output=True
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


@pytest.fixture
def trusted(certificate: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    context, ca_file = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    return context
