"""Which of their column headers (or JSON keys) is which of our fields."""

import unicodedata
from collections.abc import Mapping, Sequence

from intake.rows import REQUIRED

#: Our field → the names it is known by, best first. The configuration replaces any of these.
DEFAULT_COLUMNS: Mapping[str, Sequence[str]] = {
    "case_id": ("case_id", "ärendenummer", "ärendeid", "ärende-id", "diarienummer", "ärende"),
    "opened_at": ("opened_at", "öppnat", "öppnad", "skapat", "skapad", "inkom", "registrerat"),
    "closed_at": ("closed_at", "avslutat", "avslutad", "avslutsdatum", "stängt", "stängd"),
    "department": ("department", "förvaltning"),
    "unit": ("unit", "verksamhet", "enhet"),
    "subject": ("subject", "ämne", "ärendetyp"),
    "handler": ("handler", "handläggare"),
    "handler_mail": ("handler_email", "handler_mail", "handläggare e-post", "handläggarens e-post"),
    "contractor": ("contractor", "entreprenör", "utförare"),
    "intake_channel": ("intake_channel", "inkanal", "kanal", "kontaktväg"),
    "customer_type": ("customer_type", "kundtyp", "kundkategori"),
    "phone": ("phone", "telefon", "telefonnummer", "mobil", "mobiltelefon"),
    "mail": ("email", "mail", "e-post", "e-postadress"),
    "language": ("language", "språk"),
    "auto_closed": ("auto_closed", "autostängt", "automatiskt avslutat"),
}


class UnusableFileError(Exception):
    """Nothing of this file can be read. The message says what is wrong and what would be right."""


def recognised(headers: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Our field → the place of its column among `headers`. Case, blanks, "-" and "_" make no difference."""
    places: dict[str, int] = {}
    for place, header in enumerate(headers):
        places.setdefault(_bare(header), place)
    found = {}
    for field, names in columns.items():
        for name in names:
            if _bare(name) in places:
                found[field] = places[_bare(name)]
                break
    return found


def check_headers(headers: Sequence[str], found: Mapping[str, int], columns: Mapping[str, Sequence[str]]) -> None:
    """Raises UnusableFileError when a required column is missing, or a used one stands twice."""
    shown = ", ".join(header.strip()[:40] for header in headers[:40])
    missing = [field for field in REQUIRED if field not in found]
    if missing:
        wanted = " and ".join(f"{field} ({', '.join(columns[field])})" for field in missing)
        raise UnusableFileError(
            f"no column for {wanted}. Headers found: {shown}. "
            "Rename the column, or add its name under [intake.columns] in config.toml"
        )
    if twice := standing_twice(headers, found):
        raise UnusableFileError(
            f"the column {', '.join(twice)} stands twice. Headers found: {shown}. Remove one of them"
        )


def standing_twice(headers: Sequence[str], found: Mapping[str, int]) -> list[str]:
    """The headers in use that stand there more than once, spelled one way or the other."""
    bare = [_bare(header) for header in headers]
    return sorted({headers[place].strip() for place in found.values() if bare.count(bare[place]) > 1})


def _bare(name: str) -> str:
    folded = unicodedata.normalize("NFC", name).casefold()
    return "".join(character for character in folded if character not in " _-\t\xa0\ufeff")
