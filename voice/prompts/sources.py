"""Where each prompt's audio is: a studio recording, ours, a render on this machine, or nowhere yet.

Studio recordings are `<folder>/<language>/<key>.wav`, with what was said in `<key>.txt` beside it. Ours are shipped
with an index of their texts. Renders are named by a hash of what they depend on: a changed text finds none. A recording
or render that can't be read is passed over for what comes next.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from voice.audio_files import AudioFileError, read_audio
from voice.prompts.shaping import PHONE_RATE

SHIPPED = Path(__file__).parent.parent / "default_prompts"
RENDER_VOICE = "espeak-ng"
RENDER_WORDS_A_MINUTE = 145
RENDER_VERSION = 1  # raise it when the same words come out otherwise, and cached renders are made anew
INDEX = "index.toml"


class Source(StrEnum):
    STUDIO = "studio"  #: recorded by the organisation
    SHIPPED = "default"  #: came with Omdöme
    CACHE = "cache"  #: rendered on this machine
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to say, and where its audio is."""

    key: str
    text: str
    source: Source
    path: Path | None  #: None when missing
    stale: bool = False  #: a studio recording of a text that has changed since; it is used all the same
    broken: str = ""  #: why better audio, which there is, can't be used: its file, and what is wrong with it


@dataclass(frozen=True, slots=True)
class PromptFolders:
    """The folders of one language's audio; none of them need exist."""

    language: str
    studio: Path
    cache: Path
    shipped: Path

    @classmethod
    def of(cls, language: str, studio: Path, cache: Path, shipped: Path = SHIPPED) -> "PromptFolders":
        """`studio`, `cache` and `shipped` are the folders that hold one folder per language."""
        return cls(language, studio / language, cache / language, shipped / language)

    def studio_wav(self, key: str) -> Path:
        return self.studio / f"{key}.wav"

    def studio_text(self, key: str) -> Path:
        """What was said in the studio recording, for whoever asks later whether it is out of date."""
        return self.studio / f"{key}.txt"

    def cached_wav(self, key: str, text: str) -> Path:
        """Where the render of `text` on this machine is, or would be."""
        made_of = (text, RENDER_VOICE, self.language, RENDER_WORDS_A_MINUTE, RENDER_VERSION, PHONE_RATE)
        name = hashlib.sha256("\0".join(map(str, made_of)).encode()).hexdigest()[:16]
        return self.cache / f"{key}.{name}.wav"


def find_prompts(wordings: Mapping[str, str], folders: PromptFolders) -> list[Prompt]:
    """Where the audio of every text is, in their order."""
    shipped = shipped_texts(folders.shipped)
    return [_found(key, text, folders, shipped.get(key)) for key, text in wordings.items()]


def _found(key: str, text: str, folders: PromptFolders, shipped_text: str | None) -> Prompt:
    broken = ""
    if _is_there(studio := folders.studio_wav(key)) and not (broken := _fault_of(studio)):
        return Prompt(key, text, Source.STUDIO, studio, _says_otherwise(folders.studio_text(key), text))
    if shipped_text == text and (ours := folders.shipped / f"{key}.wav").is_file():
        return Prompt(key, text, Source.SHIPPED, ours, broken=broken)
    if _is_there(cached := folders.cached_wav(key, text)):
        if not (fault := _fault_of(cached)):
            return Prompt(key, text, Source.CACHE, cached, broken=broken)
        broken = broken or fault
    return Prompt(key, text, Source.MISSING, None, broken=broken)


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # below a folder that nobody lets us into
        return False


def _fault_of(recording: Path) -> str:
    """What is wrong with it; "" when it can be played."""
    try:
        read_audio(recording)
    except AudioFileError as error:
        return str(error)
    return ""


def _says_otherwise(said: Path, text: str) -> bool:
    try:
        return said.is_file() and said.read_text("utf-8", errors="replace").strip() != text
    except OSError:
        return True


def shipped_texts(folder: Path) -> dict[str, str]:
    """What our audio in a language's folder says, by key."""
    try:
        index = tomllib.loads((folder / INDEX).read_text("utf-8"))
    except FileNotFoundError:  # a language that we ship no audio for
        return {}
    return {str(key): str(text) for key, text in index["texts"].items()}
