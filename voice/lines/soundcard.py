"""A line over the machine's own microphone and loudspeaker, or over a phone adapter that is a sound card."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from voice.line import Heard, LineTraits
from voice.lines import JITTER_FRAMES
from voice.lines.device_audio import Intake, Playback
from voice.lines.keypad import checked
from voice.lines.sound_devices import Opened, open_stream

STARTING_SECONDS = 5.0  #: a wireless headset takes that long to begin
LOST_SECONDS = 2.0  #: without anything from the microphone: the device is gone, though its system may not say so
MARGIN_SECONDS = 0.12  #: what resampling, blocks and sound servers add to the latency that the devices tell


class SoundcardLine:
    """A `voice.line.Line`. The call is up from the moment of its making, which has to be in a running event loop.

    The microphone keeps the time. A device that is pulled out or taken away ends the call.
    """

    def __init__(
        self, microphone: int | str | None = None, loudspeaker: int | str | None = None, *, headset: bool = False
    ) -> None:
        """Devices by number or part of their name; None is what the system prefers.

        `headset`: our prompts can't be heard by the microphone, so that speech may interrupt them.
        Raises SoundcardError.
        """
        # A phone adapter brings keys as tones, beside those that are typed.
        self._traits = LineTraits(signals_keys=False, echo_free=headset)
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._keys = ""
        self._over = False
        self._patience = STARTING_SECONDS
        self._opened: list[Opened] = []
        try:
            self._opened.append(open_stream("output", loudspeaker, self._speaking, self._lost))
            self._opened.append(open_stream("input", microphone, self._hearing, self._lost))
            self._playback.latency = MARGIN_SECONDS + sum(each.stream.latency for each in self._opened)
        except BaseException:
            self._close()
            raise

    @property
    def traits(self) -> LineTraits:
        return self._traits

    def press(self, keys: str) -> None:
        """Keys from somewhere else: a sound card has none. Raises ValueError for what is no key."""
        self._keys += checked(keys)

    def play(self, audio: bytes) -> None:
        if not self._over:
            self._playback.queue(audio)

    def cut(self) -> None:
        self._playback.cut()

    async def listen(self) -> Heard:
        await asyncio.sleep(0)  # others have their turn, however much has to be caught up with
        while (frame := self._intake.next()) is None:
            if self._over:
                return Heard(hung_up=True)
            await self._more()
        self._patience = LOST_SECONDS
        keys, self._keys = self._keys, ""
        return Heard(frame, keys, self._playback.playing, behind=len(self._intake) > JITTER_FRAMES)

    async def hang_up(self) -> None:
        self._over = True
        self._arrived.set()
        await asyncio.to_thread(self._close)
        while self._intake.next() is not None:
            pass

    async def _more(self) -> None:
        self._arrived.clear()
        if len(self._intake) or self._over:  # came just before it was cleared
            return
        try:
            await asyncio.wait_for(self._arrived.wait(), self._patience)
        except TimeoutError:
            self._over = not len(self._intake)

    def _hearing(self, rate: int, channels: int) -> Callable[..., None]:
        self._intake = intake = Intake(rate, channels)

        def callback(block: Any, _samples: int, _time: object, _status: object) -> None:
            intake.take(bytes(block))
            if not self._arrived.is_set():
                self._tell(self._arrived.set)

        return callback

    def _speaking(self, rate: int, channels: int) -> Callable[..., None]:
        self._playback = playback = Playback(rate, channels)

        def callback(block: Any, samples: int, _time: object, _status: object) -> None:
            block[:] = playback.give(samples)

        return callback

    def _lost(self) -> None:
        """A stream is over: hung up by us, or its device is gone."""
        self._tell(self._end)

    def _end(self) -> None:
        self._over = True
        self._arrived.set()

    def _tell(self, what: Callable[[], None]) -> None:
        """From a thread of PortAudio's, which may outlive the loop by a moment."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what)

    def _close(self) -> None:
        closing, self._opened = self._opened, []  # taken at once: PortAudio hangs when two threads close one stream
        for each in closing:
            each.stream.close()
