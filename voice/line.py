"""A line: the two-way audio of one call, over SIP, a sound card or a recording.

Audio is 8 kHz, 16-bit signed little-endian, mono, in frames of 20 ms (320 bytes). The line owns the clock: every
`listen` is 20 ms of the call, in real time or (a recording) as fast as it can be read. Whoever counts `listen`s knows
the time of the call, so nothing above a line reads a clock.
"""

from dataclasses import dataclass
from typing import Protocol

RATE = 8000  #: samples a second
FRAME_SECONDS = 0.02
FRAME_BYTES = 320
SILENCE = bytes(FRAME_BYTES)


@dataclass(frozen=True, slots=True)
class Heard:
    """20 ms of a call."""

    frame: bytes = SILENCE  #: what came in: always FRAME_BYTES; silence where the far end sent nothing
    keys: str = ""  #: keys that were signalled since the last one, of 0123456789*#
    playing: bool = False  #: whether something of ours was being played
    hung_up: bool = False  #: the far end has gone: nothing more will come
    behind: bool = (
        False  #: nobody listened for a while, and the next 20 ms have come in already: this isn't the present
    )


@dataclass(frozen=True, slots=True)
class LineTraits:
    """What kind of line it is."""

    signals_keys: bool  #: all keys come as signals; otherwise they are listened for in the audio too (DTMF)
    echo_free: bool  #: our own prompts don't come back, so that speech may interrupt them (barge-in)


class Line(Protocol):
    """One call that is up. One owner: `listen` isn't called by two tasks at once."""

    @property
    def traits(self) -> LineTraits: ...

    def play(self, audio: bytes) -> None:
        """Queue whole frames after what is already queued. Sent at the pace of speech, never in a burst to catch up."""

    def cut(self) -> None:
        """Forget what is queued; silence within 60 ms."""

    async def listen(self) -> Heard:
        """The next 20 ms. What came in while nobody listened is kept and given at once, in order.

        Never raises: a line that breaks says `hung_up`. After `hung_up` every call says so again.
        """

    async def hang_up(self) -> None:
        """End the call and free what it held. May be called again, and after the far end hung up."""
