"""Speech for the tests of the phone: any language that espeak-ng speaks, as it sounds on a telephone.

The synthesiser comes from the wheel `espeakng-loader`, so a machine needs no program installed. It is one per process
and not thread-safe. The same words are not the same samples every time: their length (by some hundredths of a second)
and their flutter depend on what was spoken before, so a test must not stand on an edge.
"""

import ctypes
from functools import cache

import espeakng_loader
import numpy as np
import soxr

RATE = 8000  #: samples a second of everything here
FRAME_BYTES = 320  #: 20 ms

_RETRIEVAL, _DONT_EXIT, _UTF8 = 1, 0x8000, 1
_WORDS_A_MINUTE, _PITCH = 1, 3  # parameters' numbers in speak_lib.h
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def spoken(words: str, voice: str = "sv", *, rate: int = 160, pitch: int = 50, pause: float = 0.0) -> bytes:
    """`words` as 8 kHz, 16-bit mono PCM, in whole 20 ms frames.

    `voice` is one of espeak-ng's ("sv", "ko", "en-us", "sv+f2" …), `rate` words a minute, `pitch` 0..99, `pause` the
    seconds of silence before and after.
    """
    samples, made_at = _synthesised(words, voice, rate, pitch)
    phone = soxr.resample(samples.astype(np.float32), made_at, RATE)
    loud = phone * (0.5 * 32767 / max(1.0, float(np.abs(phone).max())))
    return silence(pause) + in_frames(loud.astype("<i2").tobytes()) + silence(pause)


def silence(seconds: float) -> bytes:
    """Digital silence of about `seconds`, in whole frames."""
    return bytes(FRAME_BYTES * round(seconds * 50))


def noise(seconds: float, level: float = 0.05, seed: int = 1) -> bytes:
    """White noise, `level` of full scale (RMS)."""
    samples = np.random.default_rng(seed).normal(0, level * 32767, round(seconds * 50) * FRAME_BYTES // 2)
    return bytes(np.clip(samples, -32768, 32767).astype("<i2").tobytes())


def in_frames(audio: bytes) -> bytes:
    """`audio` filled up with silence to whole frames."""
    return audio + bytes(-len(audio) % FRAME_BYTES)


def frames(audio: bytes) -> list[bytes]:
    """The 20 ms frames of `audio`; silence fills the last one."""
    whole = in_frames(audio)
    return [whole[at : at + FRAME_BYTES] for at in range(0, len(whole), FRAME_BYTES)]


def mixed(*sounds: bytes) -> bytes:
    """All of them at once, as long as the longest; what is too loud is clipped."""
    length = max(len(sound) for sound in sounds) // 2
    total = np.zeros(length, dtype=np.int32)
    for sound in sounds:
        samples = np.frombuffer(sound, "<i2")
        total[: len(samples)] += samples
    return bytes(np.clip(total, -32768, 32767).astype("<i2").tobytes())


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    folder = espeakng_loader.get_data_path().removesuffix("espeak-ng-data").encode()
    rate = library.espeak_Initialize(_RETRIEVAL, 0, folder, _DONT_EXIT)
    assert rate > 0, "espeak-ng would not start"
    return library, rate


@cache
def _synthesised(words: str, voice: str, rate: int, pitch: int) -> tuple[np.ndarray, int]:
    library, made_at = _library()
    parts: list[bytes] = []

    def take(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if samples and count:
            parts.append(ctypes.string_at(samples, count * 2))
        return 0

    callback = _CALLBACK(take)
    library.espeak_SetSynthCallback(callback)
    assert library.espeak_SetVoiceByName(voice.encode()) == 0, f"espeak-ng has no voice {voice!r}"
    library.espeak_SetParameter(_WORDS_A_MINUTE, rate, 0)
    library.espeak_SetParameter(_PITCH, pitch, 0)
    text = words.encode()
    assert library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None) == 0
    library.espeak_Synchronize()
    return np.frombuffer(b"".join(parts), "<i2"), made_at
