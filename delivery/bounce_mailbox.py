"""The mailbox that undelivered mail comes back to, read by IMAP.

Only what looks like a report is read; what people write stays unread where it is. Reports that were made use of are
moved to a subfolder. Nothing is ever deleted, and nothing is remembered that a crash could lose: what hasn't been moved
is looked at again next time; a report that isn't ours twice, in case what it is about had not been noted when it came.
"""

import asyncio
import base64
import contextlib
import imaplib
import re
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from delivery.bounces import Returned, may_be_report, read_report

Security = Literal["tls", "starttls", "none"]
#: Takes a report, and says whether it was about a mail of ours.
Handle = Callable[[Sequence[Returned]], Awaitable[bool]]

SUBFOLDER = "Omdome"
_HEADERS = "(UID BODY.PEEK[HEADER.FIELDS (FROM CONTENT-TYPE X-FAILED-RECIPIENTS)])"
_WHOLE = "(UID BODY.PEEK[]<0.262144>)"  # a returned picture may be large, and says nothing
AT_ONCE = 200  #: mails whose headers are asked for together
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailboxError(Exception):
    """The mailbox can't be read just now. The message is for people: what is wrong, and what to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer:
    """Where reports arrive. "tls" and "starttls" refuse to go on unencrypted or with an untrusted certificate."""

    host: str
    port: int
    security: Security = "tls"
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    timeout_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Looked:
    """How many reports there were, and how many of them were about mails of ours."""

    reports: int
    ours: int


class BounceMailbox:
    """Looks through the folder. One at a time: an object has one memory of what it need not read again."""

    def __init__(self, server: ImapServer) -> None:
        self._server = server
        self._others: set[tuple[str, int]] = set()  #: known to be no reports, or not about mails of ours
        self._doubted: set[tuple[str, int]] = set()  #: not about mails of ours, as it seemed once

    async def look(self, since: date, handle: Handle) -> Looked:
        """Give each report that has come on `since` or later to `handle`, and move those that were ours.

        Raises MailboxError; what `handle` raises goes through. In both cases nothing is lost.
        """
        connection = await asyncio.to_thread(opened, self._server)
        try:
            return await self._looked(connection, since, handle)
        except (imaplib.IMAP4.error, OSError) as error:
            raise told(error) from None
        finally:
            await asyncio.to_thread(closed, connection)

    async def _looked(self, connection: imaplib.IMAP4, since: date, handle: Handle) -> Looked:
        reports, ours = 0, []
        for uid in await asyncio.to_thread(self._candidates, connection, since):
            raw = await asyncio.to_thread(whole, connection, uid)
            report = await asyncio.to_thread(read_report, raw)
            if not report:
                self._others.add((validity(connection), uid))
                continue
            reports += 1
            if await handle(report):
                ours.append(uid)
            else:
                self._set_aside((validity(connection), uid))
        if ours:
            await asyncio.to_thread(move, connection, ours, self._server.folder)
        return Looked(reports, len(ours))

    def _set_aside(self, mail: tuple[str, int]) -> None:
        (self._others if mail in self._doubted else self._doubted).add(mail)

    def _candidates(self, connection: imaplib.IMAP4, since: date) -> list[int]:
        """Those that may be reports, oldest first."""
        place = validity(connection)
        there = found_since(connection, since)
        for known in (self._others, self._doubted):
            known &= {(place, uid) for uid in there}
        unknown = [uid for uid in there if (place, uid) not in self._others]
        candidates = {uid for uid, headers in fetched(connection, unknown, _HEADERS) if may_be_report(headers)}
        self._others |= {(place, uid) for uid in unknown if uid not in candidates}
        return sorted(candidates)

    async def probe(self) -> None:
        """Connect, log in and open the folder as `look` would. Raises MailboxError."""
        connection = await asyncio.to_thread(opened, self._server)
        await asyncio.to_thread(closed, connection)


def opened(server: ImapServer) -> imaplib.IMAP4:
    """A connection with the folder selected. Raises MailboxError."""
    try:
        connection = connected(server)
    except (imaplib.IMAP4.error, OSError) as error:
        raise told(error) from None
    try:
        logged_in(connection, server)
        answer, _ = connection.select(quoted(server.folder))
    except (imaplib.IMAP4.error, OSError) as error:
        closed(connection)
        raise told(error) from None
    except MailboxError:
        closed(connection)
        raise
    if answer != "OK":
        closed(connection)
        raise MailboxError(f"the mailbox has no folder {server.folder}; set [bounces] folder")
    return connection


def connected(server: ImapServer) -> imaplib.IMAP4:
    if server.security == "tls":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=server.timeout_seconds)
    connection = imaplib.IMAP4(server.host, server.port, timeout=server.timeout_seconds)
    if server.security == "starttls":
        try:
            if "STARTTLS" not in connection.capabilities:
                raise MailboxError("the mailbox's server offers no STARTTLS; nothing was sent unencrypted")
            connection.starttls(ssl.create_default_context())
        except BaseException:
            closed(connection)
            raise
    return connection


def logged_in(connection: imaplib.IMAP4, server: ImapServer) -> None:
    """By AUTHENTICATE where that is offered: LOGIN takes no letters beyond ASCII."""
    secret = f"\0{server.username}\0{server.password}".encode()
    try:
        if "AUTH=PLAIN" in connection.capabilities:
            connection.authenticate("PLAIN", lambda _: secret)
        else:
            connection.login(quoted(server.username), server.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeEncodeError):
        raise MailboxError("the mailbox refused our login; look at [bounces] username and its password") from None


def closed(connection: imaplib.IMAP4) -> None:
    with contextlib.suppress(imaplib.IMAP4.error, OSError):
        connection.logout()
    with contextlib.suppress(OSError):
        connection.shutdown()


def told(error: Exception) -> MailboxError:
    """What a failure means, in words of ours: a server's may hold addresses."""
    match error:
        case ssl.SSLError():
            return MailboxError(
                "no trusted TLS connection to the mailbox's server; is its certificate signed by a known CA?"
            )
        case TimeoutError():
            return MailboxError("the mailbox's server didn't answer in time")
        case imaplib.IMAP4.abort():
            return MailboxError("the mailbox's server hung up")
        case OSError():
            return MailboxError("no connection to the mailbox's server")
    return MailboxError("the mailbox's server answered something that we don't understand")


