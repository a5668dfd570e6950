"""The bounces' mailbox on a real IMAP server: what is read, what is moved, what is left alone, and what goes wrong."""

import asyncio
import imaplib
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from delivery import bounce_mailbox
from delivery.bounce_mailbox import BounceMailbox, ImapServer, Looked, MailboxError, quoted
from delivery.bounces import Returned
from tests.delivery.bounce_samples import EXCHANGE_ONLINE, ID, OTHERS, POSTFIX, QMAIL, TO
from tests.delivery.imap_server import PASSWORD, USER, imap_server

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date()


def mailbox_at(port: int, **settings: Any) -> BounceMailbox:
    given = {"host": "127.0.0.1", "security": "none", "username": USER, "password": PASSWORD, "timeout_seconds": 5}
    return BounceMailbox(ImapServer(port=port, **(given | settings)))


class Reader:
    """Takes reports; those about TO are ours."""

    def __init__(self) -> None:
        self.reports: list[Sequence[Returned]] = []

    async def __call__(self, report: Sequence[Returned]) -> bool:
        self.reports.append(report)
        return any(TO in returned.recipients for returned in report)


@pytest.fixture
def reader() -> Reader:
    return Reader()


async def test_reports_are_read_and_moved_and_other_mail_stays_unread_where_it_is(reader: Reader) -> None:
    async with imap_server() as server:
        await server.put(OTHERS["out of office"], POSTFIX, OTHERS["a postmaster who writes himself"], QMAIL)
        assert await mailbox_at(server.port).look(YESTERDAY, reader) == Looked(reports=2, ours=2)
        assert await server.subjects("INBOX") == ["Autosvar: Hur gick det med ditt ärende?", "Hej"]
        assert await server.unseen("INBOX") == 2
        assert await server.subjects("INBOX/Omdome") == ["Undelivered Mail Returned to Sender", "failure notice"]
    assert [report[0].recipients for report in reader.reports] == [{TO}, {TO}]
    assert all(ID in report[0].message_ids for report in reader.reports)


async def test_looking_again_finds_nothing_new(reader: Reader) -> None:
    async with imap_server() as server:
        await server.put(POSTFIX)
        mailbox = mailbox_at(server.port)
        await mailbox.look(YESTERDAY, reader)
        assert await mailbox.look(YESTERDAY, reader) == Looked(reports=0, ours=0)
        await server.put(EXCHANGE_ONLINE)
        assert await mailbox.look(YESTERDAY, reader) == Looked(reports=1, ours=1)
        assert len(await server.subjects("INBOX/Omdome")) == 2


async def test_a_report_about_somebody_elses_mail_stays_for_a_person_to_see(reader: Reader) -> None:
    async with imap_server() as server:
        await server.put(POSTFIX.replace(TO.encode(), b"chef@example.se"))
        assert await mailbox_at(server.port).look(YESTERDAY, reader) == Looked(reports=1, ours=0)
        assert await server.subjects("INBOX") == ["Undelivered Mail Returned to Sender"]


async def test_a_report_about_somebody_elses_mail_is_fetched_twice_and_no_more(reader: Reader) -> None:
    async with imap_server() as server:
        await server.put(POSTFIX.replace(TO.encode(), b"chef@example.se"))
        mailbox = mailbox_at(server.port)
        assert [(await mailbox.look(YESTERDAY, reader)).reports for _ in range(4)] == [1, 1, 0, 0]
        await server.put(QMAIL)
        assert await mailbox.look(YESTERDAY, reader) == Looked(reports=1, ours=1)


async def test_a_crash_before_moving_loses_nothing() -> None:
    """What `handle` has done it is given once more, and must take in its stride."""

    async def falls(report: Sequence[Returned]) -> bool:
        raise RuntimeError("the power went")

    async with imap_server() as server:
        await server.put(POSTFIX)
        mailbox, reader = mailbox_at(server.port), Reader()
        with pytest.raises(RuntimeError):
            await mailbox.look(YESTERDAY, falls)
        assert await server.subjects("INBOX") == ["Undelivered Mail Returned to Sender"]
        assert await mailbox.look(YESTERDAY, reader) == Looked(reports=1, ours=1)


async def test_what_came_earlier_is_not_looked_at(reader: Reader) -> None:
    async with imap_server() as server:
        await server.put(POSTFIX)
        tomorrow = YESTERDAY + timedelta(days=2)
        assert await mailbox_at(server.port).look(tomorrow, reader) == Looked(reports=0, ours=0)


