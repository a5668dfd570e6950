"""Whom to call: SIP addresses, built by us from checked numbers and the exchange's resolved address.

The stack corrupts its memory when it is given an address that it can't use (an unknown scheme, a host that it can't
resolve). So nothing that anybody typed ever reaches it: only `sip:`, a number or plain name, and an IPv4 address.
"""

import asyncio
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

import phonenumbers

Transport = Literal["udp", "tcp", "tls"]

SAFE = re.compile(r"sip:(\+|\*)?[A-Za-z0-9._-]{1,64}@\d{1,3}(\.\d{1,3}){3}:\d{1,5}(;transport=(udp|tcp|tls))?")
_NUMBER_OR_OWN = re.compile(r"sip:(\+|\*)?\d{2,16}@(?P<domain>[A-Za-z0-9.-]{1,253})")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_OWN = re.compile(r"\*?\d{2,6}")
_EMERGENCY = re.compile(r"[09]{0,2}(112|911|999)")  #: also behind the digit for an outside line
_LOOPBACK = re.compile(
    r"sip:(?P<user>[A-Za-z0-9._+-]{1,64})@(?P<host>127(\.\d{1,3}){3}|localhost)(:(?P<port>\d{1,5}))?"
)
_DEFAULT_PORT = 5060


#: What customers have, at an ordinary price. Not premium rate, shared cost, pagers, satellites, unknown.
_ORDINARY = (
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.VOIP,
    phonenumbers.PhoneNumberType.UAN,  # a company's: 010 in Sweden
    phonenumbers.PhoneNumberType.TOLL_FREE,
)


class TargetError(ValueError):
    """That can't be called: what is wrong, and what would be right. Never holds a number."""


class NotAllowedError(TargetError):
    """A number that exists, and that we don't call: abroad, or at a price of its own."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where calls go through, resolved."""

    address: IPv4Address
    port: int
    transport: Transport = "udp"
    others: tuple[IPv4Address, ...] = ()  #: further addresses of the same name
    domain: str = ""  #: what stands after the @ of its numbers; "" is the address

    @property
    def addresses(self) -> tuple[IPv4Address, ...]:
        return (self.address, *self.others)

    def __str__(self) -> str:
        return f"{self.address}:{self.port};transport={self.transport}"

    def uri(self, who: str) -> str:
        return f"sip:{who}@{self.domain or self}"


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be dialled; made by `number`, `extension` and `on_this_machine` alone."""

    uri: str
    domain: str = ""  #: of the exchange, where the address names it

    def __post_init__(self) -> None:
        if not is_safe(self.uri, self.domain):
            raise TargetError("is no address that the SIP stack may be given")


def is_safe(uri: str, domain: str) -> bool:
    """May the stack be given this address? By name it may be given those at the exchange's `domain` alone.

    That name is never looked up, as all calls go through the exchange by its address.
    """
    named = _NUMBER_OR_OWN.fullmatch(uri)
    return bool(SAFE.fullmatch(uri)) or (named is not None and bool(domain) and named["domain"] == domain)


def number(e164: str, exchange: Exchange, countries: Collection[str]) -> Target:
    """A telephone number ("+46701740605", as intake stores them) behind the exchange. Raises TargetError.

    `countries`: those that may be called, as "SE". Whoever writes a number into a case spends our money on it.
    """
    found = _parsed(e164)
    if found is None:
        raise TargetError("is no telephone number in international form (+46…)")
    if phonenumbers.region_code_for_number(found) not in countries:
        raise NotAllowedError(f"is no number of {', '.join(countries)}: [sip] countries names those that are called")
    if phonenumbers.number_type(found) not in _ORDINARY:
        raise NotAllowedError("is a number at a price of its own (0900, 077 …): such are never called")
    return Target(exchange.uri(e164), exchange.domain)


def extension(code: str, exchange: Exchange) -> Target:
    """A short number of the exchange's own ("1001", "*43"), for trial calls by whoever looks after it alone.

    Raises TargetError: it is none, or emergency services answer there.
    """
    if not _OWN.fullmatch(code) or _EMERGENCY.fullmatch(code):
        raise TargetError("is no extension or service of the exchange's own (two to six digits, or * before them)")
    return Target(exchange.uri(code), exchange.domain)


def on_this_machine(address: str) -> Target:
    """`sip:user@127.0.0.1:5070`, for tests and trying out: never anything beyond this machine. Raises TargetError."""
    found = _LOOPBACK.fullmatch(address)
    port = int(found["port"] or _DEFAULT_PORT) if found else 0
    if found is None or not 0 < port < 65536:
        raise TargetError(f"{address!r}: write sip:NAME@127.0.0.1:PORT; only this machine is called by address")
    host = "127.0.0.1" if found["host"] == "localhost" else found["host"]
    try:
        return Target(f"sip:{found['user']}@{IPv4Address(host)}:{port}")
    except ValueError as error:
        raise TargetError(f"{address!r}: {host} is no address") from error


def _parsed(e164: str) -> phonenumbers.PhoneNumber | None:
    try:
        found = phonenumbers.parse(e164) if _E164.fullmatch(e164) else None
    except phonenumbers.NumberParseException:
        return None
    return found if found is not None and phonenumbers.is_valid_number(found) else None


async def resolved(host: str, port: int, transport: Transport, domain: str = "") -> Exchange:
    """The exchange by its name or address. Raises OSError where the name means nothing just now.

    Its numbers are at `domain`, or else at its name, where it has one.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_STREAM)
    first, *others = dict.fromkeys(IPv4Address(each[4][0]) for each in found)
    return Exchange(first, port, transport, tuple(others), domain or ("" if _is_address(host) else host))


def _is_address(host: str) -> bool:
    return host.replace(".", "").isdecimal()


def local_address(exchange: Exchange) -> IPv4Address:
    """Which of this machine's addresses the exchange is reached from. Raises OSError where there is no way to it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((str(exchange.address), exchange.port))  # sends nothing
        return IPv4Address(probe.getsockname()[0])
