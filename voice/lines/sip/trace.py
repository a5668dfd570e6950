"""What SIP messages say that the stack's events don't: inside the process that holds the stack, read off its trace.

Which address a call comes from (all else the caller has written), whether a telephone rang (180; what else comes before
the answer may be an announcement), and why the telephone network refused a call (Q.850, in RFC 3326's `Reason`). Each
message is traced as `RX UDP 192.0.2.1:5060 -> 192.0.2.9:5060` and then itself. That holds numbers, so it is never
logged.
"""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address

_RECEIVED = re.compile(
    r"RX \w+ (?P<source>[\d.]+):\d+ -> [^\n]*\n"
    r"(?P<start>(?P<invite>INVITE )?(SIP/2\.0 (?P<status>\d{3}) )?[^\r\n]*)\r?\n(?P<headers>.*?)(\r?\n\r?\n|\Z)",
    re.DOTALL,
)
_CALL_ID = re.compile(r"^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_Q850 = re.compile(  # bounded, as anybody may send us a long line
    r"^Reason[ \t]*:[^\r\n]{0,200}?Q\.850[^,\r\n]{0,80}?;[ \t]{0,3}cause[ \t]{0,3}=[ \t]{0,3}(\d{1,3})", re.I | re.M
)
_OF_INVITE = re.compile(r"^CSeq[ \t]*:[ \t]*\d+[ \t]+INVITE", re.IGNORECASE | re.MULTILINE)
_KEPT = 1000  #: calls
_PATIENCE_SECONDS = 1.0  #: the trace takes another way than the events
_SHORTLY_SECONDS = 0.2  #: likewise, for what need not come


@dataclass(slots=True)
class Said:
    """What has come in about one call."""

    sources: set[IPv4Address] = field(default_factory=set)  #: that have sent an INVITE of it
    rang: bool = False
    responded: bool = False  #: the exchange, to an INVITE of ours
    answered: bool = False  #: whatever we could make of it
    refused: bool = False
    q850: int = 0  #: 0: none was told


class Trace(logging.Handler):
    """Of the logger `baresip.native.sip`, which writes from a thread of its own."""

    def __init__(self, report: Callable[[str], None]) -> None:
        """`report` is given each message after that line, whichever way it goes, where that is wanted."""
        super().__init__(logging.DEBUG)
        self._report = report
        self._passes_on = False
        self._loop = asyncio.get_running_loop()
        self._said: OrderedDict[str, Said] = OrderedDict()  # by Call-ID
        self._more = asyncio.Event()

    def listen(self, *, passing_on: bool) -> None:
        self._passes_on = passing_on
        logger = logging.getLogger("baresip.native.sip")
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._take, record.getMessage())

    def _take(self, text: str) -> None:
        if self._passes_on:
            self._report(text)
        found = _RECEIVED.match(text)
        named = _CALL_ID.search(found["headers"]) if found else None
        if found is None or named is None:
            return
        said = self._said.setdefault(named[1], Said())
        while len(self._said) > _KEPT:
            self._said.popitem(last=False)
        if found["invite"]:
            said.sources.add(IPv4Address(found["source"]))
        elif found["status"] and _OF_INVITE.search(found["headers"]):
            said.responded = True
            said.rang = said.rang or found["status"] == "180"
            said.answered = said.answered or found["status"].startswith("2")
            said.refused = found["status"] >= "300"
        if cause := _Q850.search(found["headers"]):
            said.q850 = int(cause[1])
        self._more.set()
        self._more = asyncio.Event()

    async def sources(self, call_id: str) -> frozenset[IPv4Address]:
        """Every address that has sent an INVITE of that call; empty where that can't be said."""
        return frozenset((await self._about(call_id, lambda said: bool(said.sources))).sources)

    async def refusal(self, call_id: str) -> Said:
        """Of a call of ours that a final response has ended."""
        return await self._about(call_id, lambda said: said.refused)

    async def end(self, call_id: str) -> Said:
        """Of a call of ours that came to nothing without a refusal."""
        return await self._about(call_id, lambda said: said.answered, patience=_SHORTLY_SECONDS)

    async def responds(self, call_id: str) -> None:
        """Returns when the exchange has responded to our call in any way, or after a minute."""
        await self._about(call_id, lambda said: said.responded, patience=60)

    def so_far(self, call_id: str) -> Said:
        return self._said.get(call_id) or Said()

    async def _about(self, call_id: str, is_there: Callable[[Said], bool], patience: float = _PATIENCE_SECONDS) -> Said:
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not is_there(self.so_far(call_id)):
                    await self._more.wait()
        return self.so_far(call_id)
