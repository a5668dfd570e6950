"""The frame of the managers' pages: where one can go, who is signed in, and the way out."""

from typing import Any

from aiohttp import web

from models.digest import ReportRole
from web.pages import Pages
from web.report_access import Viewer

OPERATION = "/rapport/drift"
#: Address and text key, in the navigation's order; what isn't served is left out.
_PLACES = (
    ("/rapport", "report.places.figures"),
    ("/rapport/arenden", "report.places.cases"),
    ("/rapport/uppfoljning", "report.places.follow_ups"),
    (OPERATION, "report.places.operation"),
)
_OF_SINGLE_CASES = ("/rapport/arenden", "/rapport/uppfoljning")


def framed(
    pages: Pages, request: web.Request, viewer: Viewer | None, template: str, *, status: int = 200, **values: Any
) -> web.Response:
    """The page of a template that extends report_frame.html, in the viewer's language. None: nobody is signed in."""
    texts = pages.texts(viewer.language) if viewer else pages.texts_for(request)
    served = {resource.canonical for resource in request.app.router.resources()}
    places = [
        (address, texts(key), address == request.path)
        for address, key in _PLACES
        if viewer and address in served and _is_for(viewer, address)
    ]
    return pages.response(template, texts, status=status, viewer=viewer, places=places, **values)


def _is_for(viewer: Viewer, address: str) -> bool:
    if address == OPERATION:
        return viewer.role is ReportRole.ADMIN
    return viewer.identified or address not in _OF_SINGLE_CASES
