"""A called party that says whatever it is told to, byte by byte: for what no program of others' would send."""

import asyncio
import re
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import cast

_MEDIA = re.compile(rb"m=audio (\d+) ")
SILENCE = b"\xd5" * 160  #: 20 ms of it in A-law

Reply = Callable[["Request", "RawPhone"], Sequence[bytes]]


class Request:
    """What was asked of us."""

    def __init__(self, message: bytes) -> None:
        self.method = message.partition(b" ")[0].decode("ascii", "replace")
        found = _MEDIA.search(message)
        self.sound_port = int(found[1]) if found else 0
        lines = message.partition(b"\r\n\r\n")[0].split(b"\r\n")
        names = (b"via:", b"from:", b"to:", b"call-id:", b"cseq:")
        self.headers = [line for line in lines[1:] if line.lower().startswith(names)]

    def answered(self, status: bytes, body: bytes = b"", *, tag: bytes = b"raw", more: Sequence[bytes] = ()) -> bytes:
        """A response as it ought to be, but for what is given."""
        headers = [line + b";tag=" + tag if line.lower().startswith(b"to:") else line for line in self.headers]
        kind = [b"Content-Type: application/sdp"] if body else []
        end = [b"Content-Length: %d" % len(body)]
        return b"\r\n".join([status, *headers, *more, *kind, *end, b"", body])


class RawPhone(asyncio.DatagramProtocol):
    """Answers a `method` with what `reply` gives, once, and every other request with 200."""

    def __init__(self, reply: Reply, method: str) -> None:
        self.methods: list[str] = []
        self.port = 0
        self.sound_port = 0  #: of the other side, once it has called
        self.sound: asyncio.DatagramTransport | None = None
        self._reply, self._method = reply, method

    @property
    def address(self) -> str:
        return f"sip:raw@127.0.0.1:{self.port}"

    @property
    def contact(self) -> bytes:
        return b"Contact: <sip:raw@127.0.0.1:%d>" % self.port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, message: bytes, source: tuple[str, int]) -> None:
        request = Request(message)
        self.methods.append(request.method)
        if request.method == self._method:
            if self.methods.count(self._method) > 1:
                return  # said again
            self.sound_port = request.sound_port
            for each in self._reply(request, self):
                self._transport.sendto(each, source)
        elif request.method != "ACK":
            self._transport.sendto(request.answered(b"SIP/2.0 200 OK"), source)

    def described(self) -> bytes:
        """Our sound, in A-law."""
        assert self.sound is not None
        port = self.sound.get_extra_info("sockname")[1]
        lines = ("v=0", "o=raw 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0")
        media = (f"m=audio {port} RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000")
        return "\r\n".join((*lines, *media, "")).encode()

    def say(self, packet: bytes, *, control: bool = False) -> None:
        """A packet of sound, or to the port next to it."""
        assert self.sound is not None
        self.sound.sendto(packet, ("127.0.0.1", self.sound_port + control))


def answers(request: Request, phone: RawPhone) -> Sequence[bytes]:
    return [request.answered(b"SIP/2.0 200 OK", phone.described(), more=[phone.contact])]


def rtp(number: int, payload: bytes = SILENCE, *, kind: int = 8, stamp: int | None = None, first: int = 0x80) -> bytes:
    """One packet; `first` holds version, padding, extension and the count of sources (RFC 3550)."""
    stamp = number * 160 if stamp is None else stamp
    return struct.pack("!BBHII", first, kind, number & 0xFFFF, stamp & 0xFFFFFFFF, 0x5AD) + payload


@asynccontextmanager
async def raw_phone(reply: Reply, method: str = "INVITE") -> AsyncIterator[RawPhone]:
    """One at a free port of this machine."""
    loop = asyncio.get_running_loop()
    phone = RawPhone(reply, method)
    signalling, _ = await loop.create_datagram_endpoint(lambda: phone, local_addr=("127.0.0.1", 0))
    sound, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    phone.sound = sound
    try:
        yield phone
    finally:
        signalling.close()
        sound.close()
