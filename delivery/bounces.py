"""Reads reports of undelivered mail: the standard ones (RFC 3464, RFC 6533) and those of qmail, Exim and old Exchange.

Pure. What a report says may be forged by anybody, so it also tells which Message-IDs it names: those of a real one are
known only to who sent the mail and who got it back.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser

from delivery.smtp_codes import enhanced_in, nobody_there, reply_in

#: Python would read these parts as mail headers, and lose what isn't ASCII in them.
_STATUS_PART = re.compile(rb"(?im)^(content-type:\s*)message/(?:global-)?delivery-status")
_STATUS = "application/x-delivery-status"

_MESSAGE_ID = re.compile(r"<[^<>@\s]{1,200}@[^<>\s]{1,200}>")
_ID_LINE = re.compile(r"(?im)^>? ?message-id:[ \t]*(<[^<>\s]{1,400}>)")
# the longest that an address can be (RFC 5321, 4.5.3.1), so that a mail of nothing but letters takes no longer to read
_TO_LINE = re.compile(r"(?im)^>? ?to:.*?([^\s<>\"',;:@]{1,64}@[^\s<>\"',;:@]{1,255})")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]@]{1,64}@[^\s<>\"'(),;:\[\]@]{0,254}[^\s<>\"'(),;:\[\]@.]")
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")  # RFC 6533, utf-8-addr-xtext

_DAEMONS = re.compile(r"(?i)\b(mailer-daemon|mail-daemon|postmaster|microsoftexchange\w{1,64}|maildelivery\S{0,64})@")
_QMAIL = re.compile(r"\s*Hi\. This is the ")
_QMAIL_ONE = re.compile(r"(?m)^<([^\s<>@]{1,64}@[^\s<>@]{1,255})>:[ \t]*\n((?:.+\n)*.*)")
_EXCHANGE = re.compile(r"(?i)did not reach (?:some or all of )?the (?:following|intended) recipient")
_WAITING = re.compile(
    r"(?i)\(delay\)|\bdelayed\b|\bwarning message only\b|\bwill (?:be retried|retry)\b|\bstill trying\b"
)
_ORIGINAL = re.compile(
    r"(?im)^(?:-+ ?(?:this is a copy of|original message|below this line|enclosed (?:is|are)|begin message).*"
    r"|the original message was.*)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a report says of one recipient."""

    recipients: frozenset[str]  #: lower-cased: as the mail was addressed, and where it ended
    action: str  #: failed, delayed, delivered, relayed or expanded
    status: str  #: "5.1.1"; "" if it says none
    said: str  #: the last server's words; they may hold the address
    message_ids: frozenset[str]  #: with their angle brackets

    @property
    def failed(self) -> bool:
        return self.action == "failed"

    @property
    def nobody_there(self) -> bool:
        return self.failed and nobody_there(reply_in(self.said), self.status, self.said)

    @property
    def code(self) -> str:
        """ "550 5.1.1", as much of it as is known: for people, without the server's words."""
        reply = reply_in(self.said)
        return f"{reply or ''} {self.status}".strip() or self.action


def may_be_report(headers: bytes) -> bool:
    """Whether a mail with these headers is worth being read as a report: what people write is left unread."""
    top = BytesHeaderParser().parsebytes(headers)
    kind = str(top.get("Content-Type", "")).lower()
    if "multipart/report" in kind:
        return "disposition-notification" not in kind and "feedback-report" not in kind
    return "X-Failed-Recipients" in top or bool(_DAEMONS.search(str(top.get("From", ""))))


def read_report(raw: bytes) -> list[Returned]:
    """What a mail reports, for each recipient; [] if it is no report. Never raises, whatever it is given."""
    try:
        message = message_from_bytes(_STATUS_PART.sub(rb"\1" + _STATUS.encode(), raw))
        return _reported(message)
    except RecursionError:  # mails in mails in mails: nobody's report
        return []


