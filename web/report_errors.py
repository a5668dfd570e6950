"""What goes wrong under /rapport, in the report's own frame and words, with a way back."""

from aiohttp import web
from aiohttp.typedefs import Middleware

from web.page_errors import Handler
from web.pages import Pages
from web.report_access import ACCESS
from web.report_frame import framed

_PLACE = "/rapport"
#: What else may go wrong has nothing of its own to say here, and gets the words of all pages.
_WORDS = {400: "bad_request", 403: "forbidden", 404: "not_found", 405: "not_found", 429: "too_many"}


def errors_in_frame(pages: Pages) -> Middleware:
    """A middleware, inside `web.page_errors`."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            ours = request.path == _PLACE or request.path.startswith(f"{_PLACE}/")
            if not ours or error.status not in _WORDS:
                raise
            who = await request.app[ACCESS].viewer(request)
            page = framed(pages, request, who, "report_error.html", status=error.status, key=_WORDS[error.status])
            page.headers.update(
                {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}
            )
            return page

    return answer
