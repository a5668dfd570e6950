"""A digest that is due, through a real database: each recipient gets each week once, and a real mail arrives."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.sending import method_from
from delivery.digests import DigestSender, ReportLinks
from delivery.mail import MailSender, SmtpServer
from delivery.message import Sending
from models.case import AddressKind
from models.counts import IsoWeek
from models.digest import Digest, Recipient
from models.queues import OutboxKind, OutboxRow
from omdome.texts import load_texts
from storage.database import open_store
from tests import digest_samples
from workflow.ports import PermanentError, Store, Transaction
from workflow.sign_in import SignInPolicy, whose_link

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
TEXTS = {language: load_texts(language) for language in ("sv", "en")}
CHIEF = Recipient(name="chefen", mail="chef@example.se", via=(AddressKind.MAIL, AddressKind.CHAT), identified=True)
ROW = OutboxRow(
    kind=OutboxKind.DIGEST,
    key="digest:chefen:2026-W47",
    payload={"recipient": "chefen", "year": 2026, "week": 47},
    due_at=NOW,
)


class Monday:
    def now(self) -> datetime:
        return NOW


async def figures(tx: Transaction, recipient: Recipient, week: IsoWeek, now: datetime) -> Digest:
    return replace(digest_samples.rich(), week=week, identified=recipient.identified)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path / 'digests.sqlite'}", ZoneInfo("Europe/Stockholm"))
    yield opened
    await opened.close()


def digests(store: Store, *recipients: Recipient) -> DigestSender:
    return DigestSender(
        store=store,
        clock=Monday(),
        recipients={recipient.name: recipient for recipient in recipients},
        texts=TEXTS,
        figures=figures,
        unsubscribe_mail="it@example.se",
    )


async def waiting(store: Store) -> dict[OutboxKind, OutboxRow]:
    async with store.step() as tx:
        rows = await tx.claim([OutboxKind.MAIL, OutboxKind.TELEGRAM], NOW, timedelta(minutes=1), 10)
    assert len({row.kind for row in rows}) == len(rows)
    return {row.kind: row for row in rows}


async def register_chat(store: Store) -> None:
    async with store.step() as tx:
        await tx.register_handler(CHIEF.mail, 17, NOW)


async def test_a_due_digest_becomes_one_mail_and_one_chat_message_however_often_it_is_done(store: Store) -> None:
    await register_chat(store)
    for _ in range(3):
        await digests(store, CHIEF).send(ROW)
    rows = await waiting(store)
    assert set(rows) == {OutboxKind.MAIL, OutboxKind.TELEGRAM}
    assert rows[OutboxKind.MAIL].payload["to"] == "chef@example.se"
    assert rows[OutboxKind.MAIL].payload["subject"] == "Omdöme v. 47: 39 svar, leverans sämre"
    assert rows[OutboxKind.TELEGRAM].lane == "chat:17"


async def test_two_workers_at_once_send_once(store: Store) -> None:
    await asyncio.gather(*(digests(store, CHIEF).send(ROW) for _ in range(4)))
    assert set(await waiting(store)) == {OutboxKind.MAIL}


async def test_the_bot_can_send_the_chart_as_it_stands_in_the_outbox(store: Store) -> None:
    await register_chat(store)
    await digests(store, CHIEF).send(ROW)
    method = method_from((await waiting(store))[OutboxKind.TELEGRAM].payload)
    assert type(method).__name__ == "SendPhoto"
    assert method.photo.data.startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert method.photo.filename == "omdome-2026-W47.png"  # type: ignore[attr-defined]


async def test_the_digest_arrives_as_a_mail_with_both_bodies(store: Store, serve: Any, mailbox: Any) -> None:
    await digests(store, CHIEF).send(ROW)
    row = (await waiting(store))[OutboxKind.MAIL]
    async with serve() as port:
        server = SmtpServer(host="127.0.0.1", port=port, security="none", timeout_seconds=5)
        await MailSender(server, Sending(from_mail="omdome@example.se"), Monday()).send(row)
    (message,) = mailbox.messages
    assert "Leverans        50 % bra   22 % ok   28 % dåligt   (n = 36)" in message.get_body(("plain",)).get_content()
    assert "<h1" in message.get_body(("html",)).get_content()
    assert message["List-Unsubscribe"] == "<mailto:it@example.se?subject=Avsluta%20veckobrevet>"
    assert message["Content-Language"] == "sv"


async def test_each_mailed_copy_has_one_link_of_its_own_to_the_report(store: Store) -> None:
    links = ReportLinks("https://omdome.example.se", SignInPolicy())
    for _ in range(3):  # only the first makes a mail, and its link is the one that works
        await replace(digests(store, CHIEF), report=links).send(ROW)
    payload = (await waiting(store))[OutboxKind.MAIL].payload
    text, html = str(payload["text"]), str(payload["html"])
    top, bottom = re.findall(r"https://omdome\.example\.se/rapport/in/(\S+)\?vecka=2026-W47\n", text)
    address = top
    assert top == bottom
    assert text.index(top) < text.index("Bemötande  ") < text.rindex(top), "found at once, and after all has been read"
    link = f"/rapport/in/{address}?vecka=2026-W47"
    assert html.index(link) < html.index("<h3") < html.rindex(link)
    assert "går att använda en gång och gäller i 8 dagar" in " ".join(str(payload["text"]).split())
    async with store.look() as tx:
        assert await whose_link(tx, address, {CHIEF.name: CHIEF}, NOW) == CHIEF
    async with store.step() as tx:
        assert await tx.drop_expired_sign_ins(NOW + timedelta(days=9)) == 1


def test_a_link_of_one_day_is_said_so() -> None:
    note = ReportLinks("", SignInPolicy(link_days=1)).part("x", IsoWeek(2026, 47), TEXTS["sv"]).note
    assert note.endswith("gäller i en dag.")


async def test_a_case_to_follow_up_leads_to_its_page(store: Store) -> None:
    async def rich(tx: Transaction, recipient: Recipient, week: IsoWeek, now: datetime) -> Digest:
        made = await figures(tx, recipient, week, now)
        return replace(made, follow_ups=(replace(made.follow_ups[0], invitation_id=17), *made.follow_ups[1:]))

    sender = replace(digests(store, CHIEF), figures=rich)
    with_page = replace(sender, report=ReportLinks("https://omdome.example.se", SignInPolicy()))
    await with_page.send(ROW)
    html = str((await waiting(store))[OutboxKind.MAIL].payload["html"])
    assert html.count("https://omdome.example.se/rapport/uppfoljning/") == 1
    assert 'href="https://omdome.example.se/rapport/uppfoljning/17"' in html


async def test_without_a_public_address_there_is_no_link(store: Store) -> None:
    await digests(store, CHIEF).send(ROW)
    assert "rapport" not in str((await waiting(store))[OutboxKind.MAIL].payload)


async def test_each_reader_gets_their_language(store: Store) -> None:
    await digests(store, replace(CHIEF, language="en")).send(ROW)
    assert (await waiting(store))[OutboxKind.MAIL].payload["subject"] == "Omdöme week 47: 39 answers, delivery lower"


async def test_a_general_copy_holds_no_single_case(store: Store) -> None:
    await digests(store, replace(CHIEF, identified=False)).send(ROW)
    payload = (await waiting(store))[OutboxKind.MAIL].payload
    assert "Potthål" not in f"{payload['text']}{payload['html']}"


async def test_a_recipient_who_is_gone_is_not_written_to(store: Store) -> None:
    with pytest.raises(PermanentError, match="no longer"):
        await digests(store).send(ROW)
    assert await waiting(store) == {}


async def test_a_recipient_who_wants_a_chat_but_has_registered_none_is_told_of(store: Store) -> None:
    with pytest.raises(PermanentError, match="has registered none"):
        await digests(store, replace(CHIEF, via=(AddressKind.CHAT,))).send(ROW)
