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
from functools import lru_cache
from ipaddress import IPv4Address

_RECEIVED = re.compile(
    r"RX \w+ (?P<source>[\d.]+):\d+ -> [^\n]*\n[\r\n]*"
    r"(?P<start>(?P<invite>INVITE )?(SIP/2\.0 (?P<status>\d{3}) )?[^\n]*)\n(?P<headers>.*?)(\n\r*\n|\Z)",
    re.DOTALL,
)
_NEXT_HEADER = re.compile(r"\n(?!\r*[ \t])")  #: a line that begins with a space goes on with the one before
_HEADER_NAME = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_VISIBLE = re.compile(r"[!-~]+")
_TAG = re.compile(r";\s*tag\s*=", re.IGNORECASE)
#: the cause in a `Reason`'s value (RFC 3326); bounded, as anybody may send us a long line
Q850_CAUSE = r"[^\r\n]{0,200}?Q\.850[^,\r\n]{0,80}?;[ \t]{0,3}cause[ \t]{0,3}=[ \t]{0,3}(\d{1,3})"
_Q850 = re.compile(rf"^Reason[ \t]*:{Q850_CAUSE}", re.IGNORECASE | re.MULTILINE)
_OF_INVITE = re.compile(r"^CSeq[ \t]*:[ \t]*\d+[ \t]+INVITE", re.IGNORECASE | re.MULTILINE)
_LONGEST_NAME = 60  #: of a header
_LAST = 10  #: the stack goes by the last where a header is there again
_WORD = 0xFFFFFFFF
_KEPT = 1000  #: calls
_PATIENCE_SECONDS = 1.0  #: the trace takes another way than the events
_SOURCE_SECONDS = 5.0  #: likewise, for a caller who hears busy else


@dataclass(slots=True)
class Said:
    """What has come in about one call."""

    sources: set[IPv4Address] = field(default_factory=set)  #: that have sent an INVITE which begins it
    unsure: bool = False  #: an INVITE may have been of this call or not, or wasn't its first
    judged: bool = False  #: its sources have been asked for
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
        if found is None:
            return
        headers = _headers(found["headers"])
        ids, sure = _call_ids(headers)
        if found["invite"]:
            begins = not any(_TAG.search(value) for name, value in headers if _may_be(name, "to", "t"))
            for each in ids:
                self._rung(self._about_it(each), IPv4Address(found["source"]) if sure and begins else None)
        elif sure:
            self._noted(self._about_it(ids[0]), found)
        self._more.set()
        self._more = asyncio.Event()

    def _about_it(self, call_id: str) -> Said:
        said = self._said.setdefault(call_id, Said())
        while len(self._said) > _KEPT:
            self._said.popitem(last=False)
        return said

    @staticmethod
    def _rung(said: Said, source: IPv4Address | None) -> None:
        """What is said again after the judgement, as over UDP, must not stand for another call of that name."""
        if said.judged:
            return
        if source is None:
            said.unsure = True
        else:
            said.sources.add(source)

    @staticmethod
    def _noted(said: Said, found: re.Match[str]) -> None:
        if found["status"] and _OF_INVITE.search(found["headers"]):
            said.responded = True
            said.rang = said.rang or found["status"] == "180"
            said.answered = said.answered or found["status"].startswith("2")
            said.refused = found["status"] >= "300"
        if cause := _Q850.search(found["headers"]):
            said.q850 = int(cause[1])

    async def sources(self, call_id: str) -> frozenset[IPv4Address]:
        """Every address that has sent an INVITE which begins that call; empty where that can't be said.

        To be asked once for each call that comes in. After that no call of the same name is known: whoever has been
        called through the exchange knows its name, and could use it to come past the exchange.
        """
        await self._about(call_id, lambda said: bool(said.sources) or said.unsure or said.judged, _SOURCE_SECONDS)
        said = self._about_it(call_id)
        found = frozenset[IPv4Address]() if said.unsure or said.judged else frozenset(said.sources)
        said.judged = True
        return found

    async def refusal(self, call_id: str) -> Said:
        """Of a call of ours that a final response has ended."""
        return await self._about(call_id, lambda said: said.refused)

    async def end(self, call_id: str) -> Said:
        """Of a call of ours that came to nothing without a refusal."""
        return await self._about(call_id, lambda said: said.answered)

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


def _headers(text: str) -> list[tuple[str, str]]:
    found = (line.partition(":") for line in _NEXT_HEADER.split(text))
    return [(name.strip(), value.strip()) for name, _, value in found]


def _call_ids(headers: list[tuple[str, str]]) -> tuple[list[str], bool]:
    """What the stack may take for the Call-ID, and whether there is just the one that anybody would."""
    found = [value for name, value in headers if _may_be(name, "call-id", "i")]
    if len(found) == 1 and _VISIBLE.fullmatch(found[0]):
        return found, True
    return [each for value in found[-_LAST:] for each in {value, value.partition("\0")[0]}], False


def _may_be(name: str, whole: str, short: str) -> bool:
    """Whether the stack takes a header for that one: it goes by twelve bits of a hash of the name."""
    if len(name) > _LONGEST_NAME or not _HEADER_NAME.fullmatch(name):
        return True
    name = name.lower()
    return name == short or (len(name) > 1 and not name.startswith("x-") and _hash(name) == _hash(whole))


@lru_cache
def _hash(name: str) -> int:
    """Bob Jenkins' "one at a time", of which the stack keeps that much."""
    result = 0
    for each in name.encode():
        result = (result + each) * 1025 & _WORD
        result ^= result >> 6
    result = result * 9 & _WORD
    return (result ^ result >> 11) * 32769 & 0xFFF
