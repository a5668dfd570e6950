"""The process that holds the SIP stack: `python -m voice.lines.sip.worker`, spoken to over standard input and output.

It ends when its input does, after it has hung up: it leaves no calls and no orphans. Calls to us are told of where they
come from the exchange itself, and else refused as busy; a transfer is refused, and no address but a safe one is ever
given to the stack.
"""

import asyncio
import contextlib
import json
import logging
import os
import sys
from ipaddress import IPv4Network
from itertools import count
from typing import Any

from baresip import (
    BaresipError,
    Event,
    RegistrationError,
    Runtime,
    StackEvent,
    UserAgent,
)

from voice.lines.sip.framing import HEADER, INCOMING_FROM, NO_AUDIO, PROCESS, UNSAFE, Kind, packed, unpacked
from voice.lines.sip.targets import is_safe
from voice.lines.sip.trace import Trace
from voice.lines.sip.worker_account import account_of, config_of
from voice.lines.sip.worker_call import WorkerCall

_REGISTER_AGAIN_SECONDS = 20.0
_GOODBYE_SECONDS = 2.0  #: for far ends to hear that we are gone
_MOST_UNSENT = 1 << 20  #: bytes that nobody reads: beyond that audio is left out


class Reports:
    """What goes to the supervisor, who may be slow."""

    def __init__(self, pipe: asyncio.WriteTransport) -> None:
        self._pipe = pipe

    def send(self, call: int, kind: Kind, payload: bytes = b"") -> None:
        if kind is Kind.AUDIO and self._pipe.get_write_buffer_size() > _MOST_UNSENT:
            return
        self._pipe.write(packed(call, kind, payload))


