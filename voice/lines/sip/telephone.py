"""A telephone on this machine that answers by itself, to try calls out:

    python -m voice.lines.sip.telephone PORT FOLDER [REPLY]... [NUMBER [REPLY]...]...

It is called as sip:telephone@127.0.0.1:PORT, and where NUMBERs (+46…) are given it plays the exchange as well: each of
them is a telephone behind it, with its own replies. A REPLY is

    bra.wav         a recording; said when the other side has said something and pauses
    key:1           a key, pressed likewise; hang-up likewise
    bra.wav@2.5     so many seconds after it was told to, or has answered, whoever speaks then
    busy            as the first one: it isn't answered

After the last one it listens until the other side hangs up. What it heard of each call, and what it said with its keys
as tones, is written to two WAV files of one timeline: heard-1.wav and said-1.wav, for a number +46…-heard-1.wav and so
on. More replies may be given while it runs, one a line of its standard input, "NUMBER REPLY" for a number's, for the
call that is up; it ends with that.
"""

import asyncio
import os
import re
import sys
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from baresip import Account, AudioNotActive, AudioRestarted, BaresipError, Config, Event, Runtime, UserAgent

from voice.audio_files import read_audio, write_wav
from voice.line import FRAME_BYTES
from voice.lines.keypad import tones

_LOUD = 200  #: RMS of a frame in which something is said
_QUIET_FRAMES = 60  #: (1.2 s) without that, after something was said: it is our turn
_AHEAD = 50 * FRAME_BYTES
_TICK = 0.02

HANG_UP, BUSY = "hang-up", "busy"
_TIMED = re.compile(r"(.+)@(\d+(?:\.\d+)?)")


class Reply(NamedTuple):
    what: bytes | str  #: 8 kHz PCM, a key, HANG_UP or BUSY
    after: float | None = None  #: seconds; None: when the other side pauses


def reply_of(text: str) -> Reply:
    """As the module tells. Raises AudioFileError for what is no recording."""
    timed = _TIMED.fullmatch(text)
    what, after = (timed[1], float(timed[2])) if timed else (text, None)
    if what in (HANG_UP, BUSY) or what.startswith("key:"):
        return Reply(what.removeprefix("key:"), after)
    return Reply(read_audio(Path(what)), after)


class Conversation:
    """One call: what is heard, and what is replied."""

    def __init__(self, call: Any) -> None:
        self.heard, self.said = bytearray(), bytearray()
        self._over = asyncio.Event()
        self._replies = deque[tuple[bytes | str, float | None]]()  # what, and when it is due
        self._call = call
        self._to_say = b""
        self._rest = b""
        self._quiet = 0  # frames
        self._spoken_to = False

    def tell(self, replies: Iterable[Reply]) -> None:
        now = asyncio.get_running_loop().time()
        self._replies.extend((what, None if after is None else now + after) for what, after in replies)

    def happened(self, event: Any) -> None:
        if event.event is Event.CALL_CLOSED:
            self._over.set()

    async def hold(self, replies: Iterable[Reply]) -> None:
        """Answer, and hold it to its end."""
        self._call.on(self.happened)
        await self._call.answer()
        self.tell(replies)
        print("answered", flush=True)
        while not self._over.is_set():
            with suppress(AudioNotActive, AudioRestarted):
                self._listen()
                await self._speak()
            await asyncio.sleep(_TICK)

    async def hang_up(self) -> None:
        with suppress(BaresipError):  # it was over already
            await self._call.hangup()

    def _listen(self) -> None:
        self._rest += self._call.audio.read(_AHEAD)
        while len(self._rest) >= FRAME_BYTES:
            frame, self._rest = self._rest[:FRAME_BYTES], self._rest[FRAME_BYTES:]
            self.heard += frame
            loud = float(np.sqrt(np.mean(np.frombuffer(frame, "<i2").astype(np.float64) ** 2))) > _LOUD
            self._quiet = 0 if loud else self._quiet + 1
            self._spoken_to = self._spoken_to or loud

    async def _speak(self) -> None:
        if self._to_say:
            queued = self._call.audio.info().tx_buffered
            taken = self._call.audio.write(self._to_say[: max(0, _AHEAD - queued)])
            self._note(self._to_say[:taken], queued)
            self._to_say = self._to_say[taken:]
        elif self._replies and self._is_our_turn(self._replies[0][1]):
            self._spoken_to = False
            await self._do(self._replies.popleft()[0])

    def _is_our_turn(self, due: float | None) -> bool:
        if due is not None:
            return asyncio.get_running_loop().time() >= due
        return self._spoken_to and self._quiet >= _QUIET_FRAMES

    async def _do(self, what: bytes | str) -> None:
        if isinstance(what, bytes):
            self._to_say = what
        elif what == HANG_UP:
            await self.hang_up()
        else:
            self._note(tones(what), 0)
            await self._call.send_dtmf(what)

    def _note(self, audio: bytes, ahead: int) -> None:
        """It is said now, or after the `ahead` bytes that are still to be sent."""
        pause = 0 if ahead else len(self.heard) - len(self.said)
        self.said += bytes(max(0, pause)) + audio


