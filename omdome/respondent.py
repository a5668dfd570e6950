"""A respondent as named on the command line: one address."""

from intake.values import WrongValueError, read_mail, read_phone
from models.case import Address, AddressKind
from omdome.console import MISUSE, Problem


def respondent(text: str, region: str) -> Address:
    """Reads a mail address, a phone number (`region` tells its country) or "chat:17". Raises Problem."""
    kind, colon, number = text.partition(":")
    if kind == "chat" and colon and number.lstrip("-").isdigit():
        return Address(AddressKind.CHAT, number)
    try:
        if "@" in text:
            return Address(AddressKind.MAIL, read_mail(text))
        if text.strip():
            return Address(AddressKind.PHONE, read_phone(text, region))
    except WrongValueError:
        pass
    raise Problem(
        "that is no address of a respondent; write a mail address (namn@example.se), a phone number (070-174 06 05) "
        "or chat:NUMBER",
        MISUSE,
    )
