"""The webhook: Telegram posts an update; it is stored, and only then acknowledged."""

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from models.queues import InboxRow
from workflow.ports import Clock

log = logging.getLogger(__name__)

Put = Callable[[Sequence[InboxRow]], Awaitable[int]]

BODY_LIMIT_BYTES = 1024 * 1024  #: the largest update known is a few kilobytes
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    """An aiohttp handler for `POST`: 200 when stored, 401 without the secret, 503 when the database can't take it.

    Telegram repeats whatever isn't answered with 200, so a 503 loses nothing.
    """

    def __init__(self, put: Put, clock: Clock, secret: str) -> None:
        """`secret`: 1-256 of [A-Za-z0-9_-], as in setWebhook; without one anybody could answer for anybody."""
        if not secret:
            raise ValueError("the webhook needs a secret token: refusing to start without one")
        if len(secret) > 256 or not all(c.isascii() and (c.isalnum() or c in "_-") for c in secret):
            raise ValueError("the webhook's secret token must be 1-256 characters of A-Z, a-z, 0-9, _ and -")
        self._put = put
        self._clock = clock
        self._secret = secret.encode()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        # aiohttp hands over bytes that aren't UTF-8 as surrogates; compare_digest on str refuses non-ASCII.
        given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=401)
        try:
            update = json.loads(await _body(request))
            row = InboxRow(update["update_id"], update, self._clock.now())
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        except (ValueError, TypeError, KeyError):
            return web.Response(status=400)
        if type(row.update_id) is not int:
            return web.Response(status=400)
        try:
            await self._put([row])
        except Exception as error:
            log.warning("an update could not be stored (%s): Telegram will send it again", type(error).__name__)
            return web.Response(status=503, headers={"Retry-After": "1"})
        return _answer(update)


def _answer(update: Mapping[str, object]) -> web.Response:
    """A tap is answered (its spinner stopped) in the same breath: Telegram takes one method in a webhook's reply."""
    query = update.get("callback_query")
    if isinstance(query, Mapping) and "id" in query:
        return web.json_response({"method": "answerCallbackQuery", "callback_query_id": query["id"]})
    return web.Response()


async def _body(request: web.Request) -> bytes:
    """The body, at most BODY_LIMIT_BYTES of it whatever the application around us allows."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            raise web.HTTPRequestEntityTooLarge(max_size=BODY_LIMIT_BYTES, actual_size=len(body))
    return bytes(body)
