"""What 20 ms of a call hold: voice, keys, a beep. Between the line and whoever decides what it means."""

from dataclasses import dataclass

from voice.line import FRAME_BYTES, FRAME_SECONDS, SILENCE, Line
from voice.tones import Beep, KeypadTones
from voice.voice_activity import VoiceActivity

_TONE_SECONDS = 0.06  #: of one steady tone that is no voice
_BEEP_FRAMES = 150  #: for which a beep is remembered: 3 s
_BEEP_BELOW_VOICE = 14.0  #: dB: what is softer beeps in the caller's room, or is a note of their music
_ECHO_TAIL = 0.2  #: seconds for which a prompt may still come back after its end


@dataclass(frozen=True, slots=True)
class Moment:
    """20 ms of a call, understood."""

    frame: bytes  #: for a recogniser: silence where there were tones
    keys: str
    is_speech: bool
    is_near: bool  #: and as loud as the caller has been lately
    loudness: float  #: the loudest level of the last 0.3 s of voice, in dBFS
    beep: bool
    playing: bool
    echoing: bool  #: what comes in may be our own prompt coming back: nothing to recognise
    behind: bool  #: more has come in already: this isn't the present
    hung_up: bool


class Listener:
    """Hears one line. The only one that calls its `listen`."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._keypad = KeypadTones()
        self._beep = Beep()
        self._voice = VoiceActivity()
        self._echo_left = 0.0
        self.frames = 0  #: 20 ms each: the call's time
        self._last_beep: int | None = None

    async def listen(self) -> Moment:
        """The line's next 20 ms."""
        heard = await self._line.listen()
        self.frames += 1
        frame = heard.frame.ljust(FRAME_BYTES, b"\0")[:FRAME_BYTES]
        tones, beep = self._keypad.hear(frame), self._beep.hear(frame)
        is_tone = self._keypad.sounding or self._beep.seconds >= _TONE_SECONDS
        echoing = self._echoing(heard.playing)
        beep = beep and not echoing and self._voice.below_voice(frame) < _BEEP_BELOW_VOICE
        if beep:
            self._last_beep = self.frames
        # neither tones nor our own voice tell anything about the noise of the line or the loudness of the caller
        is_speech = not is_tone and not echoing and self._voice.is_speech(frame)
        return Moment(
            frame=SILENCE if is_tone else frame,
            keys=heard.keys if self._line.traits.signals_keys else heard.keys + tones,
            is_speech=is_speech,
            is_near=is_speech and self._voice.is_near,
            loudness=self._voice.loudness,
            beep=beep,
            playing=heard.playing,
            echoing=echoing,
            behind=heard.behind,
            hung_up=heard.hung_up,
        )

    @property
    def seconds(self) -> float:
        return self.frames * FRAME_SECONDS

    @property
    def beeped(self) -> bool:
        """A beep has been heard lately: one of long ago was somebody's microwave."""
        return self._last_beep is not None and self.frames - self._last_beep <= _BEEP_FRAMES

    def _echoing(self, playing: bool) -> bool:
        if self._line.traits.echo_free:
            return False
        self._echo_left = _ECHO_TAIL if playing else self._echo_left - FRAME_SECONDS
        return self._echo_left > 0
