"""Webhooks, as configured: who is told, and whether it can work."""

from collections.abc import Iterator

from delivery.http_request import address_fault
from delivery.webhooks import Hook, WebhookSender, read_secret
from omdome.config import Config
from omdome.credentials import Credentials
from omdome.readiness import Feature, State
from workflow.ports import Clock, Store

MAKE_KEY = "python3 -c 'import base64 as b, secrets as s; print(\"whsec_\" + b.b64encode(s.token_bytes(32)).decode())'"


def webhook_sender(config: Config, credentials: Credentials, store: Store, clock: Clock) -> WebhookSender:
    """The sender of outbox rows WEBHOOK. Raises ValueError for a secret that `webhooks_feature` complains about."""
    hooks = [Hook(name=each.name, url=each.url, comments=each.comments) for each in config.webhooks]
    return WebhookSender(
        store=store,
        clock=clock,
        hooks={hook.name: hook for hook in hooks},
        key=read_secret(credentials.webhook_secret),
    )


def webhooks_feature(config: Config, credentials: Credentials) -> Feature:
    """Whether webhooks can go out, where there are any: `omdome.readiness` tells it."""
    if faults := list(_faults(config, credentials)):
        return Feature("webhooks", State.BROKEN, "; ".join(faults), "correct [[webhooks]]; see docs/webhooks.md")
    told = ", ".join(each.name + (" (with comments)" if each.comments else "") for each in config.webhooks)
    return Feature("webhooks", State.ON, f"each finished survey is told to {told}")


def _faults(config: Config, credentials: Credentials) -> Iterator[str]:
    names = [each.name for each in config.webhooks]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} stands twice; each name may stand once"
    for each in config.webhooks:
        if fault := address_fault(each.url) if each.url else "is empty":
            yield f"{each.name}: url {fault}"
    try:
        read_secret(credentials.webhook_secret)
    except ValueError as error:
        wrong = f"OMDOME_WEBHOOK_SECRET {error if credentials.webhook_secret else 'is not set'}"
        yield f"{wrong}; make one by: {MAKE_KEY}"
