"""What 20 ms of a call hold: voice, keys, a beep. Between the line and whoever decides what it means."""

from dataclasses import dataclass

from voice.line import FRAME_BYTES, FRAME_SECONDS, SILENCE, Line
from voice.tones import Beep, KeypadTones
from voice.voice_activity import VoiceActivity

_TONE_SECONDS = 0.06  #: of one steady tone that is no voice


@dataclass(frozen=True, slots=True)
class Moment:
    """20 ms of a call, understood."""

    frame: bytes  #: for a recogniser: silence where there were tones
    keys: str
    is_speech: bool
    beep: bool
    playing: bool
    behind: bool  #: more has come in already: this isn't the present
    hung_up: bool


class Listener:
    """Hears one line. The only one that calls its `listen`."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._keypad = KeypadTones()
        self._beep = Beep()
        self._voice = VoiceActivity()
        self.frames = 0  #: 20 ms each: the call's time

    async def listen(self) -> Moment:
        heard = await self._line.listen()
        self.frames += 1
        whole = heard.frame.ljust(FRAME_BYTES, b"\0")[:FRAME_BYTES]
        tones = self._keypad.hear(whole)
        beep = self._beep.hear(whole)
        is_tone = self._keypad.sounding or self._beep.seconds >= _TONE_SECONDS
        frame = SILENCE if is_tone else whole
        is_speech = self._voice.is_speech(frame)
        return Moment(
            frame=frame,
            keys=heard.keys if self._line.traits.signals_keys else tones,
            is_speech=is_speech and not is_tone,
            beep=beep,
            playing=heard.playing,
            behind=heard.behind,
            hung_up=heard.hung_up,
        )

    @property
    def seconds(self) -> float:
        return self.frames * FRAME_SECONDS
