"""A line over SIP, as the supervisor sees it: what comes from the process that holds the call, 20 ms at a time."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from models.calling import CallAttempt
from voice.line import FRAME_SECONDS, SILENCE, Heard, LineTraits
from voice.lines import JITTER_FRAMES
from voice.lines.caller import frames_of
from voice.lines.sip.framing import COUNT, Kind
from voice.lines.sip.wording import presentable

Send = Callable[[Kind, bytes], None]

_KEPT_FRAMES = round(60 / FRAME_SECONDS)  #: of what came in while nobody listened; what is older is lost
_LATE_SECONDS = 3 * FRAME_SECONDS  #: after which a far end that sends nothing is taken to be silent
_PIECE = 1 << 20  #: bytes of audio in one message


@dataclass(frozen=True, slots=True)
class Closed:
    """How a call ended, or why it never began."""

    code: int = 0  #: SIP's final response to our call; 0: none
    text: str = ""  #: in the far end's words, `presentable`
    cause: str = ""  #: NO_AUDIO, GONE or UNSAFE (`voice.lines.sip.framing`), or LOST
    by_us: bool = False
    rang: bool = False  #: the exchange said so (180), or it was answered
    q850: int = 0  #: why the telephone network ended it, where that was told


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a call's RTP has come to so far, and its RTCP where the far end sends some: else those four are 0."""

    sent: int = 0  #: packets
    received: int = 0
    lost_there: int = 0  #: packets of ours, says the far end
    lost_here: int = 0
    jitter_ms: float = 0.0  #: of what comes in
    round_trip_ms: float = 0.0


LOST = "lost"  #: the process that held the call has ended


class RemoteCall:
    """A call in the other process, from dialling to its end. `take` is told what comes from there."""

    def __init__(self, send: Send) -> None:
        loop = asyncio.get_running_loop()
        self.ringing = False
        self.answered = False
        self.noted = asyncio.Event()  # the exchange has responded, or it is over
        self.decided = asyncio.Event()  # answered or closed
        self.closed: asyncio.Future[Closed] = loop.create_future()
        self.moved = asyncio.Event()  # set when there is something to listen to
        self.frames: deque[tuple[bytes, bool]] = deque(maxlen=_KEPT_FRAMES)  # each with whether we were playing then
        self.keys = ""
        self.signals_keys = False
        self.statistics = Statistics()
        self._send = send
        self._queued = self._played = 0  # counts of prompts
        self._ours = False  # it is we who hang up

    @property
    def playing(self) -> bool:
        return self._played < self._queued and not self.closed.done()

    def take(self, kind: Kind, payload: bytes) -> None:
        match kind:
            case Kind.NOTED:
                self.noted.set()
            case Kind.RINGING:
                self.ringing = True
                self.noted.set()
            case Kind.ANSWERED:
                self.answered = True
                self.noted.set()
                self.decided.set()
            case Kind.AUDIO:
                self.frames.append((payload, self.playing))
            case Kind.PLAYED:
                self._played = max(self._played, *COUNT.unpack(payload))
            case Kind.KEY:
                self.keys += payload.decode()
                self.signals_keys = True
            case Kind.STATISTICS:
                self.statistics = Statistics(**json.loads(payload))
            case Kind.CLOSED:
                said = json.loads(payload)
                self.close(Closed(**said | {"text": presentable(said["text"])}, by_us=self._ours))
            case _:
                raise ValueError(f"{kind.name} is no report about a call")
        self.moved.set()

    def close(self, how: Closed) -> None:
        if not self.closed.done():
            self.closed.set_result(how)
        self.noted.set()
        self.decided.set()
        self.moved.set()

    def play(self, audio: bytes) -> None:
        whole = b"".join(frames_of(audio))
        for at in range(0, len(whole), _PIECE):
            self._queued += 1
            self._send(Kind.PLAY, COUNT.pack(self._queued) + whole[at : at + _PIECE])

    def press(self, key: str) -> None:
        self._send(Kind.PRESS, key.encode())

    def cut(self) -> None:
        self._played = self._queued
        self._send(Kind.CUT, b"")

    def answer(self) -> None:
        """A call to us."""
        self._send(Kind.ANSWER, b"")

    async def hang_up(self, patience: float) -> Closed:
        """Wait for the end at most `patience` seconds: whoever doesn't answer our goodbye has heard it or is gone."""
        if not self.closed.done():
            self._ours = True
            self._send(Kind.HANG_UP, b"")
            await asyncio.wait({self.closed}, timeout=patience)
            self.close(Closed(by_us=True))
        return self.closed.result()


class SipLine:
    """A `voice.line.Line` over SIP; `voice.lines.sip.phone.SipPhone.dial` makes it."""

    def __init__(self, call: RemoteCall, attempt: CallAttempt, hang_up_seconds: float) -> None:
        self.attempt = attempt
        self._call, self._patience = call, hang_up_seconds
        self._over = False
        self._due = 0.0  #: while the far end sends nothing: when its next 20 ms of silence have passed

    @property
    def traits(self) -> LineTraits:
        """Whoever has signalled one key signals all. Before that they are listened for as sounds too."""
        return LineTraits(signals_keys=self._call.signals_keys, echo_free=True)

    @property
    def ended(self) -> Closed | None:
        """How the call ended; None while it is up."""
        return self._call.closed.result() if self._call.closed.done() else None

    @property
    def statistics(self) -> Statistics:
        """The latest; complete once the call has ended."""
        return self._call.statistics

    def press(self, key: str) -> None:
        """Signal a key, of 0123456789*#, to the far end (RFC 4733)."""
        if not self._over and self.ended is None:
            self._call.press(key)

    def play(self, audio: bytes) -> None:
        if not self._over and self.ended is None:
            self._call.play(audio)

    def cut(self) -> None:
        if self.ended is None:
            self._call.cut()

    async def listen(self) -> Heard:
        await asyncio.sleep(0)  # others have their turn, however much has to be caught up with
        call = self._call
        if not call.frames and not self._over and self.ended is None:
            await self._more()
        keys, call.keys = call.keys, ""
        if call.frames:
            self._due = 0.0
            frame, playing = call.frames.popleft()
            return Heard(frame, keys, playing, behind=len(call.frames) > JITTER_FRAMES)
        if self._over or self.ended is not None:
            return Heard(hung_up=True)
        return Heard(SILENCE, keys, call.playing)

    async def hang_up(self) -> None:
        self._over = True
        self._call.moved.set()
        self._call.frames.clear()
        await self._call.hang_up(self._patience)
        self._call.frames.clear()

    async def _more(self) -> None:
        """Wait for the next frame. Some phones send nothing while a key is pressed: then the clock goes on."""
        now = asyncio.get_running_loop().time()
        self._due = max(now, self._due + FRAME_SECONDS) if self._due else now + _LATE_SECONDS
        call = self._call
        while not call.frames and not self._over and self.ended is None:
            call.moved.clear()
            try:
                await asyncio.wait_for(call.moved.wait(), self._due - asyncio.get_running_loop().time())
            except TimeoutError:
                return
