"""Tokens of the API: made, and recognised by their hash."""

import hashlib
import secrets

PREFIX = "omd_"  #: so that a token that has ended up where it shouldn't be is known for what it is


def new_token() -> str:
    """256 random bits after the prefix. Only its holder has it: we keep `digest_of` it."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """SHA-256, hex. No slow hash: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