def validity(connection: imaplib.IMAP4) -> str:
    """UIDVALIDITY: numbers of mails hold only together with it."""
    return str(connection.untagged_responses.get("UIDVALIDITY"))


def found_since(connection: imaplib.IMAP4, since: date) -> list[int]:
    day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
    answer, found = connection.uid("SEARCH", "UNDELETED", "SINCE", day)
    check(answer)
    return sorted(int(number) for line in found if line for number in line.split())


def whole(connection: imaplib.IMAP4, uid: int) -> bytes:
    """The mail, or the beginning of a very long one; b"" if it has gone meanwhile."""
    return next((raw for _, raw in fetched(connection, [uid], _WHOLE)), b"")


def fetched(connection: imaplib.IMAP4, uids: Sequence[int], what: str) -> Iterator[tuple[int, bytes]]:
    """Each mail's number, and the one part of it that was asked for."""
    for start in range(0, len(uids), AT_ONCE):
        answer, lines = connection.uid("FETCH", listed(uids[start : start + AT_ONCE]), what)
        check(answer)
        for place, line in enumerate(lines):
            if isinstance(line, tuple):
                after = lines[place + 1] if place + 1 < len(lines) else b""
                around = line[0] + (after if isinstance(after, bytes) else b"")
                if number := re.search(rb"\bUID (\d+)", around):
                    yield int(number[1]), line[1]


def move(connection: imaplib.IMAP4, uids: Sequence[int], folder: str) -> None:
    """To the subfolder, which is made if it isn't there; beside the folder where that can't have any."""
    connection.capabilities = tuple(connection.capability()[1][0].decode().upper().split())
    _, about = connection.list('""', '""')
    answer = about[0] if isinstance(about[0], bytes) else b""
    mark = re.search(rb'\) "(.)"', answer)
    names = [f"{folder}{mark[1].decode()}{SUBFOLDER}"] if mark else []
    for name in (*names, SUBFOLDER):
        connection.create(quoted(name))  # it is there already, or can't be: moving tells
        if moved(connection, listed(uids), quoted(name)):
            return
    raise MailboxError(f"reports can't be moved to {names[0] if names else SUBFOLDER}; make that folder")


def moved(connection: imaplib.IMAP4, uids: str, target: str) -> bool:
    """Without MOVE by copying; then only what was copied is expunged, or (without UIDPLUS) stays, marked as deleted."""
    if "MOVE" in connection.capabilities:
        return bool(connection.uid("MOVE", uids, target)[0] == "OK")
    if connection.uid("COPY", uids, target)[0] != "OK":
        return False
    check(connection.uid("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)")[0])
    if "UIDPLUS" in connection.capabilities:
        check(connection.uid("EXPUNGE", uids)[0])
    return True


def check(answer: str) -> None:
    if answer != "OK":
        raise MailboxError("the mailbox's server refused to search or to fetch")


def listed(uids: Iterable[int]) -> str:
    return ",".join(map(str, uids))


def quoted(name: str) -> str:
    """A name as IMAP4rev1 wants it: letters beyond ASCII in its own UTF-7 (RFC 3501, 5.1.3)."""
    written = re.sub(r"[^\x20-\x7e]+|&", _in_base64, name)
    return '"' + written.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _in_base64(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&-"
    return "&" + base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
