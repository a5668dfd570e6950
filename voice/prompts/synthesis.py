"""espeak-ng as the voice of last resort: for a text that nobody has recorded and that we ship no audio of.

The program is used where it is installed, else the library in the wheel `espeakng-loader`. Intelligible, not pretty.
"""

import ctypes
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np

from voice.audio_files import read_audio, write_wav
from voice.prompts.loudness import Samples
from voice.prompts.shaping import MASTER_RATE, PHONE_RATE, shaped
from voice.prompts.sources import RENDER_WORDS_A_MINUTE, Prompt, PromptFolders, Source

PATIENCE_SECONDS = 60
GET_ESPEAK = (
    "apt-get install espeak-ng (Debian, Ubuntu), brew install espeak-ng (macOS), or pip install espeakng-loader"
)


class SynthesisError(Exception):
    """espeak-ng couldn't speak: its own words, or how to install it."""


class Synthesiser(Protocol):
    """Something that can say any text."""

    def speak(self, text: str, language: str) -> Samples:
        """`text` as mono sound of MASTER_RATE samples a second, -1..1. Raises SynthesisError."""


def render(prompt: Prompt, folders: PromptFolders, synthesiser: Synthesiser) -> Prompt:
    """Say a prompt into the cache, where its older renders are removed. Raises SynthesisError and OSError."""
    path = folders.cached_wav(prompt.key, prompt.text)
    sound = shaped(synthesiser.speak(prompt.text, folders.language), MASTER_RATE, PHONE_RATE)
    folders.cache.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".partial")
    write_wav(unfinished, pcm(sound))
    unfinished.replace(path)
    for other in folders.cache.glob(f"{prompt.key}.????????????????.wav"):
        if other != path:
            other.unlink(missing_ok=True)
    return replace(prompt, source=Source.CACHE, path=path)


def pcm(samples: Samples) -> bytes:
    """-1..1 as 16-bit PCM."""
    return (samples * np.float32(32768)).round().clip(-32768, 32767).astype("<i2").tobytes()


def samples_of(audio: bytes) -> Samples:
    """16-bit PCM as -1..1."""
    return np.frombuffer(audio, "<i2").astype(np.float32) / np.float32(32768)


def find_synthesiser() -> Synthesiser | None:
    """espeak-ng, if this machine has it."""
    for name in ("espeak-ng", "espeak"):
        if program := shutil.which(name):
            return EspeakProgram(program)
    return EspeakLibrary() if find_spec("espeakng_loader") else None


@dataclass(frozen=True, slots=True)
class EspeakProgram:
    """The espeak-ng (or older espeak) program."""

    program: str

    def speak(self, text: str, language: str) -> Samples:
        with tempfile.TemporaryDirectory() as folder:
            spoken = Path(folder) / "spoken.wav"
            # The text goes in on standard input: as an argument it could be taken for an option.
            command = [self.program, "-v", language, "-s", str(RENDER_WORDS_A_MINUTE), "-w", str(spoken), "--stdin"]
            try:
                subprocess.run(  # noqa: S603 - a program found by us, and no shell
                    command, input=text.encode(), capture_output=True, check=True, timeout=PATIENCE_SECONDS
                )
                return samples_of(read_audio(spoken, MASTER_RATE))
            except subprocess.CalledProcessError as error:
                reason = error.stderr.decode(errors="replace").strip()
                raise SynthesisError(f"espeak-ng can't say {text!r} in {language!r}: {reason}") from error
            except (OSError, subprocess.TimeoutExpired) as error:
                raise SynthesisError(f"{self.program} doesn't work: {error}") from error


@dataclass(frozen=True, slots=True)
class EspeakLibrary:
    """The library in the wheel `espeakng-loader`. One thread at a time."""

    def speak(self, text: str, language: str) -> Samples:
        import soxr

        audio, rate = _said(text, language)
        sound = np.asarray(soxr.resample(samples_of(audio), rate, MASTER_RATE, "HQ"), np.float32)
        if not len(sound):
            raise SynthesisError(f"espeak-ng says nothing for {text!r}")
        return sound


_RETRIEVAL, _DONT_EXIT, _UTF8, _RATE_PARAMETER = 1, 0x8000, 1, 1  # of speak_lib.h
_TAKE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    folder = str(espeakng_loader.get_data_path()).removesuffix("espeak-ng-data").encode()
    rate = library.espeak_Initialize(_RETRIEVAL, 0, folder, _DONT_EXIT)
    if rate <= 0:
        raise SynthesisError(f"the library of espeakng-loader doesn't start; install the program: {GET_ESPEAK}")
    return library, rate


def _said(text: str, language: str) -> tuple[bytes, int]:
    library, rate = _library()
    pieces: list[bytes] = []

    def take(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if samples and count:
            pieces.append(ctypes.string_at(samples, count * 2))
        return 0

    callback = _TAKE(take)  # kept while the library may call it
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(language.encode()) != 0:
        raise SynthesisError(f"espeak-ng has no voice for {language!r}")
    library.espeak_SetParameter(_RATE_PARAMETER, RENDER_WORDS_A_MINUTE, 0)
    spoken = text.encode()
    library.espeak_Synth(spoken, len(spoken) + 1, 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    return b"".join(pieces), rate
