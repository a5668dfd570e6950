"""Mail out, through the organisation's SMTP server."""

import os
import re
import socket
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal

import aiosmtplib

from delivery.message import POLICY, Sending, compose
from delivery.smtp_codes import nobody_there
from models.queues import OutboxRow
from workflow.ports import Clock, DeadAddressError, DeliveryError, PermanentError, RetryableError

TOO_BIG = 552  #: said to MAIL FROM, when SIZE is declared (RFC 1870)
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail is handed in. "starttls" and "tls" refuse to go on unencrypted or with a certificate nobody vouches
    for (the environment's SSL_CERT_FILE may name the organisation's own authority). No `username`: no login."""

    host: str
    port: int
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30.0


class MailSender:
    """Sends the outbox rows of kind MAIL, one connection each.

    At least once: if we die between the server's "250" and our commit, that one mail is sent again, with the same
    Message-ID.
    """

    def __init__(self, server: SmtpServer, sending: Sending, clock: Clock) -> None:
        self._server = server
        self._sending = sending
        self._clock = clock

    async def send(self, row: OutboxRow) -> None:
        """Hand it in.

        DeadAddressError: nobody is at the address (`delivery.smtp_codes` says when). PermanentError: the mailbox or the
        mail itself was refused for good, for another reason. RetryableError: anything else.
        """
        message = compose(row.payload, row.key, self._sending, self._clock.now())
        try:
            async with self._connection() as connection:
                await hand_in(connection, message)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise verdict(error) from None  # a log of its cause would repeat the address

    async def probe(self) -> None:
        """Connect, encrypt and log in as `send` would, and hang up. Raises RetryableError saying what is wrong."""
        try:
            async with self._connection():
                pass
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise verdict(error) from None  # a log of its cause would repeat the address

    def _connection(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            timeout=server.timeout_seconds,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
        )


async def hand_in(connection: aiosmtplib.SMTP, message: EmailMessage) -> None:
    """Not `send_message`: it would choose 8-bit encoding by itself wherever the server says that it can."""
    sender = message["From"].addresses[0].addr_spec
    recipient = message["To"].addresses[0].addr_spec
    if recipient.isascii():
        await connection.sendmail(sender, recipient, message.as_bytes(policy=POLICY))
        return
    await connection.ehlo()
    if not connection.supports_extension("smtputf8"):
        raise PermanentError("the mail server can't take an address with å, ä or ö before the @")
    body = message.as_bytes(policy=POLICY.clone(utf8=True))
    await connection.sendmail(sender, recipient, body, mail_options=["SMTPUTF8"])


def verdict(error: Exception) -> DeliveryError:
    """What an SMTP failure means for the mail. The server's own words stay out: they often repeat the address."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            return verdict(error.recipients[0])
        case aiosmtplib.SMTPResponseException():
            return verdict_of_answer(error)
        case aiosmtplib.SMTPTimeoutError():
            return RetryableError("the mail server didn't answer in time")
        case aiosmtplib.SMTPServerDisconnected():
            return RetryableError("the mail server hung up")
        case ValueError() if not isinstance(error, OSError):
            return PermanentError("the mail can't be put on the wire: " + type(error).__name__)
    if "STARTTLS" in str(error):
        return RetryableError("the mail server offers no STARTTLS; nothing was sent unencrypted")
    if isinstance(error.__cause__ or error, ssl.SSLError):
        return RetryableError("no trusted TLS connection to the mail server; is its certificate signed by a known CA?")
    return RetryableError(f"no connection to the mail server{_why_none(error.__cause__)}")


def _why_none(cause: BaseException | None) -> str:
    if isinstance(cause, socket.gaierror):
        return ": there is no such host"
    return f": {os.strerror(cause.errno).lower()}" if isinstance(cause, OSError) and cause.errno else ""


def verdict_of_answer(error: aiosmtplib.SMTPResponseException) -> DeliveryError:
    """Only a refused mailbox or text is for good. A refused login or sender is for somebody to mend: the mail waits."""
    match error:
        case aiosmtplib.SMTPRecipientRefused() if nobody_there(error.code, enhanced(error), error.message):
            return DeadAddressError(f"the mail server says that nobody is at the address ({code(error)})")
        case aiosmtplib.SMTPRecipientRefused():
            return refused("the mailbox", error)
        case aiosmtplib.SMTPDataError():
            return refused("the mail", error)
        case aiosmtplib.SMTPSenderRefused() if error.code == TOO_BIG:
            return refused("so big a mail", error)
        case aiosmtplib.SMTPSenderRefused():
            return RetryableError(f"the mail server refused our sender address ({code(error)})")
        case aiosmtplib.SMTPAuthenticationError():
            return RetryableError(f"the mail server refused our login ({code(error)})")
    return RetryableError(f"the mail server answered {code(error)}")


def refused(what: str, error: aiosmtplib.SMTPResponseException) -> DeliveryError:
    """5xx is for good, 4xx (greylisting, a full queue) passes."""
    if error.code >= 500:
        return PermanentError(f"the mail server refused {what} for good ({code(error)})")
    return RetryableError(f"the mail server refused {what} for now ({code(error)})")


def code(error: aiosmtplib.SMTPResponseException) -> str:
    """ "550" or "550 5.1.1", never the words after it."""
    return f"{error.code} {enhanced(error)}".strip()


def enhanced(error: aiosmtplib.SMTPResponseException) -> str:
    """ "5.1.1", or "": an answer has one first of all or not at all (RFC 2034)."""
    found = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", error.message)
    return found[0] if found else ""
