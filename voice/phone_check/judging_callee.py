"""Whom nobody is put through to, whatever works: emergency services, numbers with a price, other countries. Pure."""

import re
from collections.abc import Collection
from ipaddress import IPv4Address

import phonenumbers

from voice.lines.sip.targets import Exchange, NotAllowedError, TargetError, extension, number
from voice.phone_check.findings import Finding, Step, wrong

ANYWHERE = Exchange(IPv4Address("127.0.0.1"), 5060)  #: to see whether something could be called; nothing is sent there
_SHORT = re.compile(r"\d{2,6}")


def of_callee(callee: str, typed: str, countries: Collection[str]) -> Finding | None:
    """DIAL, for what is never dialled; None for all else.

    `callee` as it would be dialled ("+46…", "1001"), `typed` as people know it; `countries` may be called, as "SE".
    """
    if _SHORT.fullmatch(callee):
        try:
            extension(callee, ANYWHERE)
        except TargetError:  # short enough for an extension, so it is the other thing that is refused
            return wrong(Step.DIAL, "emergency", callee=typed)
    if callee.startswith("+"):
        try:
            number(callee, ANYWHERE, countries)
        except NotAllowedError:
            abroad = phonenumbers.region_code_for_number(phonenumbers.parse(callee)) not in countries
            key = "country" if abroad else "premium"
            return wrong(Step.DIAL, key, callee=typed, countries=", ".join(countries))
    return None
