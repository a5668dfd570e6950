"""Which refusals of a mail mean that nobody is at its address.

The codes are those of RFC 3463 and RFC 7504. A code decides; only where there is none, or only the vague 5.0.0, do the
words. Refusals by policy (5.7.x: spam, blocked senders), full mailboxes (5.2.2), lost routes (5.4.x) and old age
(x.4.7) don't say whether somebody is there. Nor do 5.1.7 and 5.1.8, which are about our own address, and 5.1.0, which
servers use for both.
"""

import re

#: unknown mailbox, unknown system, malformed, moved away, no mail at that domain (Exchange: not found), disabled
NOBODY_THERE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
NO_MAIL_AT_DOMAIN = 556
VAGUE = "5.0.0"

_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.])([245]\d\d)(?=[ -])")
_UNKNOWN = re.compile(
    r"\b(user|recipient|mailbox|account|address|addressee)( \S+)? (is )?(unknown|not found|(does not|doesn't) exist)"
    r"|\b(unknown|invalid|no such) (local )?(user|recipient|mailbox|account|address|person)"
    r"|\bno mailbox here by that name",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(
    r"\b(spam|polic|block|black ?list|reputation|relay|sender|authenticat|denied access|quota|full\b|rate)",
    re.IGNORECASE,
)


def nobody_there(code: int, status: str, words: str) -> bool:
    """Whether this refusal is for good and because of the address.

    `code` is the SMTP reply's (0: unknown), `status` the enhanced code ("": unknown), `words` what was said besides.
    """
    if code and not 500 <= code <= 599:
        return False
    if status and status != VAGUE:
        return status in NOBODY_THERE
    if code == NO_MAIL_AT_DOMAIN:
        return True
    return bool(_UNKNOWN.search(words)) and not _OTHERWISE.search(words)


def enhanced_in(words: str) -> str:
    """The first enhanced status code in what a server said, vague ones last; "" if there is none."""
    found: list[str] = _ENHANCED.findall(words)
    return next((each for each in found if each != VAGUE), found[0] if found else "")


def reply_in(words: str) -> int:
    """The SMTP reply code in what a server said; 0 if there is none."""
    found = _REPLY.search(words)
    return int(found[1]) if found else 0
