"""What goes wrong where people are: a page that says so, in their language, and never a traceback."""

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Middleware

from web.problems import ProblemError
from workflow.backoff import without_text
from workflow.ports import StoreUnavailableError

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Addresses that people are at; everything else is for programs, and answers with problem details.
PEOPLES_PLACES = ("/s", "/rapport", "/tillganglighet", "/personuppgifter")
_MESSAGES = {
    403: "forbidden",
    404: "not_found",
    405: "not_found",
    413: "too_large",
    429: "too_many",
    503: "unavailable",
}


class Message(Protocol):
    """`web.pages.Pages.message`."""

    def __call__(
        self, request: web.Request, key: str, status: int, *, headers: dict[str, str] | None = None
    ) -> web.Response: ...


def is_peoples(path: str) -> bool:
    """Whether people are at this address."""
    return path == "/" or any(path == place or path.startswith(f"{place}/") for place in PEOPLES_PLACES)


def errors_as_pages(message: Message) -> Middleware:
    """A middleware. Inside `errors_as_problems`, which keeps what is not for people."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_peoples(request.path):
            return await handler(request)
        try:
            return await handler(request)
        except (web.HTTPException, ProblemError) as error:
            if error.status < 400 or not error.status:
                raise
            key = _MESSAGES.get(error.status, "bad_request" if error.status < 500 else "fault")
            kept = {name: value for name, value in error.headers.items() if name in ("Allow", "Retry-After")}
            return message(request, key, error.status, headers=kept)
        except (web.RequestPayloadError, HttpProcessingError, ConnectionResetError):
            return message(request, "bad_request", 400)
        except StoreUnavailableError:
            return message(request, "unavailable", 503, headers={"Retry-After": "5"})
        except Exception as error:
            route = request.match_info.route.resource
            place = "an unknown address" if route is None else route.canonical
            log.exception("a page at %s failed (%s)", place, type(error).__name__, exc_info=without_text(error))
            return message(request, "fault", 500)

    return answer
