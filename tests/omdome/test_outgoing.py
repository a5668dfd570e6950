"""What a worker delivers, with the senders that the configuration asks for, into a real mail server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from models.counts import IsoWeek
from models.queues import OutboxKind, OutboxRow
from omdome.config import load_config
from omdome.credentials import Credentials
from omdome.outgoing import senders_of
from omdome.policies import outbox_of, recipients_of
from omdome.sending import send_now
from omdome.wiring import Application, open_application
from tests.omdome.conftest import Installation
from workflow.outbox import OutboxWorker

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 kept"


class Still:
    def now(self) -> datetime:
        return NOW


@asynccontextmanager
async def a_mail_server() -> AsyncIterator[tuple[Mailbox, int]]:
    box, loop = Mailbox(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    async with server:
        yield box, server.sockets[0].getsockname()[1]


def opened(folder: Path):
    return open_application(load_config(folder / "config.toml"), Credentials(), Still())


async def deliver(app: Application) -> None:
    worker = OutboxWorker(app.store, app.clock, senders_of(app), outbox_of(app.config), lambda: 0.0)
    while await worker.run_once():
        pass


async def test_a_digest_goes_out_as_mail_once(installation: Installation) -> None:
    async with a_mail_server() as (box, port):
        installation.configure(f"""
[organisation]
name = "Exempelkommunen"
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "omdome@example.se"
[digest]
unsubscribe_mail = "avsluta@example.se"
[[digest.recipients]]
name = "Ledningen"
mail = "ledning@example.se"
""")
        async with opened(installation.folder) as app:
            for _ in range(2):
                await send_now(app, IsoWeek(2026, 47), recipients_of(app.config))
                await deliver(app)
    (mail,) = box.mails
    assert mail["From"] == "Exempelkommunen <omdome@example.se>"
    assert mail["To"] == "ledning@example.se"
    assert "47" in mail["Subject"]
    assert "avsluta@example.se" in mail["List-Unsubscribe"]


async def test_without_a_mail_server_mail_fails_with_advice(installation: Installation) -> None:
    async with opened(installation.folder) as app:
        async with app.store.step() as tx:
            await tx.enqueue([OutboxRow(kind=OutboxKind.MAIL, key="m", payload={}, due_at=NOW)])
        await deliver(app)
        async with app.store.look() as tx:
            state = str(await tx.queue_state(NOW))
    assert "mail is off: set [mail] host and sender" in state
