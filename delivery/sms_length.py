"""How long a text message is on the air: which alphabet it needs, and into how many parts networks cut it.

GSM 03.38 (3GPP TS 23.038): a message of the GSM 7-bit default alphabet holds 160 characters, one of UCS-2 holds 70. A
longer one is cut into parts of 153 or 67, since each part carries a header that says which part it is (TS 23.040).
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")  # an escape and a character: two places
_WRITTEN = {
    **dict.fromkeys("”“„‟«»″", '"'),
    **dict.fromkeys("’‘‚‛´`′", "'"),
    **dict.fromkeys("–—‐‑‒―−•·", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u2028\u2029\t\v\x85", " "),
    "…": "...",
    "\u2044": "/",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "Ł": "L",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "µ": "u",
    "œ": "oe",
}


class Alphabet(StrEnum):
    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


_WHOLE = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
_PART = {Alphabet.GSM7: 153, Alphabet.UCS2: 67}


@dataclass(frozen=True, slots=True)
class Length:
    """What a text takes: `units` are septets (GSM-7) or 16-bit units (UCS-2); `outside` forced it into UCS-2."""

    alphabet: Alphabet
    units: int
    parts: int
    outside: tuple[str, ...] = ()  #: the characters that GSM-7 lacks, each once, in order


def measure(text: str) -> Length:
    """How long `text` is, as networks and gateways count it."""
    outside = tuple(dict.fromkeys(char for char in text if char not in _BASIC and char not in _EXTENSION))
    alphabet = Alphabet.UCS2 if outside else Alphabet.GSM7
    units = sum(_units(char, alphabet) for char in text)
    return Length(alphabet, units, len(split(text)), outside)


def split(text: str) -> list[str]:
    """`text` cut as networks cut it. No part ends within an escaped character or a surrogate pair."""
    gsm = all(char in _BASIC or char in _EXTENSION for char in text)
    alphabet = Alphabet.GSM7 if gsm else Alphabet.UCS2
    if sum(_units(char, alphabet) for char in text) <= _WHOLE[alphabet]:
        return [text]
    parts, start, used = [], 0, 0
    for place, char in enumerate(text):
        units = _units(char, alphabet)
        if used + units > _PART[alphabet]:
            parts.append(text[start:place])
            start, used = place, 0
        used += units
    return [*parts, text[start:]]


def _units(char: str, alphabet: Alphabet) -> int:
    if alphabet is Alphabet.GSM7:
        return 2 if char in _EXTENSION else 1
    return 2 if ord(char) > 0xFFFF else 1


def plain(text: str) -> str:
    """`text` on one line, in GSM-7 as far as that can be done without hurting a word.

    Typographic marks become plain ones, accents that GSM-7 lacks are left off ("á" is "a"; å, ä, ö, é and ü stay),
    symbols and emoji go. Letters of other scripts stay as they are: the message then needs UCS-2.
    """
    written = "".join(_plain(char) for char in unicodedata.normalize("NFC", text))
    return " ".join(written.split())


def _plain(char: str) -> str:
    if char in _WRITTEN:
        return _WRITTEN[char]
    if char.isspace():
        return " "
    if char in _BASIC or char in _EXTENSION:
        return char if char != "\f" else " "
    taken_apart = unicodedata.normalize("NFKD", char)
    base = "".join(_WRITTEN.get(part, part) for part in taken_apart if not unicodedata.combining(part))
    if base and all(part in _BASIC for part in base):
        return base
    return char if unicodedata.category(char)[0] in "LNM" else ""