async def test_many_mails_are_looked_through_in_several_goes(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounce_mailbox, "AT_ONCE", 3)
    async with imap_server() as server:
        letters = [b"From: anna@kund.example.net\r\nSubject: %d\r\n\r\nHej" % number for number in range(8)]
        await server.put(*letters, POSTFIX)
        assert await mailbox_at(server.port).look(YESTERDAY, reader) == Looked(reports=1, ours=1)
        assert len(await server.subjects("INBOX")) == 8


async def test_a_huge_report_is_read_as_far_as_it_matters(reader: Reader) -> None:
    async with imap_server() as server:
        await server.put(POSTFIX + b"bilaga " * 100_000)
        assert await mailbox_at(server.port).look(YESTERDAY, reader) == Looked(reports=1, ours=1)


@pytest.mark.parametrize("extensions", ["UIDPLUS", ""])
async def test_without_move_only_the_reports_are_taken_away(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, extensions: str
) -> None:
    """Somebody has marked a letter as deleted, to think it over: that is theirs to do."""
    answer = ("OK", [f"IMAP4rev1 AUTH=PLAIN {extensions}".encode()])
    async with imap_server() as server:
        await server.put(OTHERS["out of office"], POSTFIX)
        await server.mark_deleted("1")
        mailbox = mailbox_at(server.port)
        monkeypatch.setattr(imaplib.IMAP4, "capability", lambda connection: answer)
        assert await mailbox.look(YESTERDAY, reader) == Looked(reports=1, ours=1)
        assert await mailbox.look(YESTERDAY, reader) == Looked(reports=0, ours=0)
        monkeypatch.undo()
        left = ["Autosvar: Hur gick det med ditt ärende?", "Undelivered Mail Returned to Sender"]
        assert await server.subjects("INBOX") == left[: 1 if extensions else 2]
        assert await server.subjects("INBOX/Omdome") == ["Undelivered Mail Returned to Sender"]


async def test_a_wrong_password_says_so_and_nothing_of_the_secret() -> None:
    async with imap_server() as server:
        for wrong in ("fel", "häm", ""):
            with pytest.raises(MailboxError, match="refused our login; look at") as failure:
                await mailbox_at(server.port, password=wrong).look(YESTERDAY, Reader())
            assert USER not in str(failure.value)
    assert PASSWORD not in repr(ImapServer(host="x", port=1, username=USER, password=PASSWORD))


async def test_a_folder_that_is_not_there_is_named() -> None:
    async with imap_server() as server:
        with pytest.raises(MailboxError, match="no folder Studsar"):
            await mailbox_at(server.port, folder="Studsar").probe()
        await mailbox_at(server.port).probe()


async def test_a_server_that_is_down_or_silent(serve_script: Any) -> None:
    with pytest.raises(MailboxError, match="no connection"):
        await mailbox_at(1).look(YESTERDAY, Reader())

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serve_script(say_nothing) as port:
        with pytest.raises(MailboxError, match="in time"):
            await mailbox_at(port, timeout_seconds=0.2).probe()


async def test_a_server_that_hangs_up_half_way(serve_script: Any) -> None:
    async def greet_and_go(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1] hej\r\n")
        await reader.readline()

    async with serve_script(greet_and_go) as port:
        with pytest.raises(MailboxError, match="hung up"):
            await mailbox_at(port).probe()


async def test_something_else_than_an_imap_server(serve_script: Any) -> None:
    async def speak_smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.se ESMTP\r\n")
        await reader.read()

    async with serve_script(speak_smtp) as port:
        with pytest.raises(MailboxError, match=r"hung up|don't understand"):
            await mailbox_at(port).probe()


async def test_over_tls_with_the_organisations_own_certificate(trusted: ssl.SSLContext, reader: Reader) -> None:
    async with imap_server(tls=trusted) as server:
        await mailbox_at(server.port, security="tls").probe()


async def test_a_certificate_that_nobody_vouches_for(certificate: tuple[ssl.SSLContext, Path]) -> None:
    async with imap_server(tls=certificate[0]) as server:
        with pytest.raises(MailboxError, match="certificate"):
            await mailbox_at(server.port, security="tls").probe()


async def test_nothing_goes_unencrypted_when_starttls_was_asked_for() -> None:
    async with imap_server() as server:
        with pytest.raises(MailboxError, match="no STARTTLS"):
            await mailbox_at(server.port, security="starttls").probe()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("Inkorg/Återsänt", '"Inkorg/&AMU-ters&AOQ-nt"'),
        ("R&D", '"R&-D"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
    ],
)
def test_folders_are_named_as_imap_wants(name: str, written: str) -> None:
    assert quoted(name) == written
