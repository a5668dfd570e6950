"""The access log, without personal data: no address of the caller, no path (it may hold a token), no agent."""

from aiohttp.abc import AbstractAccessLogger
from aiohttp.web import BaseRequest, Request, StreamResponse


class PersonFreeAccessLog(AbstractAccessLogger):
    """One line a request: method, route, status, milliseconds."""

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        route = "-"
        if isinstance(request, Request) and (resource := request.match_info.route.resource) is not None:
            route = resource.canonical
        self.logger.info("%s %s %d %.0f ms", request.method, route, response.status, time * 1000)
