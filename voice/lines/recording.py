"""A line whose caller is made of recordings: how calls are tested and demonstrated."""

import asyncio
from collections import deque
from dataclasses import replace
from itertools import cycle

import numpy as np

from voice.audio_files import added, stereo, wav
from voice.line import FRAME_SECONDS, SILENCE, Heard, LineTraits
from voice.lines import JITTER_FRAMES, keypad
from voice.lines.caller import NATURAL_PAUSE, Act, Caller, frames_of

ECHO_FRAMES = 3
KEY_FRAMES = round((keypad.KEY_SECONDS + keypad.GAP_SECONDS) / FRAME_SECONDS)


class RecordingLine:
    """A `voice.line.Line` with a recorded caller at its far end, who does what `say`, `press` and `leave` tell.

    Not paced, every `listen` returns at once and its 20 ms have then passed: the same call gives the same frames every
    time. Paced, they pass by the clock as in a real call, also while nobody listens.

    What the caller is told queues up. Each act begins `pause` seconds after something was said to the caller and has
    ended, once the act before it is over; so replies can all be queued before the call, or be decided one by one as
    each prompt is seen (`watch` of `hold_call`). With `after`, an act begins that many seconds after the act before it
    (or after it was queued, if that is later), whatever we say meanwhile: 0 is at once.
    Without anything queued the caller is silent and stays.
    """

    def __init__(
        self, *, paced: bool = False, in_band_keys: bool = False, background: bytes = b"", echo: float = 0.0
    ) -> None:
        """`in_band_keys`: keys are sounds (DTMF) instead of signals. `background`: 8 kHz PCM, heard under the caller
        all the time, over and over. `echo`: how much of what we say comes back (0..1), 60 ms later.
        """
        self._traits = LineTraits(signals_keys=not in_band_keys, echo_free=echo == 0)
        self._clock = asyncio.get_running_loop().time if paced else None
        self._began: float | None = None
        self._caller = Caller()
        self._background = cycle(frames_of(background)) if background else None
        self._echo = echo
        self._to_play: deque[bytes] = deque()
        self._unheard: deque[Heard] = deque()
        self._ours: list[bytes] = []
        self._theirs: list[bytes] = []
        self._over = False

    @property
    def traits(self) -> LineTraits:
        return self._traits

    @property
    def idle(self) -> bool:
        """Whether the caller has done all that was queued."""
        return self._caller.idle

    @property
    def seconds(self) -> float:
        """How long the call has been up: since the first `listen` or `play`."""
        self._catch_up()
        return len(self._ours) * FRAME_SECONDS

    def say(self, audio: bytes, *, pause: float = NATURAL_PAUSE, after: float | None = None) -> None:
        """The caller plays 8 kHz 16-bit mono PCM."""
        self._add(Act(sound=frames_of(audio), pause=pause, after=after))

    def press(self, keys: str, *, pause: float = NATURAL_PAUSE, after: float | None = None) -> None:
        """The caller presses keys, five a second. Raises ValueError for what is no key."""
        if self._traits.signals_keys:
            signals = tuple((number * KEY_FRAMES, key) for number, key in enumerate(keypad.checked(keys)))
            self._add(Act(keys=signals, pause=pause, after=after))
        else:
            self._add(Act(sound=frames_of(keypad.tones(keys)), pause=pause, after=after))

    def leave(self, *, pause: float = NATURAL_PAUSE, after: float | None = None) -> None:
        """The caller hangs up."""
        self._add(Act(leaves=True, pause=pause, after=after))

    def mix(self) -> bytes:
        """The whole call so far as a WAV file's content: Omdöme to the left, the caller to the right."""
        self._catch_up()
        return wav(stereo(b"".join(self._ours), b"".join(self._theirs)), channels=2)

    def play(self, audio: bytes) -> None:
        self._start()
        if not self._over:
            self._to_play.extend(frames_of(audio))

    def cut(self) -> None:
        self._catch_up()
        self._to_play.clear()

    async def listen(self) -> Heard:
        await asyncio.sleep(0)  # others have their turn, however fast the call goes
        self._start()
        while not self._unheard and not self._over:
            await self._until_next()
        if not self._unheard:
            return Heard(hung_up=True)
        heard = self._unheard.popleft()
        return replace(heard, behind=True) if len(self._unheard) > JITTER_FRAMES else heard

    async def hang_up(self) -> None:
        self._catch_up()
        self._over = True
        self._to_play.clear()
        self._unheard.clear()

    def _add(self, act: Act) -> None:
        self._catch_up()
        self._caller.add(act)

    def _start(self) -> None:
        if self._clock is not None and self._began is None:
            self._began = self._clock()
        self._catch_up()

    async def _until_next(self) -> None:
        if self._clock is None or self._began is None:
            self._pass()
        else:
            await asyncio.sleep(self._began + (len(self._ours) + 1) * FRAME_SECONDS - self._clock())
            self._catch_up()

    def _catch_up(self) -> None:
        """Let pass what the clock says has passed: so nothing has to run beside a call to keep its time."""
        if self._clock is None or self._began is None:
            return
        while not self._over and self._began + (len(self._ours) + 1) * FRAME_SECONDS <= self._clock():
            self._pass()

    def _pass(self) -> None:
        """20 ms of the call."""
        playing = bool(self._to_play)
        moment = self._caller.next(playing)
        if moment.gone:
            self._over = True
            self._to_play.clear()
            return
        theirs = added(moment.frame, next(self._background)) if self._background else moment.frame
        self._theirs.append(theirs)
        self._ours.append(self._to_play.popleft() if playing else SILENCE)
        heard = added(theirs, self._returned()) if self._echo else theirs
        self._unheard.append(Heard(heard, moment.keys, playing))

    def _returned(self) -> bytes:
        if len(self._ours) <= ECHO_FRAMES:
            return SILENCE
        said = np.frombuffer(self._ours[-1 - ECHO_FRAMES], "<i2")
        return (said * self._echo).astype("<i2").tobytes()
