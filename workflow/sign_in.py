"""Signing in to the managers' page: a one-time link opens a session. No passwords, and nothing stored in the clear."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.digest import Recipient
from workflow.ports import Transaction

LINK, SESSION, USED = "link", "session", "used"
ASKED_FOR = timedelta(hours=1)  #: how long a link lasts that somebody asked for by mail


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """How long a link waits to be used, and how long a session lasts."""

    link_days: int = 8
    session_hours: int = 12


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: `token` goes into the cookie."""

    token: str
    recipient: Recipient


def new_token() -> str:
    """128 random bits, 22 characters of [A-Za-z0-9_-]."""
    return secrets.token_urlsafe(16)


async def put_link(
    tx: Transaction, recipient: Recipient, policy: SignInPolicy, now: datetime, *, token: str = "", asked: bool = False
) -> str:
    """A one-time link's token; older ones stay valid until they are used or expire. `asked` for: it ends soon."""
    token = token or new_token()
    lasts = ASKED_FOR if asked else timedelta(days=policy.link_days)
    await tx.put_sign_in(_digest(token), LINK, whose(recipient), now, now + lasts)
    return token


async def whose_link(
    tx: Transaction, token: str, recipients: Mapping[str, Recipient], now: datetime
) -> Recipient | None:
    """Who may sign in with this link; it stays as it is."""
    return _found(await tx.sign_in(_digest(token), LINK, now), recipients)


async def whose_used_link(
    tx: Transaction, token: str, recipients: Mapping[str, Recipient], now: datetime
) -> Recipient | None:
    """Who signed in with this link before. It lets nobody in; it tells whether the one who is in came by it."""
    return _found(await tx.sign_in(_digest(token), USED, now), recipients)


async def open_session(
    tx: Transaction, token: str, recipients: Mapping[str, Recipient], policy: SignInPolicy, now: datetime
) -> Opened | None:
    """Use the link up. None if it is unknown, used or expired, or its recipient no longer in the configuration."""
    recipient = _found(await tx.use_sign_in(_digest(token), LINK, now), recipients)
    if recipient is None:
        return None
    await tx.put_sign_in(_digest(token), USED, whose(recipient), now, now + timedelta(days=policy.link_days))
    session = new_token()
    ends = now + timedelta(hours=policy.session_hours)
    await tx.put_sign_in(_digest(session), SESSION, whose(recipient), now, ends)
    return Opened(session, recipient)


async def signed_in(
    tx: Transaction, token: str, recipients: Mapping[str, Recipient], now: datetime
) -> Recipient | None:
    """Whose session it is: what they may see is what the configuration says now."""
    return _found(await tx.sign_in(_digest(token), SESSION, now), recipients)


async def sign_out(tx: Transaction, token: str, now: datetime) -> None:
    await tx.use_sign_in(_digest(token), SESSION, now)


async def revoke(tx: Transaction, recipient: Recipient) -> int:
    """All of the recipient's links and sessions end; returns how many there were."""
    return await tx.drop_sign_ins(whose(recipient), (LINK, SESSION))


def whose(recipient: Recipient) -> str:
    """What a link or session is stored under: with another address the name is somebody else, such as a successor."""
    return f"{recipient.name}#{_digest(recipient.mail.casefold())[:16]}"


def _found(who: str | None, recipients: Mapping[str, Recipient]) -> Recipient | None:
    recipient = recipients.get((who or "").rpartition("#")[0])
    return recipient if recipient and whose(recipient) == who else None


def _digest(token: str) -> str:
    # anything may stand in a cookie or an address
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
