"""Digests that are due: rendered, and handed on to the outbox as a mail and a chat message."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from delivery.digest_html import fitted
from delivery.digest_telegram import digest_telegram
from delivery.digest_text import text_of
from delivery.files import voices_csv
from delivery.message import unsubscribe
from delivery.page import ReportPart
from models.case import AddressKind
from models.counts import IsoWeek
from models.digest import Digest, Recipient
from models.queues import OutboxKind, OutboxRow, Payload
from models.texts import Texts
from survey.links import sign_in_link
from workflow.ports import Clock, PermanentError, Store, Transaction
from workflow.sign_in import SignInPolicy, new_token, put_link

#: The figures of one recipient's copy of one week, as they are now.
FiguresOf = Callable[[Transaction, Recipient, IsoWeek, datetime], Awaitable[Digest]]


@dataclass(frozen=True, slots=True)
class ReportLinks:
    """Each mailed copy's own one-time link to the managers' page; `url` is the web server's public address."""

    url: str
    policy: SignInPolicy

    def part(self, token: str, week: IsoWeek, texts: Texts) -> ReportPart:
        address = f"{sign_in_link(self.url, token)}?vecka={week}"
        days = self.policy.link_days
        note = texts("digest.report.note_one_day" if days == 1 else "digest.report.note", days=days)
        return ReportPart(texts("digest.report.label"), address, note, f"{self.url}/rapport/uppfoljning")


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSender:
    """The `Sender` of DIGEST rows.

    It sends nothing itself: the mail and the message are outbox rows of their own with keys made of recipient and
    week. So a row that is done twice sends once, and a mail server that is down doesn't hold up the chat.
    `texts` by language; `unsubscribe_mail` is where "no more of this" goes ("": List-Unsubscribe is left out).
    """

    store: Store
    clock: Clock
    recipients: Mapping[str, Recipient]  #: by name
    texts: Mapping[str, Texts]
    figures: FiguresOf
    unsubscribe_mail: str = ""
    chart: bool = True
    report: ReportLinks | None = None  #: None: the managers' page is off, or nobody knows where it is

    async def send(self, row: OutboxRow) -> None:
        """Raises PermanentError when the recipient is gone, or has neither mail nor a registered chat."""
        recipient = self.recipients.get(str(row.payload["recipient"]))
        if recipient is None:
            raise PermanentError("the digest's recipient is no longer in the configuration")
        week = IsoWeek(int(str(row.payload["year"])), int(str(row.payload["week"])))
        now = self.clock.now()
        async with self.store.look() as tx:
            digest = await self.figures(tx, recipient, week, now)
            chat_id = await tx.handler_chat(recipient.mail) if AddressKind.CHAT in recipient.via else None
        token = new_token()
        rows = await asyncio.to_thread(self._rows, row, recipient, digest, chat_id, now, token)
        if not rows:
            raise PermanentError("the digest's recipient wants it in a chat, but has registered none")
        async with self.store.step() as tx:
            for each in rows:
                new = await tx.enqueue([each])
                if new and self.report and each.kind is OutboxKind.MAIL:
                    await put_link(tx, recipient, self.report.policy, now, token=token)

    def _rows(
        self, row: OutboxRow, recipient: Recipient, digest: Digest, chat_id: int | None, now: datetime, token: str
    ) -> list[OutboxRow]:
        texts = self.texts[recipient.language]
        mailed = AddressKind.MAIL in recipient.via
        rows = []
        if mailed:
            report = self.report.part(token, digest.week, texts) if self.report else None
            payload = digest_mail(digest, texts, recipient.mail, self.unsubscribe_mail, report)
            lane = f"digest-mail:{recipient.name}"
            rows.append(OutboxRow(kind=OutboxKind.MAIL, key=f"{row.key}:mail", payload=payload, due_at=now, lane=lane))
        if chat_id is not None:
            payload = digest_telegram(digest, texts, chat_id, chart=self.chart, mailed=mailed)
            lane = f"chat:{chat_id}"
            rows.append(
                OutboxRow(kind=OutboxKind.TELEGRAM, key=f"{row.key}:chat", payload=payload, due_at=now, lane=lane)
            )
        return rows


def digest_mail(
    digest: Digest, texts: Texts, to: str, unsubscribe_mail: str = "", report: ReportPart | None = None
) -> Payload:
    """The payload of an outbox row of kind MAIL: HTML with a text alternative, and a file when cases are too many."""
    said, html = fitted(digest, texts, unsubscribe_mail, report)
    headers = {"Content-Language": texts.language}
    if unsubscribe_mail:
        headers["List-Unsubscribe"] = unsubscribe(unsubscribe_mail, texts("digest.footer.unsubscribe_subject"))
    mail: dict[str, object] = {"to": to, "subject": said.subject, "headers": headers}
    mail |= {"text": text_of(said), "html": html}
    if any(part.more for part in said.voices):
        content = base64.b64encode(voices_csv(digest, texts)).decode()
        name = texts("digest.voices.file", week=str(digest.week))
        mail["attachments"] = [{"filename": name, "content_type": "text/csv", "base64": content}]
    return mail