def _reported(message: Message) -> list[Returned]:
    ids = frozenset(_ids_named(message))
    blocks = [block for part in message.walk() if part.get_content_type() == _STATUS for block in _blocks(_text(part))]
    found = [_of_block(block, ids) for block in blocks if "action" in block]
    return found or list(_in_plain_words(message, ids))


def _ids_named(message: Message) -> Iterator[str]:
    """Of the mail that came back: in its headers, wherever those stand, and in what the report answers to."""
    for name in ("In-Reply-To", "References"):
        yield from _MESSAGE_ID.findall(_header(message, name))
    for part in message.walk():
        if part is not message:
            yield from _MESSAGE_ID.findall(_header(part, "Message-ID"))
        if not part.is_multipart():
            yield from _ID_LINE.findall(_text(part))


def _header(message: Message, name: str) -> str:
    return str(message.get(name, ""))


def _text(part: Message) -> str:
    """A part's text: UTF-8 where it is, else read byte by byte; nothing that is asked of it depends on the letters."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n")


def _blocks(text: str) -> Iterator[Mapping[str, str]]:
    """The groups of fields of a delivery status, names lower-cased, folded lines put together."""
    for group in re.split(r"\n[ \t]*\n", text.strip()):
        lines = re.sub(r"\n[ \t]+", " ", group).split("\n")
        fields = (line.partition(":") for line in lines)
        yield {name.strip().lower(): value.strip() for name, _, value in fields}


def _of_block(block: Mapping[str, str], ids: frozenset[str]) -> Returned:
    named = (_address_of(block.get(name, "")) for name in ("original-recipient", "final-recipient"))
    said = block.get("diagnostic-code", "").partition(";")[2] or block.get("diagnostic-code", "")
    status = enhanced_in(block.get("status", ""))
    if status in ("", "5.0.0"):  # Exim's, among others: the true one is in what the other server said
        status = enhanced_in(said) or status
    return Returned(
        recipients=frozenset(filter(None, named)),
        action=block["action"].split(maxsplit=1)[0].lower() if block["action"] else "",
        status=status,
        said=said,
        message_ids=ids,
    )


def _address_of(value: str) -> str:
    """ "rfc822; Anna@example.se", "utf-8; \\x{E5}sa@example.se" → the address, lower-cased."""
    address = value.partition(";")[2].strip().strip("<>").lower()
    return _ESCAPED.sub(_letter, address)


def _letter(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else found[0]


def _in_plain_words(message: Message, ids: frozenset[str]) -> Iterator[Returned]:
    """Reports without a delivery status: qmail's, Exim's and Gmail's older ones, and those of old Exchange servers."""
    texts = [_text(part) for part in message.walk() if part.get_content_type() == "text/plain"]
    said = texts[0] if texts else ""
    ours = _ORIGINAL.split(said, maxsplit=1)[0]
    if failed := _header(message, "X-Failed-Recipients"):
        waiting = _WAITING.search(_header(message, "Subject")) or _WAITING.search(ours)
        yield _plainly(_ADDRESS.findall(failed), "delayed" if waiting else "failed", ours, ids)
    elif _QMAIL.match(said):
        for address, words in _QMAIL_ONE.findall(ours):
            yield _plainly([address], "failed", words, ids)
    elif _EXCHANGE.search(ours):
        named = _ADDRESS.findall(ours) or _TO_LINE.findall(said) or _returned_to(message)
        yield _plainly(named, "failed", ours, ids)


def _plainly(addresses: Iterable[str], action: str, words: str, ids: frozenset[str]) -> Returned:
    recipients = frozenset(address.lower() for address in addresses)
    return Returned(recipients=recipients, action=action, status=enhanced_in(words), said=words, message_ids=ids)


def _returned_to(message: Message) -> list[str]:
    """To whom the mail was that came back: an old Exchange names people, not addresses."""
    inside = [part for part in message.walk() if part is not message and "Message-ID" in part]
    return [address for part in inside for address in _ADDRESS.findall(_header(part, "To"))]
