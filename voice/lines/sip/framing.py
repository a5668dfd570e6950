"""The messages between the process that holds the calls and who supervises it: frames over two pipes.

A frame is a call's number (four bytes; 0 is the process itself), a kind (one byte), the payload's length (four bytes)
and the payload, all little-endian. Numbers are never used twice, so that what comes late is about no other call;
those of calls to us begin at `INCOMING_FROM`, and the process gives them.
"""

import struct
from enum import IntEnum

HEADER = struct.Struct("<IBI")
COUNT = struct.Struct("<I")
LONGEST = 1 << 22  #: bytes of a payload; more means that the pipe carries something else
PROCESS = 0  #: the number of what concerns no call
INCOMING_FROM = 1 << 31


class Kind(IntEnum):
    """What a frame says; its payload after the colon."""

    # to the process
    CONFIGURE = 1  #: JSON of what `voice.lines.sip.exchange.configured` returns, the first frame
    DIAL = 2  #: JSON {"uri", "headers"}
    PLAY = 3  #: a count of prompts so far, then 8 kHz 16-bit mono PCM to be sent after what is queued
    CUT = 4  #: nothing: forget what is queued, and what waits to be sent
    HANG_UP = 5  #: nothing; also of a call that isn't answered yet
    PRESS = 6  #: one key, to be signalled to the far end
    ANSWER = 7  #: nothing: of a call that is `INCOMING`
    # from it
    READY = 11  #: nothing: calls can be made
    UNREGISTERED = 12  #: JSON {"text"}: the registrar refused us, or said nothing; it is tried again
    REGISTERED = 13  #: nothing
    ALIVE = 14  #: nothing, every second
    RINGING = 15  #: nothing: the exchange says that it rings, or lets us hear so
    ANSWERED = 16  #: nothing: and its audio is up
    AUDIO = 17  #: one frame of what came in
    PLAYED = 18  #: the count of the last prompt: all has been sent
    KEY = 19  #: the key, as signalled by RFC 4733 or SIP INFO
    CLOSED = 20  #: JSON of `voice.lines.sip.line.Closed`, without by_us: the call is over
    STATISTICS = 21  #: JSON of `voice.lines.sip.line.Statistics`, now and then, and before CLOSED
    TRACE = 22  #: a SIP message, after a line that tells which way it went; only where `traces` is configured
    INCOMING = 23  #: JSON of header values (`voice.lines.sip.incoming.caller_of`): the exchange has a call for us
    NOTED = 24  #: nothing: the exchange has responded to our call, if only that it tries


NO_AUDIO = "no_audio"  #: answered, but nothing was ever heard
GONE = "gone"  #: the far end fell silent, not even a packet came, in the middle of the call
UNSAFE = "unsafe"  #: an address that the stack must not be given


def packed(call: int, kind: Kind, payload: bytes = b"") -> bytes:
    return HEADER.pack(call, kind, len(payload)) + payload


def unpacked(header: bytes) -> tuple[int, Kind, int]:
    """Call, kind and the payload's length. Raises ValueError for what is no header."""
    call, kind, length = HEADER.unpack(header)
    if length > LONGEST:
        raise ValueError(f"a payload of {length} bytes")
    return call, Kind(kind), length
