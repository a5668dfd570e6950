"""Tones in the audio: keypad tones (DTMF), and the beep of an answering machine.

Keypad tones after ITU-T Q.23 and Q.24: two of eight frequencies at once, each within 1.5 % (beyond 3.5 % it is none),
the high one at most 4 dB above the low one and at most 8 dB below it, for at least 40 ms, with at least 40 ms between
two keys. A tone shorter than 24 ms is no key, and a gap of up to 20 ms (a lost packet) doesn't make one key two.
Speech must hardly ever look like a key ("talk-off"): nearly all of the energy has to be in the two tones, steadily.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from voice.line import FRAME_BYTES, FRAME_SECONDS, RATE

LOW = (697, 770, 852, 941)
HIGH = (1209, 1336, 1477, 1633)
KEYPAD = ("123A", "456B", "789C", "*0#D")  #: by low tone, then by high tone

_BLOCK = 40  #: samples (5 ms): how finely a tone's beginning and end are seen
_BLOCKS = 5  #: in one window of 25 ms, the shortest that tells 1.5 % from 3.5 % at 697 Hz
_WINDOW = _BLOCK * _BLOCKS
_TOLERANCE = 0.025  #: between the 1.5 % that must be taken and the 3.5 % that must not
_PROBE = 20.0  #: Hz beside each frequency where it is measured as well, to see where the peak is
_SHIFTS = np.arange(-56.0, 57.0)  #: Hz from a nominal frequency within which a tone can be placed
_HIGH_ABOVE, _HIGH_BELOW = 4.3, 8.3  #: dB of twist; 0.3 dB of margin on what must be taken
_TWIST_DRIFT = 1.0  #: dB that it may change within a key: a voice glides
_SHARE = 0.85  #: of the window's energy that has to be in the two tones: noise may be 8 dB below them
_LIKELY = 0.3  #: the same as seen at the nominal frequencies, where a tone 2.5 % off appears 4 dB weaker
_QUIETEST = -40.0  #: dBFS of a window
_STEADY = 0.1  #: each block has at least this share of the mean energy: the tone fills the window
_HITS = 3  #: windows in a row that make a key: 40 ms always gives three, 23 ms never does
_MISSES = 10  #: windows in a row without it that don't end a key: 20 ms of gap give at most nine, 40 ms eleven

_BEEP_WINDOW = 320  #: samples (40 ms)
_BEEP_HANN = np.hanning(_BEEP_WINDOW)
_BEEP_SHARE = 0.93  #: of the energy that has to be within 50 Hz of the peak
_BEEP_QUIETEST = 1.0  #: of a spectrum: a tone of about -38 dBFS
_BEEP_DRIFT = 0.01  #: how much its frequency may change from one frame to the next
_BEEP_SECONDS = 0.14  #: shorter ones are in music; in 36 minutes of speech there was one
_RINGING, _RINGING_WIDTH = 425, 10  #: Hz


def _probes(frequencies: Sequence[float]) -> NDArray[np.complex128]:
    """Columns: below, at and above each frequency, under a Hann window; |x @ column| is a tone's amplitude."""
    window = np.hanning(_WINDOW + 2)[1:-1]
    times = np.arange(_WINDOW) / RATE
    columns = [
        np.exp(-2j * np.pi * (frequency + shift) * times) * window * (2 / window.sum())
        for frequency in frequencies
        for shift in (-_PROBE, 0.0, _PROBE)
    ]
    return np.array(columns).T.copy()


def _responses() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For a tone at each of `_SHIFTS` from a nominal frequency: above/below in nepers, and its power as seen there."""
    times = np.arange(_WINDOW) / RATE
    tones = np.exp(2j * np.pi * np.outer(_SHIFTS + 1000, times)) / 2
    below, at, above = (np.abs(tones @ _probes([1000])) ** 2).T
    return np.log(above / below), at


_PROBES = _probes(LOW + HIGH)
_SLOPES, _SEEN = _responses()


class _Tones(NamedTuple):
    """A key's tones as they fill one window."""

    key: str  #: "" for none
    twist: float  #: dB that the high tone is stronger


_NO_TONES = _Tones("", 0.0)


class KeypadTones:
    """One line's keypad tones. Feed it every frame in order."""

    def __init__(self) -> None:
        self._tail = np.zeros(_WINDOW - _BLOCK)
        self._candidate = _NO_TONES
        self._hits = 0
        self._misses = 0
        self._held = ""

    @property
    def sounding(self) -> bool:
        """Whether a key's tones are in the last frame, or were until less than 40 ms ago: nothing that was said."""
        return self._held != "" or self._candidate.key != ""

    def hear(self, frame: bytes) -> str:
        """The keys whose tones were recognised in this frame of 20 ms: each once, however long it is held."""
        audio = np.concatenate((self._tail, np.frombuffer(frame, "<i2") / 32768))
        self._tail = audio[-(_WINDOW - _BLOCK) :]
        return "".join([self._taken(tones) for tones in _tones(audio)])

    def _taken(self, tones: _Tones) -> str:
        """One window further: the key that has become certain with it, or ""."""
        if tones.key and tones.key == self._held:
            self._misses = 0
            return ""
        self._misses += 1
        if self._misses > _MISSES:
            self._held = ""
        same = tones.key == self._candidate.key and abs(tones.twist - self._candidate.twist) < _TWIST_DRIFT
        if not same:
            self._candidate, self._hits = tones, 0
        self._hits += 1
        if not tones.key or self._hits < _HITS:
            return ""
        self._held, self._candidate, self._hits, self._misses = tones.key, _NO_TONES, 0, 0
        return tones.key if tones.key in "0123456789*#" else ""


