"""Taking phone numbers, mail addresses and personal numbers out of what people wrote.

Rather a word too many than a number too few: what looks like one goes, whether or not its check digit is right.
What can't be seen in the characters (names, street addresses, "anna at example punkt se", a phone number without
area code that no word like "ring" announces) stays.
"""

import re
import unicodedata
from dataclasses import dataclass

_DIGIT_GAP = r"(?:,|[\s._*\-‐‑‒–—−\uff0d/()\u00ad\u200b\u2060\u200e\u202a-\u202e\u2066-\u2069]{0,3})"
_SPACE = r"[ \u00a0\u202f]?"


@dataclass(frozen=True, slots=True)
class Markers:
    """What stands instead, in the reader's language: "[telefonnummer]"."""

    phone: str
    mail: str
    personal_number: str


_MAIL = re.compile(
    r"[^\s@＠<>()\[\],;:\"]{1,64}\s?(?:@|＠|\(at\)|\[at\])\s?[^\s@＠<>()\[\],;:\"]{1,190}(?:\s?\.|\s\.\s)[^\W\d_]{2,}",
    re.IGNORECASE,
)

# Year (two or four digits), month, day (plus 60: samordningsnummer), four more; also written digit by digit.
_PERSONAL_NUMBER = re.compile(
    rf"(?<!\d)(?:(?:1{_SPACE}[89]|2{_SPACE}0){_SPACE})?\d{_SPACE}\d[ .\-/]?"
    rf"(?:0{_SPACE}[1-9]|1{_SPACE}[0-2])[ .\-/]?"
    rf"(?:[06]{_SPACE}[1-9]|[1278]{_SPACE}\d|[39]{_SPACE}[01])"
    rf"\s?[\-‐‑‒–—−\uff0d+]?\s?\d{_SPACE}\d{_SPACE}\d{_SPACE}\d(?!\d)"
)
_MOBILE = re.compile(rf"(?<!\d)0{_DIGIT_GAP}7{_DIGIT_GAP}[02369](?:{_DIGIT_GAP}\d){{7}}(?!\d)")

# Opening hours and dates begin with 0 too.
_NOT_A_PHONE = r"(?!\d\d[.:]\d\d\s?[-–]\s?\d\d[.:]\d\d(?!\d))(?!\d\d[-/.]\d\d[-/. ]\d{4}(?!\d))"
_PHONE = re.compile(
    rf"(?<!\d)(?:\+{_DIGIT_GAP}\d|{_NOT_A_PHONE}0|46(?={_DIGIT_GAP}[1-9]))(?:{_DIGIT_GAP}\d){{6,}}"
    rf"|(?<!\d)7[02369](?:{_DIGIT_GAP}\d){{7}}(?!\d)"
    rf"|(?<!\w)0{_DIGIT_GAP}7{_DIGIT_GAP}[02369oO](?:{_DIGIT_GAP}[\doO]){{7}}(?!\w)"  # the letter o for a zero
)
_ANNOUNCED_PHONE = re.compile(
    rf"(\b(?:ring|tel|telefon|mobil|mobilen|sms|smsa|nås|call|phone)\b[^\d\n]{{0,20}})\d(?:{_DIGIT_GAP}\d){{4,}}",
    re.IGNORECASE,
)


def redact(text: str, markers: Markers) -> str:
    """The text with a marker for each phone number, mail address, personnummer and samordningsnummer."""
    text = "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in text)  # "８５" is "85", too
    text = _MAIL.sub(lambda _: markers.mail, text)
    text = _PERSONAL_NUMBER.sub(lambda found: _personal_or_phone(found, markers), text)
    text = _PHONE.sub(lambda _: markers.phone, text)
    return _ANNOUNCED_PHONE.sub(lambda found: found[1] + markers.phone, text)


def _personal_or_phone(found: re.Match[str], markers: Markers) -> str:
    """0701740605 may be either: a mobile number, unless the check digit is a personal number's."""
    digits = [int(sign) for sign in found[0] if sign.isdigit()]
    if _MOBILE.fullmatch(found[0]) and not _luhn(digits[-10:]):
        return markers.phone
    return markers.personal_number


def _luhn(digits: list[int]) -> bool:
    doubled = (digit * (2 - place % 2) for place, digit in enumerate(digits))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
