"""A network that loses, delays and reorders what is said: between our phone and any far end on this machine.

Signalling passes undisturbed, except that both sides are told ports of the relay's: for the sound, and for what they
ask of each other within the call.
"""

import asyncio
import random
import re
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import cast

_AUDIO = re.compile(rb"m=audio (\d+) ")
_CONTACT = re.compile(rb"(?im)^(Contact: *<sip:[^>\r]*?127\.0\.0\.1):\d+")
_LENGTH = re.compile(rb"(?im)^(Content-Length|l):[ \t]*\d+")

Address = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What happens to each packet of sound; shares are 0..1. Seeded, so that a run can be repeated."""

    loss: float = 0.0
    jitter_seconds: float = 0.0  #: each is late by up to so much; so they overtake each other
    doubled: float = 0.0
    seed: int = 7


@dataclass
class LossyRelay:
    """Runs in a thread of its own while it is entered. `address` is called in the far end's place."""

    far: str  #: sip:user@127.0.0.1:port
    network: Network = field(default_factory=Network)
    passed: int = 0
    lost: int = 0
    _port: int = 0
    _streams: list["_Stream"] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{self.far.rpartition(':')[0]}:{self._port}"

    def __enter__(self) -> "LossyRelay":
        self._loop, ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self, ready: threading.Event) -> None:
        loop = self._loop
        self._chance = random.Random(self.network.seed)
        far = ("127.0.0.1", int(self.far.rpartition(":")[2]))
        signalling = _Signalling(self, far)
        loop.run_until_complete(_bound(loop, signalling))
        self._port = signalling.port
        loop.call_soon(ready.set)
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        for each in (signalling, *signalling.towards_far.values(), *self._streams):
            each.transport.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    def carry(self, send: Callable[[], None]) -> None:
        """One packet of sound, or none, or two; now or later."""
        network, chance = self.network, self._chance
        if chance.random() < network.loss:
            self.lost += 1
            return
        self.passed += 1
        for _ in range(2 if chance.random() < network.doubled else 1):
            late = chance.random() * network.jitter_seconds
            self._loop.call_later(late, send) if late else send()

    async def told_our_ports(self, message: bytes, speaker: str, answers_at: int) -> bytes:
        """The message, with ports of ours where `speaker` wants to hear the sound, and to be asked things."""
        message = _CONTACT.sub(rb"\1:%d" % answers_at, message)
        if not (found := _AUDIO.search(message)) or found[1] == b"0":
            return message
        theirs = (speaker, int(found[1]))
        stream = next((each for each in self._streams if each.wanted_at == theirs), None)
        if stream is None:
            stream = _Stream(self, theirs)
            await _bound(self._loop, stream)
            self._streams.append(stream)
        head, gap, body = message.partition(b"\r\n\r\n")
        body = _AUDIO.sub(b"m=audio %d " % stream.port, body)
        return _LENGTH.sub(rb"\1: %d" % len(body), head) + gap + body

    def sounds_from(self, source: Address) -> "_Stream | None":
        """The stream whose port sound from there has to come from: the one of those who listen there."""
        return next((each for each in self._streams if each.wanted_at == source), None)


class _Datagrams(asyncio.DatagramProtocol):
    port = 0
    transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]


class _Stream(_Datagrams):
    """The port where sound arrives that somebody wants at `wanted_at`; symmetric, as RTP is."""

    def __init__(self, relay: LossyRelay, wanted_at: Address) -> None:
        self._relay, self.wanted_at = relay, wanted_at

    def datagram_received(self, packet: bytes, source: Address) -> None:
        speaks = self._relay.sounds_from(source) or self
        self._relay.carry(lambda: speaks.transport.sendto(packet, self.wanted_at))


class _Signalling(_Datagrams):
    """Takes what callers send, and hands it on from a port of its own for each of them."""

    def __init__(self, relay: LossyRelay, far: Address) -> None:
        self.relay, self.far = relay, far
        self.towards_far: dict[Address, _Answers] = {}
        self._turns = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def datagram_received(self, packet: bytes, source: Address) -> None:
        self.begin(self._forward(packet, source))

    def begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _forward(self, packet: bytes, source: Address) -> None:
        async with self._turns:  # in their order
            if source not in self.towards_far:
                self.towards_far[source] = answers = _Answers(self, source)
                await _bound(asyncio.get_running_loop(), answers)
            there = self.towards_far[source]
            there.transport.sendto(await self.relay.told_our_ports(packet, source[0], there.port), self.far)

    async def back(self, packet: bytes, source: Address, caller: Address) -> None:
        async with self._turns:
            self.transport.sendto(await self.relay.told_our_ports(packet, source[0], self.port), caller)


class _Answers(_Datagrams):
    """Where the far end's messages to one caller arrive."""

    def __init__(self, signalling: _Signalling, caller: Address) -> None:
        self._signalling, self._caller = signalling, caller

    def datagram_received(self, packet: bytes, source: Address) -> None:
        self._signalling.begin(self._signalling.back(packet, source, self._caller))


async def _bound(loop: asyncio.AbstractEventLoop, protocol: _Datagrams) -> None:
    await loop.create_datagram_endpoint(lambda: protocol, local_addr=("127.0.0.1", 0))
