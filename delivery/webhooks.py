"""Webhooks out: a signed POST of JSON per finished survey, after the Standard Webhooks specification, version 1.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from delivery.http_request import Request, ask, failure
from models.queues import OutboxRow
from workflow.ports import Clock, PermanentError, Store
from workflow.webhooks import webhook_body

_PREFIX = "whsec_"
_LEAST_BYTES, _MOST_BYTES = 24, 64  #: of a key, by the specification


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Who is told. `comments`: the customers' own words too."""

    name: str
    url: str = field(repr=False)
    comments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSender:
    """The `Sender` of outbox rows WEBHOOK. At least once: receivers know a repeat by its `webhook-id`."""

    store: Store
    clock: Clock
    hooks: Mapping[str, Hook]  #: by name
    key: bytes = field(repr=False)
    timeout_seconds: float = 20.0

    async def send(self, row: OutboxRow) -> None:
        """Tell it, or nothing where there is nothing to tell any more.

        PermanentError: it doesn't want this one (400, 410, 422 …), or isn't in the configuration any more.
        """
        hook = self.hooks.get(str(row.payload.get("hook")))
        if hook is None:
            raise PermanentError("no [[webhooks]] table has the name that this was for")
        async with self.store.look() as tx:
            told = await webhook_body(tx, row, hook.comments)
        if told is None:
            return
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        who = f"the webhook {hook.name}"
        refusal = failure(await ask(self._request(hook, row.key, body), who), who)
        if refusal is not None:
            raise refusal

    def _request(self, hook: Hook, key: str, body: bytes) -> Request:
        headers = signed_headers(message_id(key), int(self.clock.now().timestamp()), body, self.key)
        headers |= {"Content-Type": "application/json"}
        return Request(method="POST", url=hook.url, headers=headers, body=body, timeout_seconds=self.timeout_seconds)


def message_id(key: str) -> str:
    """The same however often the row is sent."""
    return "msg_" + hashlib.sha256(key.encode()).hexdigest()[:32]


def signed_headers(message: str, seconds: int, body: bytes, key: bytes) -> dict[str, str]:
    """`seconds` since 1970, of this attempt: receivers refuse what is old."""
    signed = f"{message}.{seconds}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message, "webhook-timestamp": str(seconds), "webhook-signature": f"v1,{signature}"}


def read_secret(secret: str) -> bytes:
    """The key in "whsec_…" (base64 of 24 to 64 bytes). Raises ValueError, which doesn't repeat it."""
    if not secret.startswith(_PREFIX):
        raise ValueError(f"doesn't start with {_PREFIX}")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"isn't base64 after {_PREFIX}") from None
    if not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        raise ValueError(f"has {len(key)} bytes; {_LEAST_BYTES} to {_MOST_BYTES} are right")
    return key
