"""What telephone codecs leave of a sound: G.711 by its formula, GSM 06.10 by ffmpeg (libgsm), many in one run."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import numpy as np


def _companded(sound: np.ndarray, codec: str) -> np.ndarray:
    """G.711 to and fro, by its continuous law and 8 bits: within half a step of the segmented one."""
    size = np.abs(np.clip(sound, -1, 1))
    if codec == "alaw":
        a = 87.6
        law = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1))) / (1 + np.log(a))
        law = (np.floor(law * 127) + 0.5) / 127  # A-law has no zero: silence sits half a step away from it
        back = np.where(law < 1 / (1 + np.log(a)), law * (1 + np.log(a)) / a, np.exp(law * (1 + np.log(a)) - 1) / a)
    else:
        law = np.round(np.log1p(255 * size) / np.log(256) * 127) / 127
        back = np.expm1(law * np.log(256)) / 255
    return np.sign(sound) * back


def _gsm(sounds: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Sounds one after the other through the codec, so that one process does for many."""
    ends = np.cumsum([len(sound) for sound in sounds])
    pcm = (np.clip(np.concatenate(sounds), -1, 1) * 32767).astype("<i2").tobytes()
    raw = ["-f", "s16le", "-ar", "8000", "-ac", "1"]
    quiet = ["ffmpeg", "-v", "error"]
    coded = subprocess.run(
        [*quiet, *raw, "-i", "-", "-c:a", "libgsm", "-f", "gsm", "-"], input=pcm, capture_output=True, check=True
    )
    back = subprocess.run(
        [*quiet, "-f", "gsm", "-i", "-", *raw, "-"], input=coded.stdout, capture_output=True, check=True
    )
    whole = np.frombuffer(back.stdout, "<i2") / 32768
    whole = np.pad(whole, (0, max(0, int(ends[-1]) - len(whole))))[: int(ends[-1])]
    return np.split(whole, ends[:-1])


def coded(sounds: Sequence[np.ndarray], codecs: Sequence[str]) -> list[bytes]:
    """Each sound through its codec ("alaw", "ulaw", "gsm" or "none"), as 16-bit PCM at 8 kHz."""
    results = [_companded(s, c) if c in ("alaw", "ulaw") else s for s, c in zip(sounds, codecs, strict=True)]
    mobile = [n for n, codec in enumerate(codecs) if codec == "gsm"]
    if mobile:
        for n, sound in zip(mobile, _gsm([sounds[n] for n in mobile]), strict=True):
            results[n] = sound
    return [(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes() for sound in results]
