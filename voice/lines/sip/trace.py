"""Where SIP messages come from: inside the process that holds the stack, read off its trace.

The stack's events don't say which address a call came from, and everything that they do say the caller has written.
Its trace says so, of every message: `RX UDP 192.0.2.1:5060 -> 192.0.2.9:5060` and then the message. The trace holds
numbers, so nothing of it is ever logged.
"""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address

_RECEIVED = re.compile(r"RX \w+ (?P<source>[\d.]+):\d+ -> [^\n]*\n(?P<message>.*)", re.DOTALL)
_CALL_ID = re.compile(r"^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_KEPT = 1000  #: calls of which it is known
_PATIENCE_SECONDS = 1.0  #: the trace takes another way than the events


class Trace(logging.Handler):
    """Of the logger `baresip.native.sip`, which writes from a thread of its own."""

    def __init__(self, report: Callable[[str], None]) -> None:
        """`report` is given each message after that line, whichever way it goes, where that is wanted."""
        super().__init__(logging.DEBUG)
        self._report = report
        self._passes_on = False
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Condition()
        self._sources: OrderedDict[str, set[IPv4Address]] = OrderedDict()  # by Call-ID
        self._waking = set[asyncio.Task[None]]()

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
        if found and found["message"].startswith("INVITE ") and (named := _CALL_ID.search(found["message"])):
            self._rang(named[1], IPv4Address(found["source"]))

    def _rang(self, call_id: str, source: IPv4Address) -> None:
        self._sources.setdefault(call_id, set()).add(source)
        while len(self._sources) > _KEPT:
            self._sources.popitem(last=False)
        task = self._loop.create_task(self._wake())
        self._waking.add(task)
        task.add_done_callback(self._waking.discard)

    async def _wake(self) -> None:
        async with self._came:
            self._came.notify_all()

    async def sources(self, call_id: str) -> frozenset[IPv4Address]:
        """Every address that has sent an INVITE of that call; empty where that can't be said."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS), self._came:
                await self._came.wait_for(lambda: call_id in self._sources)
        except TimeoutError:
            return frozenset()
        return frozenset(self._sources[call_id])
