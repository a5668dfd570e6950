"""Whether somebody is speaking in 20 ms of audio: webrtcvad, behind a gate that follows the line's own noise."""

from collections import deque

import numpy as np
import webrtcvad

from voice.line import RATE

MODE = 2  #: of 0 (lets more through) to 3
QUIETEST = -55.0  #: dBFS: below this nobody is speaking
ABOVE_NOISE = 6.0  #: dB that voice must be above the line's own noise
_REMEMBERED = 150  #: frames (3 s) that the noise is estimated from
_NOISE_SHARE = 10  #: per cent of them, the quietest, that are taken to be noise alone


def level(frame: bytes) -> float:
    """The frame's level in dBFS (0 is the RMS of full scale; digital silence is -100)."""
    samples = np.frombuffer(frame, "<i2").astype(np.float64)
    rms = float(np.sqrt(np.mean(samples * samples))) if len(samples) else 0.0
    return 20 * float(np.log10(max(rms, 0.33) / 32768))


class VoiceActivity:
    """One call's detector. It learns the line's noise as it goes."""

    def __init__(self, mode: int = MODE) -> None:
        self._detector = webrtcvad.Vad(mode)
        self._levels: deque[float] = deque(maxlen=_REMEMBERED)
        self._recent: deque[bool] = deque(maxlen=3)

    def is_speech(self, frame: bytes) -> bool:
        """Whether there is voice in this frame of 20 ms: smoothed, two of the last three."""
        loudness = level(frame)
        self._levels.append(loudness)
        voiced = loudness > max(QUIETEST, self._noise() + ABOVE_NOISE) and self._detector.is_speech(frame, RATE)
        self._recent.append(voiced)
        return sum(self._recent) >= 2

    def _noise(self) -> float:
        """dBFS; far below anything until there is enough to judge by."""
        if len(self._levels) < _REMEMBERED:
            return -100.0
        return sorted(self._levels)[_REMEMBERED * _NOISE_SHARE // 100]
