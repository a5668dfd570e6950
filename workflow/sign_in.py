"""Signing in to the managers' page: a one-time link opens a session. No passwords, and nothing stored in the clear."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.digest import Recipient
from workflow.ports import Transaction

LINK, SESSION = "link", "session"


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


async def put_link(tx: Transaction, name: str, policy: SignInPolicy, now: datetime, token: str = "") -> str:
    """A one-time link's token for the recipient of this name; older ones stay valid until they are used or expire."""
    token = token or new_token()
    await tx.put_sign_in(_digest(token), LINK, name, now, now + timedelta(days=policy.link_days))
    return token


async def whose_link(
    tx: Transaction, token: str, recipients: Mapping[str, Recipient], now: datetime
) -> Recipient | None:
    """Who may sign in with this link; it stays as it is."""
    return recipients.get(await tx.sign_in(_digest(token), LINK, now) or "")


async def open_session(
    tx: Transaction, token: str, recipients: Mapping[str, Recipient], policy: SignInPolicy, now: datetime
) -> Opened | None:
    """Use the link up. None if it is unknown, used or expired, or its recipient no longer in the configuration."""
    recipient = recipients.get(await tx.use_sign_in(_digest(token), LINK, now) or "")
    if recipient is None:
        return None
    session = new_token()
    await tx.put_sign_in(_digest(session), SESSION, recipient.name, now, now + timedelta(hours=policy.session_hours))
    return Opened(session, recipient)


async def signed_in(
    tx: Transaction, token: str, recipients: Mapping[str, Recipient], now: datetime
) -> Recipient | None:
    """Whose session it is: what they may see is what the configuration says now."""
    return recipients.get(await tx.sign_in(_digest(token), SESSION, now) or "")


async def sign_out(tx: Transaction, token: str, now: datetime) -> None:
    await tx.use_sign_in(_digest(token), SESSION, now)


def _digest(token: str) -> str:
    # anything may stand in a cookie or an address
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