@dataclass
class Extension:
    """One number that can be called."""

    replies: list[Reply] = field(default_factory=list)
    calls: list[Conversation] = field(default_factory=list)

    def tell(self, reply: Reply) -> None:
        if self.calls:
            self.calls[-1].tell([reply])
        else:
            self.replies.append(reply)


class Telephone:
    """Answers each call that comes in at a port of 127.0.0.1. `extensions` by their user names."""

    def __init__(self, folder: Path, extensions: dict[str, Extension]) -> None:
        self._folder, self._extensions = folder, extensions
        self._agents: list[UserAgent] = []
        self._holding = set[asyncio.Task[None]]()

    async def serve(self, port: int) -> None:
        """Until standard input ends."""
        runtime, here = Runtime(native_log_level="error"), f"127.0.0.1:{port}"
        await runtime.start(
            Config(
                net_interface="127.0.0.1",
                max_concurrent_calls=None,
                extra_config_text=f"sip_listen {here}\nrtp_ports 32000-33999\naudio_jitter_buffer_type off\n",
            )
        )
        for name in self._extensions:
            agent = await UserAgent.create(runtime, Account(name, here, "", reg_interval=0, audio_codecs=("pcma",)))
            agent.on_incoming(lambda call, name=name: self._incoming(call, name))
            self._agents.append(agent)
        print(f"sip:{OURS}@{here}", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            name, _, reply = line.strip().rpartition(" ") if line.startswith("+") else (OURS, "", line.strip())
            self._extensions[name].tell(reply_of(reply))
        for extension in self._extensions.values():
            for call in extension.calls:
                await call.hang_up()
        if self._holding:
            await asyncio.wait(self._holding, timeout=5)
        await asyncio.wait_for(runtime.close(), 5)

    def _incoming(self, call: Any, name: str) -> None:
        task = asyncio.ensure_future(self._hold(call, name))
        self._holding.add(task)
        task.add_done_callback(self._holding.discard)

    async def _hold(self, call: Any, name: str) -> None:
        extension = self._extensions[name]
        if extension.replies and extension.replies[0].what == BUSY:
            await call.reject()
            return
        conversation = Conversation(call)
        extension.calls.append(conversation)
        which = f"{len(extension.calls)}.wav"
        with suppress(BaresipError):
            await conversation.hold(extension.replies)
        prefix = "" if name == OURS else f"{name}-"
        heard = bytes(conversation.heard)
        write_wav(self._folder / f"{prefix}heard-{which}", heard)
        write_wav(self._folder / f"{prefix}said-{which}", bytes(conversation.said[: len(heard)]))


OURS = "telephone"


def extensions_of(told: Iterable[str]) -> dict[str, Extension]:
    """From the command line."""
    current = Extension()
    found = {OURS: current}
    for each in told:
        if each.startswith("+"):
            current = found[each] = Extension()
        else:
            current.replies.append(reply_of(each))
    return found


if __name__ == "__main__":
    if len(sys.argv) < 3 or not sys.argv[1].isdecimal():
        sys.exit(__doc__)
    port, folder, *told = sys.argv[1:]
    with suppress(KeyboardInterrupt):
        asyncio.run(Telephone(Path(folder), extensions_of(told)).serve(int(port)))
    os._exit(0)  # the stack's threads may be anywhere
