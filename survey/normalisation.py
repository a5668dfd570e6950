"""A reply as a person wrote it, made into plain tokens: words, numbers, symbols and the marks between them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

#: Longer replies are cut: nobody rates a service in more, and the time to read one stays bounded.
LONGEST_REPLY = 2000

_SKIN_TONES = range(0x1F3FB, 0x1F400)
_DROPPED = {"\ufe0e", "\ufe0f", "\u20e3", "\u2640", "\u2642"}  # variation selectors, keycaps, ♀ and ♂ of a ZWJ emoji
_SPACED_OUT = re.compile(r"(?<!\S)(?:[^\W\d_] ){2,}[^\W\d_](?!\S)")
_FOLDS = str.maketrans({"å": "a", "ä": "a", "ö": "o", "æ": "a", "ø": "o", "é": "e", "è": "e", "ü": "u"})
_DIGRAPHS = (("aa", "a"), ("ae", "a"), ("oe", "o"))


class Mark(StrEnum):
    """What kind of token it is."""

    WORD = "word"
    NUMBER = "number"
    SYMBOL = "symbol"  #: an emoji or a text smiley
    COMMA = "comma"
    STOP = "stop"
    ASKS = "asks"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is in lower case and NFC."""

    text: str
    mark: Mark


def plain(reply: str) -> str:
    """`reply` in lower case and NFC, without invisible characters, skin tones and variation selectors.

    Line breaks stay, every other space is one blank; "d å l i g t" is one word. Å, ä and ö stay; see `fold`.
    """
    text = unicodedata.normalize("NFKC", reply[: LONGEST_REPLY * 4]).casefold()
    text = unicodedata.normalize("NFC", text)
    kept = [_visible(character) for character in text]
    lines = (" ".join(line.split()) for line in "".join(kept).splitlines())
    return "\n".join(_SPACED_OUT.sub(_joined, line) for line in lines).strip()[:LONGEST_REPLY]


def _joined(spaced_out: re.Match[str]) -> str:
    return spaced_out.group().replace(" ", "")


def _visible(character: str) -> str:
    if character in "\n\r":
        return "\n"
    if ord(character) in _SKIN_TONES or character in _DROPPED:
        return ""
    category = unicodedata.category(character)
    if category == "Cf":  # zero-width spaces and joiners, soft hyphens, text direction marks
        return ""
    return " " if category in {"Cc", "Cs", "Co"} else character


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """A key under which "dåligt", "daligt" and "daaligt" are the same word."""
    key = word.translate(_FOLDS)
    for written, letter in _DIGRAPHS:
        key = key.replace(written, letter)
    return key


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """Like `fold`, and each run of the same letter counts once: "jättebbraaa" and "jättebra" are the same word."""
    return undoubled(fold(word))


def undoubled(word: str) -> str:
    """`word` with each run of the same letter as one."""
    return re.sub(r"(.)\1+", r"\1", word)


def tokenise(text: str, smileys: Iterable[str]) -> list[Token]:
    """The tokens of a `plain` text. `smileys` are the text smileys to keep whole, such as ":)"."""
    tokens = []
    for found in _grammar(tuple(smileys)).finditer(text):
        kind = Mark(found.lastgroup or "")
        tokens.append(Token(found.group(), kind))
    return tokens


@lru_cache(maxsize=16)
def _grammar(smileys: tuple[str, ...]) -> re.Pattern[str]:
    listed = "|".join(re.escape(smiley) for smiley in sorted(smileys, key=len, reverse=True)) or r"(?!)"
    return re.compile(
        rf"(?P<symbol>(?!://)(?:{listed})(?!\w)|[^\w\s\x00-\x7f‘’´“”„«»–—…·•§¿¡°¤£¨])"
        r"|(?P<number>\d+(?:[.,/]\d+)+|\d+(?::?[ae]n?\b)?)"
        r"|(?P<word>[^\W\d_]+(?:['’´`-][^\W\d_]+)*|(?<=\w)\s*/\s*(?=[^\W\d_])|&|(?<=\d)\s*%)"
        r"|(?P<asks>[!.…]*\?[?!.…]*)"
        r"|(?P<stop>[.!;…\n]+)"
        r"|(?P<comma>[,:()–—-]+)"
        r'|(?P<quote>["“”„«»]+)'
    )
