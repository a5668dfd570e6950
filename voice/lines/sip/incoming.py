"""Calls to us: who calls, as the exchange says, and whether they are answered."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import phonenumbers

from models.calling import CallAttempt, CallOutcome
from voice.lines.sip.line import RemoteCall, SipLine
from workflow.ports import Clock

log = logging.getLogger(__name__)

_ADDRESS = re.compile(  # after a name, or alone (RFC 3261 §25.1)
    r'(?:(?:"(?:[^"\\]|\\.)*"\s*|[^"<>]*)<(?P<named>[^<>]*)>|(?P<alone>[^"<>]*)$)', re.DOTALL
)
_URI = re.compile(r"(?:sips?|tel):(?P<user>\+?[0-9().-]{3,40})(?P<more>$|[;@>?\s].*)", re.IGNORECASE | re.DOTALL)
_CONTEXT = re.compile(r";phone-context=(\+[0-9.()-]{1,15})", re.IGNORECASE)
_HIDDEN = frozenset(("id", "user", "full", "header", "session"))  # RFC 3323 §4.2, RFC 3325 §9.3
_ANSWER_SECONDS = 10.0  #: for a caller who has been answered to say so (ACK), and for the sound to come up


class IncomingCall:
    """Somebody rings. Whoever takes it answers or refuses it."""

    def __init__(self, call: RemoteCall, caller: str, clock: Clock, hang_up_seconds: float) -> None:
        self.caller = caller  #: E.164 ("+46…") as the exchange asserts it; "" where it is hidden or is no number
        self._call, self._clock, self._patience = call, clock, hang_up_seconds

    async def answer(self) -> SipLine | None:
        """A line that is up; None where they have hung up meanwhile."""
        attempt = CallAttempt(outcome=CallOutcome.ANSWERED, at=self._clock.now())
        self._call.answer()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._call.decided.wait(), _ANSWER_SECONDS)
        if self._call.answered and not self._call.closed.done():
            return SipLine(self._call, attempt, self._patience)
        await self._call.hang_up(self._patience)
        return None

    async def refuse(self) -> None:
        """They hear that we are busy; once answered, that we have hung up."""
        await self._call.hang_up(self._patience)


Answering = Callable[[IncomingCall], Awaitable[None]]


async def taken(call: IncomingCall, answering: Answering) -> None:
    """Let it be answered, and see to it that it ends."""
    try:
        await answering(call)
    except Exception:
        log.exception("an incoming call")
    finally:
        await call.refuse()


def caller_of(said: Mapping[str, str], region: str) -> str:
    """The caller's number in E.164, or "" where it is withheld or no number.

    `said`: the values of the headers "P-Asserted-Identity" (RFC 3325), "From" (or its URI alone) and "Privacy", of
    an exchange that we trust. Only the address counts, as names are the caller's to choose; and nobody asserts what
    From says where something else is asserted. Exchanges write numbers in many ways; one without a country is of
    `region` ("SE").
    """
    if _HIDDEN & {each.strip().lower() for each in said.get("Privacy", "").split(";")}:
        return ""
    asserted = said.get("P-Asserted-Identity")
    return _number(said.get("From", "") if asserted is None else asserted, region)


def _number(header: str, region: str) -> str:
    address = _ADDRESS.match(header.strip())
    found = _URI.match((address["named"] or address["alone"] or "").strip()) if address else None
    if found is None:
        return ""
    digits = re.sub(r"[().-]", "", found["user"])
    context = _CONTEXT.match(found["more"])
    spellings = [re.sub(r"[().-]", "", context[1]) + digits.lstrip("0")] if context and digits[:1] != "+" else []
    for spelling in (*spellings, digits):
        try:
            number = phonenumbers.parse(spelling, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ""
