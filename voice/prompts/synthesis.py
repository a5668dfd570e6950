"""espeak-ng as the voice of last resort: for a text that nobody has recorded and that we ship no audio of.

The program is used where it is installed, else the library in the wheel `espeakng-loader`. Intelligible, not pretty.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np

from voice.audio_files import AudioFileError, read_audio, write_wav
from voice.prompts.loudness import Samples
from voice.prompts.shaping import MASTER_RATE, PHONE_RATE, shaped
from voice.prompts.sources import RENDER_WORDS_A_MINUTE, Prompt, PromptFolders, Source

PATIENCE = 60.0  # seconds
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
            return Espeak((program,))
    return espeak_library() if find_spec("espeakng_loader") else None


def espeak_library() -> "Espeak":
    """The one of the wheel `espeakng-loader`."""
    return Espeak((sys.executable, str(Path(__file__).with_name("espeak_library.py"))))


@dataclass(frozen=True, slots=True)
class Espeak:
    """The espeak-ng program, or another that takes its arguments."""

    command: tuple[str, ...]

    def speak(self, text: str, language: str) -> Samples:
        with tempfile.TemporaryDirectory() as folder:
            spoken = Path(folder) / "spoken.wav"
            # The text goes in on standard input: as an argument it could be taken for an option.
            options = ("-v", language, "-s", str(RENDER_WORDS_A_MINUTE), "-w", str(spoken), "--stdin")
            try:
                subprocess.run(  # noqa: S603 - a program found by us, and no shell
                    (*self.command, *options), input=text.encode(), capture_output=True, check=True, timeout=PATIENCE
                )
                return samples_of(read_audio(spoken, MASTER_RATE))
            except subprocess.CalledProcessError as error:
                reason = error.stderr.decode(errors="replace").strip()
                raise SynthesisError(f"espeak-ng can't say {text!r} in {language!r}: {reason}") from error
            except AudioFileError as error:
                raise SynthesisError(f"espeak-ng says nothing for {text!r} in {language!r}") from error
            except (OSError, subprocess.TimeoutExpired) as error:
                raise SynthesisError(f"{self.command[0]} doesn't work: {error}") from error
