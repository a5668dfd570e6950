"""Mail through a real SMTP server: what arrives, and what each kind of failure means."""

import asyncio
import base64
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from delivery.mail import MailSender, SmtpServer
from delivery.message import Sending, compose, unsubscribe
from models.queues import OutboxKind, OutboxRow
from workflow.ports import DeadAddressError, PermanentError, RetryableError

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SENDING = Sending(from_mail="omdome@example.se", from_name="Omdöme, Exempelköpings kommun", reply_to="it@example.se")


class Monday:
    def now(self) -> datetime:
        return NOW


def sender(port: int, **server: Any) -> MailSender:
    settings = {"host": "127.0.0.1", "security": "none", "timeout_seconds": 5, **server}
    return MailSender(SmtpServer(port=port, **settings), SENDING, Monday())


def mail(**payload: Any) -> OutboxRow:
    given = {"to": "chef@example.se", "subject": "Omdöme v. 47", "text": "Bemötande 87 % bra\n", **payload}
    return OutboxRow(kind=OutboxKind.MAIL, key="digest:chef@example.se:2026-W47", payload=given, due_at=NOW)


async def test_a_mail_arrives_with_both_texts_and_all_headers(serve: Any, mailbox: Any) -> None:
    async with serve() as port:
        await sender(port).send(mail(html="<p>Bemötande 87 % bra</p>"))
    (message,) = mailbox.messages
    assert message["From"] == '"Omdöme, Exempelköpings kommun" <omdome@example.se>'
    assert message["To"] == "chef@example.se"
    assert message["Subject"] == "Omdöme v. 47"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] == "it@example.se"
    assert message.get_content_type() == "multipart/alternative"
    assert message.get_body(("plain",)).get_content().splitlines() == ["Bemötande 87 % bra"]
    assert message.get_body(("html",)).get_content().strip() == "<p>Bemötande 87 % bra</p>"


async def test_only_ascii_goes_over_the_wire_even_when_the_server_could_take_more(serve: Any, mailbox: Any) -> None:
    async with serve(enable_SMTPUTF8=True) as port:
        await sender(port).send(mail(text="å" * 2000, html=f"<p>{'ö' * 2000}</p>"))
    assert mailbox.received[0].isascii()
    assert max(len(line) for line in mailbox.received[0].splitlines()) <= 998


async def test_the_message_id_is_the_same_when_a_row_is_sent_again_and_tells_nobody_the_address(
    serve: Any, mailbox: Any
) -> None:
    async with serve() as port:
        await sender(port).send(mail())
        await sender(port).send(mail())
    first, second = (message["Message-ID"] for message in mailbox.messages)
    assert first == second
    assert first.endswith("@example.se>")
    assert "chef" not in first


@pytest.mark.parametrize("evil", ["Hej\r\nBcc: alla@example.se", "Hej\n\nny text", "Hej\u2028Bcc: x@example.se"])
async def test_a_line_break_in_the_subject_can_not_start_another_header(serve: Any, mailbox: Any, evil: str) -> None:
    async with serve() as port:
        await sender(port).send(mail(subject=evil))
    (message,) = mailbox.messages
    assert message["Bcc"] is None
    assert message["Subject"].startswith("Hej ")
    assert message.get_content().splitlines() == ["Bemötande 87 % bra"]


@pytest.mark.parametrize("name", ["Bcc", "From", "Message-ID", "X-Bad: y\r\nBcc", ""])
async def test_a_payload_can_not_set_the_headers_that_matter(serve: Any, mailbox: Any, name: str) -> None:
    async with serve() as port:
        with pytest.raises(PermanentError, match="may not set"):
            await sender(port).send(mail(headers={name: "alla@example.se"}))
    assert mailbox.received == []


async def test_other_headers_are_kept_on_one_line(serve: Any, mailbox: Any) -> None:
    async with serve() as port:
        await sender(port).send(mail(headers={"List-Id": "digest\r\n <x>"}))
    assert mailbox.messages[0]["List-Id"] == "digest  <x>"


