"""Where each prompt's audio is: a studio recording, ours, a render on this machine, or nowhere yet.

Studio recordings are `<folder>/<language>/<key>.wav`, with what was said in `<key>.txt` beside it. Ours are shipped
with an index of their texts. Renders are named by a hash of what they depend on: a changed text finds none.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

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
    if (studio := folders.studio_wav(key)).is_file():
        said = folders.studio_text(key)
        stale = said.is_file() and said.read_text("utf-8").strip() != text
        return Prompt(key, text, Source.STUDIO, studio, stale)
    if shipped_text == text and (ours := folders.shipped / f"{key}.wav").is_file():
        return Prompt(key, text, Source.SHIPPED, ours)
    if (cached := folders.cached_wav(key, text)).is_file():
        return Prompt(key, text, Source.CACHE, cached)
    return Prompt(key, text, Source.MISSING, None)


def shipped_texts(folder: Path) -> dict[str, str]:
    """What our audio in a language's folder says, by key."""
    try:
        index = tomllib.loads((folder / INDEX).read_text("utf-8"))
    except FileNotFoundError:  # a language that we ship no audio for
        return {}
    return {str(key): str(text) for key, text in index["texts"].items()}
