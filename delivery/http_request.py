"""One HTTP request to somebody else's system that may be slow, broken or hostile, and what its answer means for a row.

Redirects aren't followed, only a little of the answer is read, and no error repeats an address, a header or a body:
they hold phone numbers and secrets.
"""

import asyncio
import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from workflow.ports import DeliveryError, PermanentError, RetryableError

MOST_OF_ANSWER = 16_384  #: bytes of an answer that are read
LONGEST_WAIT = 86_400.0  #: seconds: a longer Retry-After is taken for a mistake
_AGENT = "Omdome"
_NO_TLS = "no trusted TLS connection to {who}; is its certificate signed by a known CA?"
#: 4xx that are for somebody to mend (login, money, address, method) or that pass: what waits is kept
_PASSING = frozenset({401, 402, 403, 404, 405, 407, 408, 421, 423, 425, 429})


class PerhapsDoneError(RetryableError):
    """It may have been done all the same: the answer didn't come, or says that they stumbled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    url: str = field(repr=False)  #: already percent-encoded
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout_seconds: float = 30.0  #: for all of it


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str = field(repr=False)  #: the first `MOST_OF_ANSWER` bytes, as text
    retry_after: float | None = None  #: seconds


async def ask(request: Request, who: str) -> Answer:
    """Make the request. `who` is named in errors ("the SMS gateway"). Raises RetryableError when no status came.

    An answer that breaks off after its status counts with that status: what was asked for has been done.
    """
    timeout = aiohttp.ClientTimeout(total=request.timeout_seconds)
    try:
        async with (
            aiohttp.ClientSession(
                timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
            ) as session,
            session.request(
                request.method,
                URL(request.url, encoded=True),
                headers={"User-Agent": _AGENT, "Accept-Encoding": "identity", **request.headers},
                data=request.body or None,
                allow_redirects=False,
            ) as response,
        ):
            body = await _beginning(response)
            return Answer(response.status, body, _retry_after(response.headers))
    except (aiohttp.ClientError, OSError, ValueError, TimeoutError) as error:
        raise _no_answer(error, who) from None  # its own words, and its cause's, hold the address


async def reach(url: str, who: str, timeout_seconds: float) -> None:
    """Connect, encrypted where `url` says so, and hang up without a word. Raises RetryableError: what is wrong."""
    parts = urlsplit(url)
    encrypted = parts.scheme == "https"
    try:
        async with asyncio.timeout(timeout_seconds):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or (443 if encrypted else 80), ssl=encrypted or None
            )
            writer.transport.abort()  # a TLS farewell may take half a minute
    except ssl.SSLError:
        raise RetryableError(_NO_TLS.format(who=who)) from None
    except TimeoutError:
        raise RetryableError(f"{who} didn't answer in time") from None
    except OSError:
        raise RetryableError(f"no connection to {who}") from None


async def _beginning(response: aiohttp.ClientResponse) -> str:
    read = bytearray()
    try:
        while len(read) < MOST_OF_ANSWER and (piece := await response.content.read(MOST_OF_ANSWER - len(read))):
            read += piece
    except (aiohttp.ClientError, OSError, TimeoutError):
        pass
    return read.decode("utf-8", errors="replace")


def _no_answer(error: Exception, who: str) -> DeliveryError:
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError() | aiohttp.ClientSSLError():
            return RetryableError(_NO_TLS.format(who=who))
        case TimeoutError():
            return PerhapsDoneError(f"{who} didn't answer in time")
        case aiohttp.ClientConnectorError():
            return RetryableError(f"no connection to {who}")
        case aiohttp.ServerDisconnectedError():
            return PerhapsDoneError(f"{who} hung up")
    return PerhapsDoneError(f"{who} can't be talked to ({type(error).__name__})")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from either form of the header (RFC 9110 section 10.2.3); a time is measured by their own clock."""
    value = headers.get("Retry-After", "")
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT)
    try:
        wait = (parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(wait, 0.0), LONGEST_WAIT)


def failure(answer: Answer, who: str) -> DeliveryError | None:
    """What the status means: None for 2xx; what is for somebody to mend waits; other 4xx are for good."""
    status = answer.status
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return RetryableError(f"{who} answered {status}: it has moved; correct its url, redirects aren't followed")
    if 400 <= status < 500 and status not in _PASSING:
        return PermanentError(f"{who} refused it for good ({status})")
    kind = PerhapsDoneError if status >= 500 and status != 503 else RetryableError
    return kind(f"{who} answered {status}", answer.retry_after)


def address_fault(url: str) -> str:
    """What is wrong with an address that secrets or personal data go to; "" if nothing. Doesn't repeat it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is no web address"
    if parts.scheme not in ("https", "http") or not host:
        return "is no web address; write it whole, starting with https://"
    if parts.username or parts.password:
        return "holds a login; that belongs in the environment, not in this file"
    if parts.scheme == "http" and not _is_loopback(host):
        return "would go unencrypted; write https:// (http:// is for this machine only)"
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
