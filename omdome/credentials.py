"""Secrets: from the environment only, or from a file that it names (systemd credentials, container secrets)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path


class CredentialError(Exception):
    """A secret could not be read, or can't be right. Never contains the secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What must never be in a file that is shown around; "" is not set. `repr` shows nothing of it."""

    telegram_token: str = field(default="", repr=False)
    telegram_webhook_secret: str = field(default="", repr=False)
    api_token: str = field(default="", repr=False)
    smtp_password: str = field(default="", repr=False)
    bounces_password: str = field(default="", repr=False)
    sip_password: str = field(default="", repr=False)
    sms_secret: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    database_password: str = field(default="", repr=False)

    def values(self) -> list[str]:
        """The secrets that are set, so that logs can be kept clean of them."""
        return [value for item in fields(self) if (value := getattr(self, item.name))]


def variable(name: str) -> str:
    """The environment variable of a secret: "api_token" is OMDOME_API_TOKEN."""
    return f"OMDOME_{name.upper()}"


def read_credentials(environment: Mapping[str, str]) -> Credentials:
    """The secrets of `environment`: OMDOME_X holds one, OMDOME_X_FILE names a file that does.

    Raises CredentialError when a named file can't be read, both are set, or no exchange can be told a password.
    """
    found = Credentials(**{item.name: _secret(variable(item.name), environment) for item in fields(Credentials)})
    if not found.sip_password.isprintable() or set('"\\') & set(found.sip_password):  # the stack's own rule
        raise CredentialError(
            f"{variable('sip_password')}: has a quote or a backslash; let the exchange give you another"
        )
    return found


def _secret(name: str, environment: Mapping[str, str]) -> str:
    value = environment.get(name, "").strip()
    path = environment.get(f"{name}_FILE", "").strip()
    if value and path:
        raise CredentialError(f"{name} and {name}_FILE are both set; keep one of them")
    if not path:
        return value
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise CredentialError(f"{name}_FILE: {path} can't be read ({reason})") from None