async def test_attachments_arrive_whole_with_a_swedish_file_name(serve: Any, mailbox: Any) -> None:
    content = bytes(range(256))
    part = {
        "filename": "omdöme v 47.xlsx",
        "content_type": "application/octet-stream",
        "base64": base64.b64encode(content).decode(),
    }
    async with serve() as port:
        await sender(port).send(mail(attachments=[part]))
    (attachment,) = mailbox.messages[0].iter_attachments()
    assert attachment.get_filename() == "omdöme v 47.xlsx"
    assert attachment.get_content() == content


async def test_a_domain_with_swedish_letters_is_sent_as_ascii(serve: Any, mailbox: Any) -> None:
    async with serve() as port:
        await sender(port).send(mail(to="chef@exempelköping.se"))
    assert mailbox.recipients == ["chef@xn--exempelkping-cjb.se"]


async def test_swedish_letters_before_the_at_sign_need_a_server_that_takes_them(serve: Any, mailbox: Any) -> None:
    async with serve(enable_SMTPUTF8=True) as port:
        await sender(port).send(mail(to="åsa@example.se"))
    assert mailbox.recipients == ["åsa@example.se"]
    async with serve() as port:
        with pytest.raises(PermanentError, match="before the @"):
            await sender(port).send(mail(to="åsa@example.se"))


@pytest.mark.parametrize(
    "bad",
    ["chef", "chef@", "@example.se", "a@b.se, c@d.se", "a b@c.se", "a@b.se\r\nBcc: c@d.se", "<a@b.se>", "", "a@b..se"],
)
async def test_a_bad_address_is_permanent_and_never_reaches_the_server(serve: Any, mailbox: Any, bad: str) -> None:
    async with serve() as port:
        with pytest.raises(DeadAddressError):
            await sender(port).send(mail(to=bad))
    assert mailbox.recipients == []


def test_a_wrong_sender_address_kills_nobodys() -> None:
    with pytest.raises(PermanentError) as failure:
        compose(mail().payload, "k", Sending(from_mail="omdome"), NOW)
    assert not isinstance(failure.value, DeadAddressError)


async def test_pictures_of_the_html_travel_beside_it_and_attachments_after(serve: Any, mailbox: Any) -> None:
    file = {"filename": "a.png", "content_type": "image/png", "base64": base64.b64encode(b"png").decode()}
    async with serve() as port:
        await sender(port).send(mail(html='<img src="cid:a">', inline=[file | {"cid": "a"}], attachments=[file]))
    assert [part.get_content_type() for part in mailbox.messages[0].walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
    ]


async def test_a_mail_without_text_is_permanent(serve: Any) -> None:
    async with serve() as port:
        with pytest.raises(PermanentError, match='no "text"'):
            await sender(port).send(mail(text=" ", html="<p>bara html</p>"))


async def test_greylisting_is_tried_again_and_then_arrives(serve: Any, mailbox: Any) -> None:
    mailbox.rcpt_answers = ["451 4.7.1 chef@example.se: greylisted, try again in 300 s"]
    async with serve() as port:
        with pytest.raises(RetryableError) as failure:
            await sender(port).send(mail())
        await sender(port).send(mail())
    assert str(failure.value) == "the mail server refused the mailbox for now (451 4.7.1)"
    assert len(mailbox.received) == 1


async def test_an_unknown_mailbox_is_a_dead_address_and_not_named_in_the_error(serve: Any, mailbox: Any) -> None:
    mailbox.rcpt_answers = ["550 5.1.1 <chef@example.se>: user unknown"]
    async with serve() as port:
        with pytest.raises(DeadAddressError) as failure:
            await sender(port).send(mail())
    assert str(failure.value) == "the mail server says that nobody is at the address (550 5.1.1)"


@pytest.mark.parametrize(
    "answer", ["550 5.7.1 Service refused: you are blocked", "552 5.2.2 Mailbox full", "550 Relaying denied", "554 No"]
)
async def test_a_refusal_for_another_reason_is_for_good_but_the_address_lives(
    serve: Any, mailbox: Any, answer: str
) -> None:
    mailbox.rcpt_answers = [answer]
    async with serve() as port:
        with pytest.raises(PermanentError, match="refused the mailbox for good") as failure:
            await sender(port).send(mail())
    assert not isinstance(failure.value, DeadAddressError)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("554 5.7.1 looks like spam", PermanentError), ("452 4.3.1 no room", RetryableError)],
)
async def test_a_refusal_after_the_text_is_judged_by_its_code(
    serve: Any, mailbox: Any, answer: str, expected: type[Exception]
) -> None:
    mailbox.data_answers = [answer]
    async with serve() as port:
        with pytest.raises(expected):
            await sender(port).send(mail())


