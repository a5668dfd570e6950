"""The messages between a worker process and who supervises it: frames over two pipes.

A frame is a slot (one byte: which of the worker's recognisers), a kind (one byte), the payload's length (four bytes,
little-endian) and the payload. Each request has one reply, in the same slot, in the order of the requests.
"""

import struct
from enum import IntEnum

HEADER = struct.Struct("<BBI")
LONGEST = 1 << 22  #: bytes of a payload; more means that the pipe carries something else
WORKER = 255  #: the slot of what concerns the whole worker

UNKNOWN_WORDS = ("[unk]", "<unk>", "<UNK>")  #: how models name "some other word"; some have none


class Kind(IntEnum):
    """What a frame says; its payload after the colon."""

    # requests
    CONFIGURE = 1  #: the worker's configuration as JSON, the first frame
    START = 2  #: begin an utterance, forget an unfinished one: the name of an Expecting
    AUDIO = 3  #: 8 kHz, 16-bit mono PCM
    FINISH = 4  #: the utterance is over
    # replies
    READY = 11  #: model loaded, recognisers warm: JSON {"missing": [words that the model lacks]}
    STARTED = 12  #: nothing
    PARTIAL = 13  #: the words so far
    RESULT = 14  #: JSON {"words": [[word, confidence], …], "unexplained": seconds that are in no word}
    FAILED = 15  #: the request raised, the utterance is lost: the message


def packed(slot: int, kind: Kind, payload: bytes = b"") -> bytes:
    return HEADER.pack(slot, kind, len(payload)) + payload


def unpacked(header: bytes) -> tuple[int, Kind, int]:
    """Slot, kind and the payload's length. Raises ValueError for what is no header."""
    slot, kind, length = HEADER.unpack(header)
    if length > LONGEST:
        raise ValueError(f"a payload of {length} bytes")
    return slot, Kind(kind), length
