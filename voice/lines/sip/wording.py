"""What far ends and exchanges say in their own words, as it may be shown, logged and kept."""

import re

_NUMBER = re.compile(r"\+?\(?\d(?:[\W_]{0,3}\d){5,}")  #: however it is written; extensions and status codes are shorter
_LONGEST = 100


def presentable(said: str, longest: int = _LONGEST) -> str:
    """One line of printable characters, at most `longest`, in which each telephone number is "…".

    Whoever calls us, is called or answers for the exchange has written it: it may be of any length, draw on a terminal,
    look like another line of a log, or hold somebody's number.
    """
    line = "".join(each if each.isprintable() else " " for each in said)
    return _NUMBER.sub("…", " ".join(line.split()))[:longest]
