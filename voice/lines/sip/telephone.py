"""A telephone on this machine that answers by itself: `python -m voice.lines.sip.telephone`, to try calls out.

It plays recordings or presses keys, one after each thing that is said to it, and then listens until the other side
hangs up. What it heard of each call is written to a WAV file. More replies may be given while it runs, one a line of
its standard input, for the call that is up; it ends with that.
"""

import asyncio
import os
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from baresip import Account, AudioNotActive, AudioRestarted, BaresipError, Config, Event, Runtime, UserAgent

from voice.audio_files import read_audio, write_wav
from voice.line import FRAME_BYTES

_LOUD = 200  #: RMS of a frame in which something is said
_QUIET_FRAMES = 60  #: (1.2 s) without that, after something was said: it is our turn
_AHEAD = 50 * FRAME_BYTES
_TICK = 0.02

Reply = bytes | str  #: 8 kHz PCM, a key, or HANG_UP
HANG_UP = "hang-up"


def reply_of(text: str) -> Reply:
    """`key:1`, `hang-up`, or the path of a recording."""
    return text.removeprefix("key:") if text.startswith("key:") or text == HANG_UP else read_audio(Path(text))


class Conversation:
    """One call: what is heard, and what is replied."""

    def __init__(self, call: Any, replies: Sequence[Reply]) -> None:
        self.heard = bytearray()
        self.over = asyncio.Event()
        self.replies = deque(replies)
        self._call = call
        self._to_say = b""
        self._rest = b""
        self._quiet = 0  # frames
        self._spoken_to = False

    def happened(self, event: Any) -> None:
        if event.event is Event.CALL_CLOSED:
            self.over.set()

    async def hold(self) -> None:
        """Answer, and hold it to its end."""
        self._call.on(self.happened)
        await self._call.answer()
        print("answered", flush=True)
        while not self.over.is_set():
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
            room = max(0, _AHEAD - self._call.audio.info().tx_buffered)
            self._to_say = self._to_say[self._call.audio.write(self._to_say[:room]) :]
        elif self.replies and self._spoken_to and self._quiet >= _QUIET_FRAMES:
            self._spoken_to = False
            reply = self.replies.popleft()
            if isinstance(reply, bytes):
                self._to_say = reply
            elif reply == HANG_UP:
                await self.hang_up()
            else:
                await self._call.send_dtmf(reply)


class Telephone:
    """Answers each call that comes in at a port of 127.0.0.1."""

    def __init__(self, folder: Path, replies: Sequence[Reply]) -> None:
        self._folder, self._replies = folder, list(replies)
        self._calls: list[Conversation] = []
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
        agent = await UserAgent.create(runtime, Account("telephone", here, "", reg_interval=0, audio_codecs=("pcma",)))
        agent.on_incoming(self._incoming)
        print(f"sip:telephone@{here}", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            self._told(reply_of(line.strip()))
        for call in self._calls:
            await call.hang_up()
        if self._holding:
            await asyncio.wait(self._holding, timeout=5)
        await asyncio.wait_for(runtime.close(), 5)

    def _told(self, reply: Reply) -> None:
        (self._calls[-1].replies if self._calls else self._replies).append(reply)

    def _incoming(self, call: Any) -> None:
        self._calls.append(Conversation(call, self._replies))
        task = asyncio.ensure_future(self._hold(self._calls[-1], self._folder / f"heard-{len(self._calls)}.wav"))
        self._holding.add(task)
        task.add_done_callback(self._holding.discard)

    async def _hold(self, conversation: Conversation, file: Path) -> None:
        with suppress(BaresipError):
            await conversation.hold()
        write_wav(file, bytes(conversation.heard))


if __name__ == "__main__":
    port, folder, *told = sys.argv[1:]
    with suppress(KeyboardInterrupt):
        asyncio.run(Telephone(Path(folder), [reply_of(each) for each in told]).serve(int(port)))
    os._exit(0)  # the stack's threads may be anywhere
