"""The server's logs, without personal data: no address of the caller, no path (it may hold a token), no contents."""

import logging

from aiohttp.abc import AbstractAccessLogger
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import BaseRequest, Request, RequestPayloadError, StreamResponse

from workflow.backoff import without_text


class PersonFreeAccessLog(AbstractAccessLogger):
    """One line a request: method, route, status, milliseconds."""

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        self.logger.info("%s %s %d %.0f ms", request.method, _route(request), response.status, time * 1000)


def _route(request: BaseRequest) -> str:
    """The route's own spelling; "-" for what is no route of ours, or was no HTTP."""
    if not isinstance(request, Request) or request._match_info is None:  # what is malformed is never routed
        return "-"
    resource = request.match_info.route.resource
    return "-" if resource is None else resource.canonical


class WithoutContents(logging.Filter):
    """What aiohttp's server tells of a failed request, without the caller's address and what it quotes of the bytes.

    A malformed request is the caller's fault, and of every scanner's: one line, no traceback, not a warning.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        record.args = ()
        if isinstance(error, HttpProcessingError | RequestPayloadError):
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.msg, record.exc_info = f"a malformed request was refused ({type(error).__name__})", None
            return logging.getLogger(record.name).isEnabledFor(logging.INFO)
        record.msg = f"a request could not be served ({type(error).__name__})"
        if error is not None:
            bare = without_text(error)
            record.exc_info = (type(bare), bare, bare.__traceback__)
        return True
