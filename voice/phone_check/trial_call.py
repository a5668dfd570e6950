"""The trial call itself: what is said in it, and what is heard. Nothing of its sound is kept."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from voice.line import FRAME_SECONDS, RATE
from voice.line import Heard as Moment
from voice.lines.sip.line import SipLine
from voice.lines.sound_level import judged, loudness, tone
from voice.phone_check.probe import Echo, echo_in, probe
from voice.phone_check.trial import Heard, Pressed
from voice.tones import KeypadTones

_KEY = "5"
_PROBES = 3
_PROBED_ENOUGH = 0.6  #: share of a probe that came back
_LONGEST_PROMPT = 30.0

Telling = Callable[[str], None]  #: of what goes on: "press", "speak", …


@dataclass(frozen=True, slots=True)
class Prompts:
    """What is said to a person: 8 kHz PCM."""

    hello: bytes
    press: bytes
    speak: bytes
    done: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the far end is given; seconds."""

    key: float = 7.0  #: to find the key, each of two times
    speech: float = 4.0
    settling: float = 1.5  #: echo services may say something first, and sound begins late behind firewalls
    echo: float = 2.0  #: after the test sound's end; more than on any line that can be talked over


@dataclass
class _Ears:
    """One call as it is heard: frame by frame, with the keys in it."""

    line: SipLine
    frames: list[bytes] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)  # when each frame came, by the loop's clock
    keys: list[Pressed] = field(default_factory=list)
    gone: bool = False
    _tones: KeypadTones = field(default_factory=KeypadTones)

    @property
    def seconds(self) -> float:
        return len(self.frames) * FRAME_SECONDS

    async def listen(self) -> Moment:
        moment = await self.line.listen()
        self.gone = moment.hung_up
        if not self.gone:
            self.frames.append(moment.frame)
            self.arrived.append(asyncio.get_running_loop().time())
            as_sound = self._tones.hear(moment.frame)
            self.keys += [Pressed(key, as_sound=False) for key in moment.keys]
            if not self.line.traits.signals_keys:  # whoever signals them sends them as sound as well, at times
                self.keys += [Pressed(key, as_sound=True) for key in as_sound]
        return moment

    async def for_seconds(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        end = self.seconds + seconds
        while not self.gone and self.seconds < end and not until():
            await self.listen()

    async def while_playing(self, audio: bytes, until: Callable[[], bool] = lambda: False) -> None:
        self.line.play(audio)
        begun, end = False, self.seconds + _LONGEST_PROMPT
        while not self.gone and self.seconds < end and not until():
            playing = (await self.listen()).playing
            if begun and not playing:
                break
            begun = begun or playing  # what came in before is heard first
        if until():
            self.line.cut()

    def heard(self, *, wants_echo: bool) -> Heard:
        loudest = max((loudness(frame) for frame in self.frames), default=-100.0)
        return Heard(
            wants_echo=wants_echo,
            keys=tuple(self.keys),
            loudest=loudest,
            seconds=self.seconds,
            complete=not self.gone,
        )


async def talked(line: SipLine, prompts: Prompts, telling: Telling, patience: Patience) -> Heard:
    """A trial call to a person, who is asked to press a key and to speak. The caller hangs up after."""
    ears = _Ears(line)
    telling("hello")
    await ears.while_playing(prompts.hello)
    for _ in range(2):
        if ears.keys or ears.gone:
            break
        telling("press")
        await ears.while_playing(prompts.press, until=lambda: bool(ears.keys))
        await ears.for_seconds(patience.key, until=lambda: bool(ears.keys))
    if not ears.gone:
        telling("speak")
    await ears.while_playing(prompts.speak + tone(800.0, 0.4))
    from_here = len(ears.frames)
    await ears.for_seconds(patience.speech)
    said = ears.frames[from_here:]
    await ears.while_playing(prompts.done)
    heard = ears.heard(wants_echo=False)
    return replace(heard, speech=judged(said)) if said else heard


async def echoed(line: SipLine, telling: Telling, patience: Patience) -> Heard:
    """A trial call to a service that sends our sound back. The caller hangs up after."""
    ears = _Ears(line)
    telling("settling")
    await ears.for_seconds(patience.settling)
    found, sound = None, probe()
    for _ in range(_PROBES):
        if ears.gone:
            break
        telling("probe")
        came = await _probed(ears, sound, patience.echo)
        found = max((each for each in (found, came) if each), key=lambda echo: echo.found, default=None)
        if found and found.found > _PROBED_ENOUGH:
            break
    pressed = found is not None and not ears.gone
    if pressed:
        telling("key")
        ears.keys.clear()  # what the probe sounded like
        line.press(_KEY)
        await ears.for_seconds(1.5, until=lambda: bool(ears.keys))
    return replace(ears.heard(wants_echo=True), echo=found, pressed_by_us=pressed)


async def _probed(ears: _Ears, sound: bytes, patience: float) -> Echo | None:
    from_here, now = len(ears.frames), asyncio.get_running_loop().time()
    ears.line.play(sound)
    await ears.for_seconds(len(sound) / (2 * RATE) + patience)
    came = echo_in(b"".join(ears.frames[from_here:]))
    if came is None:
        return None
    first = from_here + int(came.delay / FRAME_SECONDS)
    return replace(came, delay=ears.arrived[first] - now)  # frames alone count no time that was lost
