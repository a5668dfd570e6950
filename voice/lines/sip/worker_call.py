"""One call, inside the process that holds the stack: its audio carried over, its end told once."""

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from baresip import AudioNotActive, AudioRestarted, BaresipError, Event, StaleHandleError

from voice.line import FRAME_BYTES, FRAME_SECONDS
from voice.lines.sip.framing import COUNT, GONE, NO_AUDIO, Kind

Report = Callable[[Kind, bytes], None]

_AHEAD = 50 * FRAME_BYTES  #: what the stack is given before it is due: a busy interpreter starves its playback else
_LOOK_SECONDS = 0.01  #: how often audio is fetched and given
_ACK_SECONDS = 4.0  #: for who calls us to say that they have heard our answer, which is said four times by then
_AUDIO_SECONDS = 2.0  #: that a call may be answered without its audio
_FLUSH_SECONDS = 2 * FRAME_SECONDS  #: the stack forgets at its next frame; what it is given before is forgotten too
_REASON = re.compile(r",\s*[A-Za-z0-9.]+\s*;\s*cause=.*", re.DOTALL)  #: a header that the stack adds to what was said
_DEAD = "rtp stream error"  #: no packet came for as long as we wait
_KEYS = frozenset("0123456789*#")


class WorkerCall:
    """A call, dialled or `rings_here`. `report` sends what happens."""

    def __init__(self, call: Any, report: Report, *, rings_here: bool = False) -> None:
        self.closed = False
        self.carried = False  #: its sound has been up
        self.left = False  #: we have hung up
        self.call_id = ""  #: SIP's, as soon as it is known
        self._rings_here = rings_here  # and isn't answered yet
        self._call, self._report = call, report
        self._queue: deque[tuple[int, bytes]] = deque()
        self._told = self._last = 0  # counts of prompts
        self._not_before = 0.0
        self._rest = b""
        self._cause = ""
        self._heard = False  # anything
        self._carrying: asyncio.Task[None] | None = None
        self._tasks = set[asyncio.Task[None]]()

    def happened(self, event: Any) -> None:
        """An event of the stack's, about this call."""
        self.call_id = event.call_id or self.call_id
        match event.event:
            case Event.CALL_RINGING | Event.CALL_PROGRESS:
                self._report(Kind.RINGING, b"")
            case Event.CALL_ESTABLISHED if self._carrying is None:
                self._carrying = asyncio.create_task(self._carry())
            case Event.CALL_DTMF_START if event.text and event.text in _KEYS:  # its end comes 200 ms later
                self._report(Kind.KEY, event.text.encode())
            case Event.CALL_RTCP:
                self._measured(event.stats)
            case Event.CALL_CLOSED:
                self._measured(event.stats)
                self.close(event.text or "")

    def close(self, text: str) -> None:
        """It is over, says the stack."""
        if self.closed:
            return
        self.closed = True
        if self._carrying:
            self._fetch()
        text = _REASON.sub("", text)
        code = int(text[:3]) if text[:3].isdecimal() else 0
        if text == _DEAD:
            self._cause = GONE if self._heard else NO_AUDIO
        said = {"code": code, "text": text[3:].strip() if code else text, "cause": self._cause}
        self._report(Kind.CLOSED, json.dumps(said).encode())

    def play(self, payload: bytes) -> None:
        (self._last,) = COUNT.unpack_from(payload)
        self._queue.append((self._last, payload[COUNT.size :]))

    def cut(self) -> None:
        self._queue.clear()
        self._told = self._last
        self._not_before = asyncio.get_running_loop().time() + _FLUSH_SECONDS
        with suppress(BaresipError):
            self._call.audio.flush_tx()

    def press(self, key: str) -> None:
        self._tasks.add(asyncio.create_task(self._press(key)))

    async def _press(self, key: str) -> None:
        with suppress(BaresipError):
            await self._call.send_dtmf(key)

    def _measured(self, stats: dict[str, Any]) -> None:
        rtcp = stats.get("rtcp", {})
        said = {
            "sent": stats.get("tx", {}).get("packets", 0),
            "received": stats.get("rx", {}).get("packets", 0),
            "lost_there": rtcp.get("tx_lost", 0),
            "lost_here": rtcp.get("rx_lost", 0),
            "jitter_ms": rtcp.get("rx_jitter_us", 0) / 1000,
            "round_trip_ms": rtcp.get("rtt_us", 0) / 1000,
        }
        self._report(Kind.STATISTICS, json.dumps(said).encode())

    def answer(self) -> None:
        if self._rings_here:
            self._rings_here = False
            self._tasks.add(asyncio.create_task(self._answer()))

    async def _answer(self) -> None:
        """Whoever doesn't acknowledge it can't have called from where they say: no place is kept for them."""
        try:
            await self._call.answer()
        except BaresipError:
            await self._hang_up()
            return
        await asyncio.sleep(_ACK_SECONDS)
        if self._carrying is None and not self.closed:
            self.left = True
            await self._hang_up()
            self.close("")

    def hang_up(self) -> None:
        """Where it still rings here they are told that we are busy."""
        self.left = True
        self._tasks.add(asyncio.create_task(self._hang_up()))

    async def _hang_up(self) -> None:
        try:
            await (self._call.reject() if self._rings_here else self._call.hangup())
        except StaleHandleError:
            self.close("")
        except BaresipError as error:
            self.close(str(error))

    async def _carry(self) -> None:
        """From the answer to the end."""
        loop = asyncio.get_running_loop()
        answered = loop.time()
        while not self.closed and not self._is_up():
            if loop.time() > answered + _AUDIO_SECONDS:
                self._cause = NO_AUDIO
                self.hang_up()
                return
            await asyncio.sleep(_LOOK_SECONDS)
        with suppress(BaresipError):
            self._call.audio.read(1 << 20)  # what was to be heard while it rang
        self.carried = True
        self._report(Kind.ANSWERED, b"")
        while not self.closed:
            self._fetch()
            with suppress(AudioNotActive, AudioRestarted):  # held, or negotiated anew: it goes on where it can
                self._give(loop.time())
            await asyncio.sleep(_LOOK_SECONDS)

    def _is_up(self) -> bool:
        try:
            info = self._call.audio.info()
        except BaresipError:
            return False
        return bool(info.tx_ready and info.rx_ready)

    def _fetch(self) -> None:
        try:
            self._rest += self._call.audio.read(_AHEAD)
        except (AudioNotActive, AudioRestarted):
            self._rest = b""
        self._heard = self._heard or bool(self._rest)
        while len(self._rest) >= FRAME_BYTES:
            self._report(Kind.AUDIO, self._rest[:FRAME_BYTES])
            self._rest = self._rest[FRAME_BYTES:]

    def _give(self, now: float) -> None:
        if now < self._not_before:
            return
        waiting = self._call.audio.info().tx_buffered
        while self._queue and waiting < _AHEAD:
            count, audio = self._queue.popleft()
            taken = self._call.audio.write(audio[: _AHEAD - waiting])
            if taken < len(audio):
                self._queue.appendleft((count, audio[taken:]))
            if not taken:
                return
            waiting += taken
        if not self._queue and not waiting and self._told != self._last:
            self._told = self._last
            self._report(Kind.PLAYED, COUNT.pack(self._last))
