"""The library of the wheel `espeakng-loader` as a program that takes the same arguments as espeak-ng's.

Run as one, in a process of its own: the library keeps its state in globals, and one that hangs or dies must not take a
service along.
"""

import argparse
import ctypes
import sys
import wave

import espeakng_loader

_SYNCHRONOUS, _DONT_EXIT, _UTF8, _RATE_PARAMETER = 2, 0x8000, 1, 1  # of espeak-ng's speak_lib.h
_TAKE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main() -> None:
    """Say what is on standard input, into the WAV file `-w`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", dest="voice", required=True)
    parser.add_argument("-s", dest="words_a_minute", type=int, required=True)
    parser.add_argument("-w", dest="file", required=True)
    parser.add_argument("--stdin", action="store_true", required=True)
    asked = parser.parse_args()
    audio, rate = _said(sys.stdin.buffer.read(), asked.voice, asked.words_a_minute)
    with wave.open(asked.file, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(audio)


def _said(text: bytes, voice: str, words_a_minute: int) -> tuple[bytes, int]:
    """16-bit PCM and its rate."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    folder = str(espeakng_loader.get_data_path()).removesuffix("espeak-ng-data").encode()
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, folder, _DONT_EXIT)
    if rate <= 0:
        sys.exit("the library doesn't start")
    pieces: list[bytes] = []

    def take(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, count * 2))
        return 0

    callback = _TAKE(take)  # kept while the library may call it
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        sys.exit(f"there is no voice {voice!r}")
    library.espeak_SetParameter(_RATE_PARAMETER, words_a_minute, 0)
    library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None)
    return b"".join(pieces), rate


if __name__ == "__main__":
    main()
