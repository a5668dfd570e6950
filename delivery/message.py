"""An outbox payload as a mail message: headers that can't be forged, a real text alternative, ASCII on the wire."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from urllib.parse import quote

from models.queues import Payload
from workflow.ports import DeadAddressError, PermanentError


class MailPolicy(EmailPolicy):
    """SMTP's line ends, and two headers that Python would fold or encode into something that no mail program reads."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() in ("list-unsubscribe", "message-id"):
            return f"{name}: {value}\r\n"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in ("list-unsubscribe", "message-id"):
            return self.fold(name, value).encode("ascii")
        return bytes(super().fold_binary(name, value))


#: 7-bit: a relay without 8BITMIME would otherwise mangle å, ä and ö, and break signatures when it re-encodes.
POLICY = MailPolicy(linesep="\r\n", cte_type="7bit")

#: Set from settings or the outbox row; a payload can't replace them.
RESERVED = frozenset(
    {"from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "reply-to"}
    | {"mime-version", "content-type", "content-transfer-encoding"}
)
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Who the mails come from, and where replies go ("": to the sender)."""

    from_mail: str
    from_name: str = ""
    reply_to: str = ""


def compose(payload: Payload, key: str, sending: Sending, now: datetime) -> EmailMessage:
    """The message of one outbox row.

    `payload`: "to" (one bare address), "subject", "text", and optionally "html", "headers" (name to value),
    "attachments" (a list of {"filename", "content_type", "base64"}) and "inline" (pictures of the html: likewise, with
    the "cid" that it calls them). "message_key" or else `key` gives a Message-ID that stays the same however often
    the row is sent, so that a mailbox can drop a repeat. Raises PermanentError when it can't be a mail:
    DeadAddressError when that is because "to" is no address.
    """
    message = EmailMessage(policy=POLICY)
    try:
        sender = address(sending.from_mail)
        message["From"] = Address(one_line(sending.from_name), *sender.rsplit("@", 1))
        message["To"] = bare(recipient(payload))
        if sending.reply_to:
            message["Reply-To"] = bare(address(sending.reply_to))
        message["Subject"] = one_line(required(payload, "subject"))
        message["Date"] = format_datetime(now)
        message["Message-ID"] = message_id(str(payload.get("message_key") or key), sender)
        message["Auto-Submitted"] = "auto-generated"
        put_bodies(message, payload)
        put_headers(message, payload.get("headers"))  # last: a Content-Language set before would move into a part
    except (ValueError, TypeError, KeyError) as error:
        raise PermanentError(f"the mail can't be composed: {type(error).__name__}") from None
    return message


def address(text: str) -> str:
    """One bare address, its domain in ASCII (IDNA). Raises PermanentError; the message doesn't repeat it."""
    local, at, domain = text.strip().rpartition("@")
    if not (local and at and domain) or re.search(r"[\s<>,;:\"()\[\]\\@\x00-\x1f]", local + domain):
        raise PermanentError("the mail address is no address; it should be like name@example.se")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise PermanentError("the domain of the mail address can't exist") from None


def recipient(payload: Payload) -> str:
    try:
        return address(required(payload, "to"))
    except PermanentError as error:
        raise DeadAddressError(str(error)) from None


def bare(mail: str) -> Address:
    """`Address(addr_spec=…)` refuses å, ä and ö before the @, which SMTPUTF8 allows."""
    local, _, domain = mail.rpartition("@")
    return Address(username=local, domain=domain)


def required(payload: Payload, name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str) or not value.strip():
        raise PermanentError(f'the mail has no "{name}"')
    return value


def one_line(text: str) -> str:
    """Without line breaks and control characters: nothing in a unit's name may start a header of its own."""
    return CONTROL.sub(" ", text).strip()


def message_id(key: str, sender: str) -> str:
    """Hashed, because a key may hold an address and a Message-ID is read by every relay."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"


def unsubscribe(mail: str, subject: str) -> str:
    """The value of a List-Unsubscribe header (RFC 2369): a mail with `subject` to `mail`."""
    return f"<mailto:{quote(address(mail), safe='@')}?subject={quote(one_line(subject))}>"


def put_headers(message: EmailMessage, headers: object) -> None:
    if headers is None:
        return
    if not isinstance(headers, Mapping):
        raise PermanentError('the mail\'s "headers" are no table')
    for name, value in headers.items():
        if not re.fullmatch(r"[A-Za-z0-9-]+", str(name)) or str(name).lower() in RESERVED:
            raise PermanentError(f"the mail may not set the header {one_line(str(name))[:40]!r}")
        del message[str(name)]
        message[str(name)] = one_line(str(value))


def put_bodies(message: EmailMessage, payload: Payload) -> None:
    message.set_content(required(payload, "text"))
    if payload.get("html"):
        message.add_alternative(required(payload, "html"), subtype="html")
        put_pictures(message, payload)
    for attachment in files(payload, "attachments"):
        main, sub, name = naming(attachment)
        message.add_attachment(content(attachment), maintype=main, subtype=sub, filename=name)


def put_pictures(message: EmailMessage, payload: Payload) -> None:
    """Beside the HTML, in a multipart/related of its own: in any other place they are shown as attachments."""
    html = message.get_body(("html",))
    for picture in files(payload, "inline"):
        main, sub, name = naming(picture)
        cid = f"<{picture['cid']}>"
        if html is not None:
            html.add_related(content(picture), maintype=main, subtype=sub, cid=cid, filename=name, disposition="inline")


def files(payload: Payload, name: str) -> list[dict[str, str]]:
    found = payload.get(name) or []
    if not isinstance(found, list):
        raise PermanentError(f'the mail\'s "{name}" are no list')
    return found


def content(file: Mapping[str, str]) -> bytes:
    return base64.b64decode(file["base64"], validate=True)


def naming(file: Mapping[str, str]) -> tuple[str, str, str]:
    """ "image", "png" and the file's name."""
    main, _, sub = file["content_type"].partition("/")
    return main, sub, one_line(file["filename"])