def _tones(audio: NDArray[np.float64]) -> list[_Tones]:
    """What is in each window of `audio`, 5 ms apart."""
    windows = np.lib.stride_tricks.sliding_window_view(audio, _WINDOW)[::_BLOCK]
    windows = windows - windows.mean(axis=1, keepdims=True)  # sound cards add a constant
    energy = (windows**2).mean(axis=1)
    if energy.max() <= 10 ** (_QUIETEST / 10):  # most of a call: nobody speaks
        return [_NO_TONES] * len(windows)
    blocks = (windows.reshape(len(windows), _BLOCKS, _BLOCK) ** 2).mean(axis=2)
    power = (np.abs(windows @ _PROBES) ** 2 / 2).reshape(len(windows), 8, 3)
    seen = power[:, :4, 1].max(axis=1) + power[:, 4:, 1].max(axis=1)
    likely = (energy > 10 ** (_QUIETEST / 10)) & (blocks.min(axis=1) > _STEADY * energy) & (seen > _LIKELY * energy)
    return [_judged(power[each], energy[each]) if likely[each] else _NO_TONES for each in range(len(windows))]


def _judged(power: NDArray[np.float64], energy: float) -> _Tones:
    """`power` at the eight frequencies (below, at, above), of a window with that energy."""
    low = int(np.argmax(power[:4, 1]))
    high = int(np.argmax(power[4:, 1]))
    low_shift, low_power = _peak(power[low])
    high_shift, high_power = _peak(power[4 + high])
    twist = 10 * math.log10(high_power / low_power)
    if low_power + high_power < _SHARE * energy or not -_HIGH_BELOW <= twist <= _HIGH_ABOVE:
        return _NO_TONES
    if abs(low_shift) > _TOLERANCE * LOW[low] or abs(high_shift) > _TOLERANCE * HIGH[high]:
        return _NO_TONES
    return _Tones(KEYPAD[low][high], twist)


def _peak(power: NDArray[np.float64]) -> tuple[float, float]:
    """How many Hz a tone is off its nominal frequency, and its power, from that below, at and above the frequency."""
    below, at, above = power + 1e-12
    slope = math.log(above / below)
    return float(np.interp(slope, _SLOPES, _SHIFTS)), float(at / np.interp(slope, _SLOPES, _SEEN))


class Beep:
    """Listens for the beep of an answering machine: one steady tone. Feed it every frame in order.

    Ringing and engaged tones (425 Hz in Sweden) are none, nor are keypad tones: two tones are no single one.
    """

    def __init__(self) -> None:
        self._tail = np.zeros(_BEEP_WINDOW - FRAME_BYTES // 2)
        self._frequency = 0.0
        self.seconds = 0.0  #: how long a single tone of any frequency has been sounding

    def hear(self, frame: bytes) -> bool:
        """Whether a tone of 400 to 2000 Hz has by now been sounding for 140 ms."""
        audio = np.concatenate((self._tail, np.frombuffer(frame, "<i2") / 32768))
        self._tail = audio[-len(self._tail) :]
        frequency = _single_tone(audio)
        same = self._frequency > 0 and abs(frequency - self._frequency) < _BEEP_DRIFT * self._frequency
        self.seconds = self.seconds + FRAME_SECONDS if same else 0.0
        self._frequency = frequency
        at_a_beeps_pitch = 400 <= frequency <= 2000 and abs(frequency - _RINGING) > _RINGING_WIDTH
        return at_a_beeps_pitch and self.seconds > _BEEP_SECONDS - _BEEP_WINDOW / RATE - FRAME_SECONDS / 2


def _single_tone(audio: NDArray[np.float64]) -> float:
    """The frequency that has nearly all of the energy, or 0."""
    audio = audio - audio.mean()
    if len(audio) * float(np.dot(audio, audio)) < _BEEP_QUIETEST:  # its spectrum can't have more
        return 0.0
    spectrum = np.abs(np.fft.rfft(audio * _BEEP_HANN)) ** 2
    peak = int(np.argmax(spectrum))
    total = float(spectrum.sum())
    if not 2 <= peak < len(spectrum) - 2 or total < _BEEP_QUIETEST:
        return 0.0
    around = spectrum[peak - 2 : peak + 3]
    if float(around.sum()) < _BEEP_SHARE * total:
        return 0.0
    return float(np.dot(around, np.arange(peak - 2, peak + 3)) / around.sum() * RATE / _BEEP_WINDOW)
