"""A telephone's keypad: which keys there are, and how they sound (DTMF)."""

import numpy as np

from voice.line import RATE
from voice.tones import HIGH, KEYPAD, LOW

KEYS = frozenset("0123456789*#")
KEY_SECONDS, GAP_SECONDS = 0.1, 0.1  #: what telephones send of their own accord; ITU-T Q.24 wants 40 ms of each
LEVEL = 0.16  #: amplitude of each of the two tones: -13 dBFS together, as telephones send them


def checked(keys: str) -> str:
    """`keys`, if they are keys of a telephone. Raises ValueError."""
    if not keys or not KEYS.issuperset(keys):
        raise ValueError(f"{keys!r} can't be pressed on a telephone: keys are 0 to 9, * and #")
    return keys


def tones(keys: str) -> bytes:
    """The sound of pressing them one after the other, each followed by a gap: 8 kHz, 16-bit mono."""
    return b"".join(_tone(key) + bytes(2 * round(GAP_SECONDS * RATE)) for key in checked(keys))


def _tone(key: str) -> bytes:
    row = next(number for number, keys in enumerate(KEYPAD) if key in keys)
    times = np.arange(round(KEY_SECONDS * RATE)) / RATE
    both = sum(np.sin(2 * np.pi * hertz * times) for hertz in (LOW[row], HIGH[KEYPAD[row].index(key)]))
    return (LEVEL * 32767 * np.asarray(both)).astype("<i2").tobytes()
