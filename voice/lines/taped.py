"""A line whose call is kept as a recording from a given moment on: a stereo WAV file, and the transcript beside it.

We to the left, the caller to the right, as in every recording of a call; 8 kHz and 16 bits. Both files are written as
the call goes and are whole at any time: what is lost with a process that is killed is 20 ms. Nothing from before
`begin` is kept, nothing after `stop`.
"""

import logging
import os
import struct
from collections import deque
from pathlib import Path
from typing import BinaryIO

from voice.audio_files import stereo
from voice.keypad import STOP
from voice.line import RATE, SILENCE, Heard, Line, LineTraits
from voice.lines.caller import frames_of
from voice.transcript import SUFFIX, Entry, json_lines

log = logging.getLogger(__name__)

_BLOCK = 4  #: bytes of one sample of both channels
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class Taped:
    """`line`, and what both sides say on it while it records. A recording that fails ends no call."""

    def __init__(self, line: Line, file: Path) -> None:
        """`file` is the WAV file, made by `begin` with the folder that it is in."""
        self._line, self._file = line, file
        self._sound: BinaryIO | None = None  # both are open while it records
        self._words: BinaryIO | None = None
        self._written = 0  # bytes of sound
        self._ours: deque[bytes] = deque()  # frames that the line has yet to send
        self._sending = False

    @property
    def traits(self) -> LineTraits:
        return self._line.traits

    @property
    def recording(self) -> bool:
        return self._sound is not None

    def begin(self) -> bool:
        """Record from now on, readable by this user of the machine alone. False where that can't be done."""
        try:
            _make_folder(self._file.parent)
            self._words = _new(self._file.with_suffix(SUFFIX))
            self._sound = _new(self._file)
            _write(self._sound, _header(0))
        except OSError:
            log.exception("a call can't be recorded, and goes on without")
            made = [self._file.with_suffix(SUFFIX)] if self._words else []
            made += [self._file] if self._sound else []
            self.stop()
            for file in made:
                file.unlink(missing_ok=True)
        return self.recording

    def stop(self) -> None:
        """Record no more; what has been is kept. May be called at any time, and again."""
        for file in (self._sound, self._words):
            if file is not None:
                file.close()
        self._sound = self._words = None

    def note(self, entry: Entry) -> None:
        """A line of the transcript, while it records."""
        if self._words is None:
            return
        try:
            _write(self._words, json_lines([entry]).encode())
        except OSError:
            self._failed()

    def play(self, audio: bytes) -> None:
        self._ours.extend(frames_of(audio))
        self._line.play(audio)

    def cut(self) -> None:
        self._ours.clear()
        self._line.cut()

    async def listen(self) -> Heard:
        """The key that means "never call me again" ends the recording at once, whatever is made of it."""
        heard = await self._line.listen()
        self._sending = bool(self._ours) and (self._sending or heard.playing)
        ours = self._ours.popleft() if self._sending else SILENCE
        if STOP in heard.keys:
            self.stop()
        if not heard.hung_up:
            self._keep(heard.frame, ours)
        return heard

    async def hang_up(self) -> None:
        self.stop()
        await self._line.hang_up()

    def _keep(self, theirs: bytes, ours: bytes) -> None:
        if self._sound is None:
            return
        piece = stereo(ours, theirs)
        try:
            self._sound.seek(_HEADER.size + self._written)
            _write(self._sound, piece)
            self._written += len(piece)
            self._sound.seek(0)
            _write(self._sound, _header(self._written))
        except OSError:
            self._failed()

    def _failed(self) -> None:
        log.exception("a recording ended early: it can't be written")
        self.stop()


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def _new(file: Path) -> BinaryIO:
    """Raises FileExistsError rather than record over another call."""
    return open(file, "xb", buffering=0, opener=lambda path, flags: os.open(path, flags, 0o600))


def _write(file: BinaryIO, content: bytes) -> None:
    if file.write(content) != len(content):
        raise OSError("the disk is full")


def _header(size: int) -> bytes:
    """Of a WAV file with so many bytes of 16-bit PCM in two channels."""
    pcm, channels, bits = 1, 2, 16
    return _HEADER.pack(
        *(b"RIFF", 36 + size, b"WAVE"),
        *(b"fmt ", 16, pcm, channels, RATE, RATE * _BLOCK, _BLOCK, bits),
        *(b"data", size),
    )
