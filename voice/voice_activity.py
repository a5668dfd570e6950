"""Whether somebody is speaking in 20 ms of audio: webrtcvad, behind a gate that follows the line and the caller.

webrtcvad alone takes steady noise 10 dB below the caller for speech without end, and a television in the room for the
caller. So voice has to be louder than the line's own noise, and not much weaker than the caller has been lately.
"""

import math
from collections import deque

import numpy as np
import webrtcvad

from voice.line import FRAME_SECONDS, RATE

MODE = 2  #: of 0 (lets more through) to 3
QUIETEST = -55.0  #: dBFS: below this nobody is speaking
ABOVE_NOISE = 4.0  #: dB that voice must be above the line's noise
BELOW_VOICE = 16.0  #: dB that voice may be below the loudest tenth of a second of the caller's
NEAR = 8.0  #: dB below that loudest tenth within which the last 0.3 s reach, when it is the caller's own
FORGETTING = 0.5  #: dB a second by which the caller's loudness is forgotten: another may take the phone
_NOISE_FRAMES = 150  #: the noise is estimated from 3 s …
_FEWEST = 50  #: … or from 1 s, when the call has just begun …
_QUIET_SHARE = 10  #: … as what their quietest tenth doesn't exceed: people pause
_LOUD_FRAMES = 5
_SETTLING = 10  #: first frames of a call, in which webrtcvad takes the line's own hiss for speech
_NEAR_FRAMES = 15


def level(frame: bytes) -> float:
    """The frame's level in dBFS (0 is the RMS of full scale; digital silence is -100); a constant is no sound."""
    samples = np.frombuffer(frame, "<i2").astype(np.float64)
    return 10 * math.log10(max(float(np.var(samples)), 0.1) / 32768**2)


class VoiceActivity:
    """One call's detector. It learns the line's noise and the caller's loudness as it goes."""

    def __init__(self, mode: int = MODE) -> None:
        self._detector = webrtcvad.Vad(mode)
        self._levels: deque[float] = deque(maxlen=_NOISE_FRAMES)
        self._voiced: deque[bool] = deque(maxlen=_LOUD_FRAMES)
        self._loudest = -100.0
        self._settling = _SETTLING
        self.is_near = (
            False  #: the last frame's voice is as loud as the caller's: no television, nobody else in the room
        )

    def is_speech(self, frame: bytes) -> bool:
        """Whether there is voice in this frame of 20 ms: smoothed, two of the last three."""
        now = level(frame)
        self._levels.append(now)
        detected = self._detector.is_speech(frame, RATE)  # of every frame: it learns from the quiet ones
        self._settling = max(0, self._settling - 1)
        self._voiced.append(detected and not self._settling and now > self._gate())
        self._loudest -= FORGETTING * FRAME_SECONDS
        if len(self._voiced) == _LOUD_FRAMES and all(self._voiced):
            self._loudest = max(self._loudest, sum(list(self._levels)[-_LOUD_FRAMES:]) / _LOUD_FRAMES)
        is_speech = sum(list(self._voiced)[-3:]) >= 2
        self.is_near = is_speech and self.loudness > self._loudest - NEAR
        return is_speech

    @property
    def loudness(self) -> float:
        """The loudest level of the last 0.3 s, in dBFS."""
        return max(list(self._levels)[-_NEAR_FRAMES:], default=-100.0)

    def below_voice(self, frame: bytes) -> float:
        """How many dB the frame is below the caller's loudest tenth of a second lately; negative before any voice."""
        return self._loudest - level(frame)

    def _gate(self) -> float:
        return max(QUIETEST, self._noise() + ABOVE_NOISE, self._loudest - BELOW_VOICE)

    def _noise(self) -> float:
        if len(self._levels) < _FEWEST:
            return -100.0
        return sorted(self._levels)[len(self._levels) * _QUIET_SHARE // 100]
