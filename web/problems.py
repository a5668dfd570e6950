"""Errors as RFC 9457 problem details: what is wrong, and what would be right."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from workflow.backoff import without_text
from workflow.ports import StoreUnavailableError

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_DETAILS = {
    404: "there is nothing at this address",
    413: "the body is too large; send fewer cases at a time",
}


class ProblemError(Exception):
    """Answers the request with this status and problem details; `headers` are added, `more` are further members."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        headers: dict[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.headers = status, title, detail, headers or {}
        self.more = more or {}


def problem_response(
    status: int, title: str, detail: str, headers: dict[str, str] | None = None, **more: object
) -> web.Response:
    """`application/problem+json`; `more` are further members."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(status=status, text=text, content_type="application/problem+json", headers=headers)


@web.middleware
async def errors_as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is answered with problem details, and never with a traceback."""
    try:
        return await handler(request)
    except ProblemError as error:
        return problem_response(error.status, error.title, error.detail, error.headers, **error.more)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        kept = {name: value for name, value in error.headers.items() if name in ("Allow", "Retry-After")}
        return problem_response(error.status, error.reason, _DETAILS.get(error.status, error.reason), kept)
    except web.RequestPayloadError:
        return problem_response(400, "Bad Request", "the body can't be unpacked; check Content-Encoding and its length")
    except StoreUnavailableError:
        detail = "the database can't take it now; nothing was stored, send it again"
        return problem_response(503, "Service Unavailable", detail, {"Retry-After": "5"})
    except HttpProcessingError:  # found while the body was being read; its text quotes the body
        return problem_response(400, "Bad Request", "the request is malformed HTTP")
    except ConnectionResetError:  # they hung up while they sent the body: nobody will read this
        return problem_response(400, "Bad Request", "the connection was lost before the whole body had come")
    except Exception as error:
        log.exception(
            "a request to %s failed (%s)", _route(request), type(error).__name__, exc_info=without_text(error)
        )
        return problem_response(500, "Internal Server Error", "the fault is ours, and has been logged")


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "an unknown address"
