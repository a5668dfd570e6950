"""A telephone on this machine that answers by itself: `python -m voice.lines.sip.telephone`, to try calls out.

It plays recordings or presses keys, one after each thing that is said to it, and then listens until the other side
hangs up. What it heard of each call is written to a WAV file. It ends with its standard input.
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
        self._call, self._replies = call, deque(replies)
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
        while not self.over.is_set():
            with suppress(AudioNotActive, AudioRestarted):
                self._listen()
                await self._speak()
            await asyncio.sleep(_TICK)

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
        elif self._replies and self._spoken_to and self._quiet >= _QUIET_FRAMES:
            self._spoken_to = False
            reply = self._replies.popleft()
            if isinstance(reply, bytes):
                self._to_say = reply
            elif reply == HANG_UP:
                await self._call.hangup()
            else:
                await self._call.send_dtmf(reply)


async def answer_calls(port: int, folder: Path, replies: Sequence[Reply]) -> None:
    """Answer each call that comes in at that port of 127.0.0.1, until standard input ends."""
    runtime, holding, number = Runtime(native_log_level="error"), set[asyncio.Task[None]](), 0
    here = f"127.0.0.1:{port}"
    await runtime.start(
        Config(
            net_interface="127.0.0.1",
            max_concurrent_calls=None,
            extra_config_text=f"sip_listen {here}\nrtp_ports 32000-33999\naudio_jitter_buffer_type off\n",
        )
    )
    agent = await UserAgent.create(runtime, Account("telephone", here, "", reg_interval=0, audio_codecs=("pcma",)))

    async def hold(call: Any, this: int) -> None:
        conversation = Conversation(call, replies)
        with suppress(BaresipError):
            await conversation.hold()
        write_wav(folder / f"heard-{this}.wav", bytes(conversation.heard))

    def incoming(call: Any) -> None:
        nonlocal number
        number += 1
        task = asyncio.ensure_future(hold(call, number))
        holding.add(task)
        task.add_done_callback(holding.discard)

    agent.on_incoming(incoming)
    print(f"sip:telephone@{here}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await asyncio.wait_for(runtime.close(), 5)
    if holding:
        await asyncio.wait(holding, timeout=1)


if __name__ == "__main__":
    port, folder, *told = sys.argv[1:]
    with suppress(KeyboardInterrupt):
        asyncio.run(answer_calls(int(port), Path(folder), [reply_of(each) for each in told]))
    os._exit(0)  # the stack's threads may be anywhere
