"""What the synthetic speakers say: the table wordings.toml, read into plain values."""

from __future__ import annotations

import ctypes
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CLASSES = ("bra", "ok", "dåligt", "ja", "nej", "upprepa", "ett", "två", "tre", "other")


@dataclass(frozen=True)
class Wording:
    """One group of equal replies: either IPA variants or Swedish texts, and which class they are."""

    label: str
    kind: str  # "word" for an answer word; else what sort of other thing it is
    share: float  # of the clips of every stream but "words"
    share_of_words: float  # of the clips of the stream "words"
    sure: float  # target probability of `label`; the rest goes to "other"
    ipa: tuple[str, ...]
    text: tuple[str, ...]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("wordings.toml").read_text(encoding="utf-8"))


@cache
def all_wordings() -> tuple[Wording, ...]:
    """The table in file order. Raises ValueError for a label that isn't a class."""
    rows = _table()["wording"]
    for row in rows:
        if row["label"] not in CLASSES:
            raise ValueError(f"wordings.toml: {row['label']!r} is no class; one of {', '.join(CLASSES)}")
    return tuple(
        Wording(
            label=row["label"],
            kind=row.get("kind", "word" if row.get("sure", 1.0) == 1.0 else "carried"),
            share=row.get("share", 0.0),
            share_of_words=row.get("share_of_words", 0.0),
            sure=row.get("sure", 1.0),
            ipa=tuple(row.get("ipa", ())),
            text=tuple(row.get("text", ())),
        )
        for row in rows
    )


@cache
def left_out() -> frozenset[str]:
    """What is spoken but used for nothing, as it is too near an answer word to be called something else."""
    return frozenset(_table()["left_out"]["said"])


@cache
def _espeak() -> ctypes.CDLL:
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)
    library.espeak_SetVoiceByName(b"sv")
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    return library


@cache
def swedish_ipa(text: str) -> str:
    """The IPA of a Swedish text, word by word, so that the hand-checked words are used wherever they occur."""
    return " ".join(_table()["spelled"].get(word) or _rule_ipa(word) for word in text.split())


def _rule_ipa(word: str) -> str:
    rest = ctypes.c_char_p(word.encode())
    ipa = _espeak().espeak_TextToPhonemes(ctypes.byref(rest), 1, 2).decode()
    return ipa.strip()