class Worker:
    def __init__(self, requests: asyncio.StreamReader, reports: Reports) -> None:
        self._requests, self._reports = requests, reports
        self._runtime = Runtime(native_log_level="error")
        self._agent: UserAgent | None = None
        self._calls: dict[int, WorkerCall] = {}  # by our number
        self._by_handle: dict[int, WorkerCall] = {}  # by the stack's
        self._early: dict[int, list[StackEvent]] = {}  # of calls whose `dial` hasn't returned yet
        self._trace = Trace(lambda text: reports.send(PROCESS, Kind.TRACE, text.encode()))
        self._take_calls_from = list[IPv4Network]()
        self._numbers_at = ""
        self._incoming = count(INCOMING_FROM)
        self._dialling = 0
        self._given_up = set[int]()  # calls that are to end as soon as they have begun
        self._tasks = set[asyncio.Task[None]]()

    async def run(self) -> None:
        """Until the requests end."""
        try:
            while message := await self._next():
                await self._do(*message)
        finally:
            await self._leave()

    async def _next(self) -> tuple[int, Kind, bytes] | None:
        try:
            call, kind, length = unpacked(await self._requests.readexactly(HEADER.size))
            return call, kind, await self._requests.readexactly(length)
        except asyncio.IncompleteReadError:
            return None

    async def _do(self, number: int, kind: Kind, payload: bytes) -> None:
        if kind is Kind.CONFIGURE:
            await self._start(json.loads(payload))
        elif kind is Kind.DIAL:
            wanted = json.loads(payload)
            self._begin(self._dial(number, wanted["uri"], wanted["headers"]))
        elif call := self._calls.get(number):
            match kind:
                case Kind.PLAY:
                    call.play(payload)
                case Kind.CUT:
                    call.cut()
                case Kind.ANSWER:
                    call.answer()
                case Kind.PRESS:
                    call.press(payload.decode())
                case Kind.HANG_UP:
                    call.hang_up()
        elif kind is Kind.HANG_UP and self._dialling:
            self._given_up.add(number)

    async def _start(self, wanted: dict[str, Any]) -> None:
        self._take_calls_from = [IPv4Network(each) for each in wanted["take_calls_from"]]
        self._numbers_at = wanted["numbers_at"]
        self._trace.listen(passing_on=wanted["traces"])
        self._runtime.subscribe(self._happened)
        await self._runtime.start(config_of(wanted))
        self._agent = await UserAgent.create(self._runtime, account_of(wanted), transfer_policy="reject")
        self._agent.on_incoming(self._rung)
        self._begin(self._tell_alive())
        if wanted["registers"]:
            self._begin(self._register(self._agent))
        self._reports.send(PROCESS, Kind.READY)

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_alive(self) -> None:
        while True:
            self._reports.send(PROCESS, Kind.ALIVE)
            await asyncio.sleep(1)

    async def _register(self, agent: UserAgent) -> None:
        """The first time; after that the stack does so of its own accord."""
        while True:
            try:
                await agent.register()
            except RegistrationError as error:
                if error.status is None:  # no answer is no event
                    self._unregistered(error.reason or str(error))
                await asyncio.sleep(_REGISTER_AGAIN_SECONDS)
            else:
                return

    def _unregistered(self, why: str) -> None:
        self._reports.send(PROCESS, Kind.UNREGISTERED, json.dumps({"text": why}).encode())

    def _rung(self, native: Any) -> None:
        number = next(self._incoming)
        call = self._adopt(number, native, rings_here=True)
        self._begin(self._admit(number, call, native))

    async def _admit(self, number: int, call: WorkerCall, native: Any) -> None:
        """Anybody else could claim any number."""
        sources = await self._trace.sources(native.call_id or "")
        if not sources or not all(any(source in each for each in self._take_calls_from) for source in sources):
            call.hang_up()
        elif not call.closed:
            self._reports.send(
                number, Kind.INCOMING, json.dumps({**native.headers, "From": native.peer or ""}).encode()
            )

    def _happened(self, event: StackEvent) -> None:
        """An event may come before `dial` has returned the call that it is about."""
        if event.event is Event.REGISTER_OK:
            self._reports.send(PROCESS, Kind.REGISTERED)
        elif event.event is Event.REGISTER_FAIL:
            self._unregistered(event.text or "")
        elif call := self._by_handle.get(event.call):
            call.happened(event)
            if call.closed:
                del self._by_handle[event.call]
        elif event.call and self._dialling:
            self._early.setdefault(event.call, []).append(event)

    def _adopt(self, number: int, native: Any, *, rings_here: bool = False) -> WorkerCall:
        def report(kind: Kind, payload: bytes) -> None:
            if kind is Kind.CLOSED:
                self._begin(self._tell_closed(number, json.loads(payload)))
            else:
                self._reports.send(number, kind, payload)

        call = self._calls[number] = self._by_handle[native.handle] = WorkerCall(native, report, rings_here=rings_here)
        return call

    async def _note(self, number: int, call: WorkerCall) -> None:
        await self._trace.responds(call.call_id)
        if not call.closed and self._trace.so_far(call.call_id).responded:
            self._reports.send(number, Kind.NOTED)

    async def _tell_closed(self, number: int, how: dict[str, Any]) -> None:
        call = self._calls[number]
        if how["code"] >= 300:
            said = await self._trace.refusal(call.call_id)
        elif call.carried or call.left:
            said = self._trace.so_far(call.call_id)
        else:
            said = await self._trace.end(call.call_id)
            if said.answered:  # with a session that can't be used, or they hung up at once
                how["cause"] = how["cause"] or NO_AUDIO
        self._calls.pop(number, None)
        how |= {"rang": said.rang or said.answered, "q850": said.q850}
        self._reports.send(number, Kind.CLOSED, json.dumps(how).encode())

    def _failed(self, number: int, text: str, cause: str) -> None:
        self._reports.send(number, Kind.CLOSED, json.dumps({"code": 0, "text": text, "cause": cause}).encode())

    async def _dial(self, number: int, uri: str, headers: dict[str, str]) -> None:
        if self._agent is None or not is_safe(uri, self._numbers_at):
            self._failed(number, "", UNSAFE)
            return
        self._dialling += 1
        try:
            native = await self._agent.dial(uri, headers)
            call = self._adopt(number, native)
            for event in self._early.pop(native.handle, ()):
                self._happened(event)
        except BaresipError as error:
            self._failed(number, str(error), "")
            return
        finally:
            self._dialling -= 1
            if not self._dialling:
                self._early.clear()
        self._begin(self._note(number, call))
        if number in self._given_up and not call.closed:
            call.hang_up()
        self._given_up.discard(number)

    async def _leave(self) -> None:
        for call in list(self._calls.values()):
            call.hang_up()
        until = asyncio.get_running_loop().time() + _GOODBYE_SECONDS
        while self._calls and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - no event for all of them
            await asyncio.sleep(0.02)
        with contextlib.suppress(BaresipError):
            await asyncio.wait_for(self._runtime.close(), _GOODBYE_SECONDS)


async def main() -> None:
    loop = asyncio.get_running_loop()
    ours = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the stack prints must not come among the reports
    requests = asyncio.StreamReader(limit=1 << 23)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), sys.stdin)
    pipe, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, ours)
    await Worker(requests, Reports(pipe)).run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    logging.getLogger("baresip").setLevel(logging.CRITICAL)  # below that it names whom we call
    with contextlib.suppress(KeyboardInterrupt, TimeoutError):
        asyncio.run(main())
    os._exit(0)  # the stack's threads may be anywhere
