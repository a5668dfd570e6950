"""One written value → what it means. Each reader raises `WrongValueError` saying what would be right."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, tzinfo

import phonenumbers

from models.case import CustomerType

TEXT_LENGTH = 200  #: characters; longer ones are mistakes (a swallowed column, a whole letter in "subject")
_MAIL_LENGTH = 254  # RFC 5321
_EARLIEST = 1970
_TIME_EXPECTED = "write a time such as 2026-11-21 08:17 or 2026-11-21T08:17:00+01:00"
_PHONE = re.compile(r"^[+(0-9][0-9 ()./‐–-]{3,39}$")
_MAIL = re.compile(
    r"^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$"
)
CUSTOMERS = {
    "medborgare": CustomerType.MEDBORGARE,
    "privat": CustomerType.MEDBORGARE,
    "privatperson": CustomerType.MEDBORGARE,
    "invånare": CustomerType.MEDBORGARE,
    "citizen": CustomerType.MEDBORGARE,
    "private": CustomerType.MEDBORGARE,
    "företag": CustomerType.FORETAG,
    "företagare": CustomerType.FORETAG,
    "organisation": CustomerType.FORETAG,
    "company": CustomerType.FORETAG,
    "business": CustomerType.FORETAG,
}
LANGUAGES = {
    "svenska": "sv",
    "swedish": "sv",
    "swe": "sv",
    "engelska": "en",
    "english": "en",
    "eng": "en",
}
_YES = frozenset({"ja", "j", "true", "sant", "1", "yes", "y", "x"})
_NO = frozenset({"", "nej", "n", "false", "falskt", "0", "no"})


class WrongValueError(ValueError):
    """The value can't be used. The message says what would be right."""


def read_text(value: str, longest: int = TEXT_LENGTH) -> str:
    """Stripped, NFC, each run of white space one blank; control characters and over-long values are refused."""
    if not value:
        return ""
    if not value.isprintable() and any(map(_forbidden, value)):
        raise WrongValueError("remove the control characters (or save the file as UTF-8)")
    tidy = unicodedata.normalize("NFC", " ".join(value.split()))
    if len(tidy) > longest:
        raise WrongValueError(f"at most {longest} characters, this has {len(tidy)} (an unclosed quote before it?)")
    return tidy


def _forbidden(character: str) -> bool:
    return character not in "\t\n\r" and unicodedata.category(character) in ("Cc", "Cs")


def read_time(value: str, zone: tzinfo, *, date_alone: bool = False) -> datetime:
    """ISO 8601, also with a blank for the T, as UTC. One without an offset is local in `zone`.

    Of an hour that happens twice the first is meant; one that the clocks skip is read as winter time, which is what a
    case system that doesn't change its clock writes. A date alone (midnight) only where `date_alone`.
    """
    text = " ".join(value.split())
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise WrongValueError(_TIME_EXPECTED) from None
    if _is_date(text) and not date_alone:
        raise WrongValueError(f"a date alone; {_TIME_EXPECTED}")
    if found.year < _EARLIEST or found.year > 9000:
        raise WrongValueError(f"a year after {_EARLIEST}; {_TIME_EXPECTED}")
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return found.astimezone(UTC)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def read_closed_at(value: str, zone: tzinfo, now: datetime) -> datetime:
    """A time of closing: with a time of day, and no later than a day from `now` (clocks differ)."""
    found = read_time(value, zone)
    if found > now + timedelta(days=1):
        raise WrongValueError("in the future; only closed cases can be asked about")
    return found


def read_phone(value: str, region: str) -> str:
    """As E.164 ("+46701740605"); numbers without a country are of `region`. "" stays ""."""
    text = " ".join(value.split())
    if not text:
        return ""
    expected = "write one whole phone number such as 070-174 06 05 or +46701740605, or leave it empty"
    if not _PHONE.match(text):
        raise WrongValueError(expected)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise WrongValueError(expected) from None
    if not phonenumbers.is_valid_number(number):
        raise WrongValueError(expected)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_mail(value: str) -> str:
    """Lower-cased. Only the shape is checked. "" stays ""."""
    text = unicodedata.normalize("NFC", value.strip()).lower()
    if not text:
        return ""
    local, _, domain = text.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        ascii_domain = ""
    if len(text) > _MAIL_LENGTH or not _MAIL.match(f"{local}@{ascii_domain}"):
        raise WrongValueError("write one mail address such as namn@example.se, or leave it empty")
    return f"{local}@{ascii_domain}"


def read_customer_type(value: str) -> CustomerType | None:
    text = read_text(value).casefold()
    if not text:
        return None
    try:
        return CUSTOMERS[text]
    except KeyError:
        raise WrongValueError("write medborgare or företag, or leave it empty") from None


def read_language(value: str, languages: tuple[str, ...]) -> str:
    """One of `languages`; the first when nothing is given."""
    text = read_text(value).casefold()
    if not text:
        return languages[0]
    code = LANGUAGES.get(text, re.split(r"[-_]", text)[0])
    if code not in languages:
        raise WrongValueError(f"write {' or '.join(languages)}, or leave it empty")
    return code


def read_yes_no(value: str) -> bool:
    text = value.strip().casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise WrongValueError("write ja or nej, or leave it empty")