async def test_a_mail_that_is_too_big_for_the_server_is_permanent(serve: Any) -> None:
    async with serve(data_size_limit=2000) as port:
        with pytest.raises(PermanentError):
            await sender(port).send(mail(text="x\n" * 3000))


async def test_a_dropped_connection_is_retryable(serve: Any, mailbox: Any) -> None:
    mailbox.hang_up_on = "RCPT"
    async with serve() as port:
        with pytest.raises(RetryableError):
            await sender(port).send(mail())


async def test_a_server_that_is_down_is_retryable() -> None:
    with pytest.raises(RetryableError, match="no connection"):
        await sender(1).send(mail())


async def test_a_silent_server_is_given_up_after_the_timeout(serve_script: Any) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serve_script(say_nothing) as port:
        with pytest.raises(RetryableError, match="in time"):
            await sender(port, timeout_seconds=0.2).send(mail())


async def test_a_server_that_dies_after_taking_the_mail_has_taken_the_mail(serve_script: Any) -> None:
    """No error, so no second copy: its 250 counts, not whether it says goodbye."""

    async def take_and_die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = {b"EHLO": b"250 hej", b"MAIL": b"250 ok", b"RCPT": b"250 ok", b"DATA": b"354 go on"}
        writer.write(b"220 hej\r\n")
        while line := await reader.readline():
            writer.write(answers.get(line[:4].upper(), b"500 what?") + b"\r\n")
            if line.upper().startswith(b"DATA"):
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 taken\r\n")
                await writer.drain()
                return

    async with serve_script(take_and_die) as port:
        await sender(port).send(mail())


async def test_starttls_with_the_organisations_own_certificate(
    serve: Any, mailbox: Any, trusted: ssl.SSLContext
) -> None:
    async with serve(tls=trusted) as port:
        await sender(port, security="starttls").send(mail())
        await sender(port, security="starttls").probe()
    assert mailbox.encrypted == [True]


async def test_a_wrong_password_is_for_somebody_to_mend_so_the_mail_waits(
    serve: Any, mailbox: Any, login_wanted: Any, trusted: ssl.SSLContext
) -> None:
    async with serve(tls=trusted, **login_wanted) as port:
        with pytest.raises(RetryableError, match="refused our login"):
            await sender(port, security="starttls", username="omdome", password="fel").send(mail())
        await sender(port, security="starttls", username="omdome", password="hemligt").send(mail())
    assert len(mailbox.received) == 1
    assert "hemligt" not in repr(SmtpServer(host="x", port=25, password="hemligt"))


async def test_a_certificate_that_nobody_vouches_for_stops_the_mail(
    serve: Any, mailbox: Any, certificate: tuple[ssl.SSLContext, Path]
) -> None:
    async with serve(tls=certificate[0]) as port:
        with pytest.raises(RetryableError, match="certificate"):
            await sender(port, security="starttls").send(mail())
    assert mailbox.received == []


async def test_no_mail_goes_unencrypted_when_starttls_was_asked_for(serve: Any, mailbox: Any) -> None:
    async with serve() as port:
        with pytest.raises(RetryableError, match="no STARTTLS"):
            await sender(port, security="starttls").send(mail())
    assert mailbox.received == []


def test_a_long_unsubscribe_address_is_not_folded_into_something_unreadable() -> None:
    header = unsubscribe("avsluta.utskick.om.kundundersokningar@forvaltning.exempelkoping.se", "Avsluta veckobrevet")
    raw = compose(mail(headers={"List-Unsubscribe": header}).payload, "k", SENDING, NOW).as_bytes()
    assert b"<mailto:avsluta.utskick.om.kundundersokningar@forvaltning.exempelkoping.se?subject=Avsluta%20vec" in raw
