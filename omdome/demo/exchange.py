"""The demonstration's exchange: a SIP telephone in a process of its own on this machine, and who answers behind it."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from omdome.recorded_caller import HangUp, Press, RecordedCaller, Recording, Reply
from voice.audio_files import AudioFileError, read_audio, stereo, wav
from voice.child_process import ChildProcess
from voice.line import FRAME_BYTES, FRAME_SECONDS
from voice.teller import Prompts
from voice.transcript import Entry, Who

HOST = "127.0.0.1"
_START_SECONDS = 30.0
_END_SECONDS = 8.0
_HEARD_ENOUGH = {"consent": 0.25, "question": 0.65, "reason": 1.0, "confirm": 0.5}
"""How much of a prompt somebody hears before they answer: who knows the answer waits for no end."""
_PRESSED_AFTER = 0.7  #: seconds of a prompt, where it is answered by key


class ExchangeError(Exception):
    """No exchange on this machine: why."""


class Exchange:
    """Runs; made by `exchange`."""

    def __init__(self, port: int, process: ChildProcess, folder: Path) -> None:
        self.port = port
        self._process, self._folder = process, folder

    async def ready(self) -> None:
        """Returns when it can be called. Raises ExchangeError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                while line := await self._process.replies.readline():
                    if line.startswith(b"sip:"):
                        return
        raise ExchangeError("the telephone that is to be called doesn't start")

    def tell(self, number: str, what: str) -> None:
        """Have the telephone `number` do it: see `voice.lines.sip.telephone`."""
        self._process.send(f"{number} {what}\n".encode())

    def tape(self, number: str) -> bytes:
        """The first call to that number, once the exchange has ended: both sides as a WAV file's content, the caller's
        to the left. Empty where nobody answered."""
        sides = [self._folder / f"{number}-{side}-1.wav" for side in ("heard", "said")]
        if not all(side.exists() for side in sides):
            return b""
        with suppress(AudioFileError):  # a call without a sound
            return wav(stereo(*map(read_audio, sides)), channels=2)
        return b""


@asynccontextmanager
async def exchange(numbers: Mapping[str, Sequence[str]], folder: Path) -> AsyncIterator[Exchange]:
    """An exchange with these numbers behind it, each with what it does when it is called. Raises ExchangeError."""
    port = _free_port()
    told = [part for number, replies in numbers.items() for part in (number, *replies)]
    command = (sys.executable, "-m", "voice.lines.sip.telephone", str(port), str(folder), *told)
    try:
        process = await ChildProcess.launch(command)
    except OSError as error:
        raise ExchangeError(f"no process can be started ({error.strerror})") from error
    try:
        yield Exchange(port, process, folder)
    finally:
        await process.reap(_END_SECONDS)


class Customer:
    """Somebody with a telephone: hears what is asked, and answers before it has been said to its end.

    `files`: which recording each spoken reply is.
    """

    def __init__(self, caller: RecordedCaller, files: Mapping[Reply, str], prompts: Prompts) -> None:
        self._caller, self._files, self._prompts = caller, files, prompts
        self._ahead, self._at = 0.0, -1.0  # seconds of prompts, that began at this time of the call

    def told(self, entry: Entry, tell: Callable[[str], None]) -> None:
        """What happened in the call; `tell` is given what the telephone is to do about it."""
        if entry.who is Who.WE and entry.seconds != self._at:
            self._ahead, self._at = 0.0, entry.seconds
        reply = self._caller.reply_to(entry)
        seconds = len(self._prompts.audio(entry.prompt)) / FRAME_BYTES * FRAME_SECONDS if entry.prompt else 0.0
        if isinstance(reply, HangUp):
            tell("hang-up")
        elif isinstance(reply, Recording):
            share = _HEARD_ENOUGH[entry.prompt.partition(".")[0]]
            tell(f"{self._files[reply]}@{self._ahead + share * seconds:.2f}")
        elif isinstance(reply, Press):
            known = seconds if entry.prompt.startswith("reason") else 0.0
            tell(f"key:{reply.key}@{self._ahead + known + _PRESSED_AFTER:.2f}")
        self._ahead += seconds


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
