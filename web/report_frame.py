"""The frame of the managers' pages: where one can go, who is signed in, and the way out."""

from typing import Any

from aiohttp import web

from models.digest import ReportRole
from web.pages import Pages
from web.report_access import Viewer

#: Address and text key, in the navigation's order; what isn't served is left out. The last two are of single cases.
_PLACES = (
    ("/rapport", "report.places.figures", False),
    ("/rapport/arenden", "report.places.cases", True),
    ("/rapport/uppfoljning", "report.places.follow_ups", True),
)


def framed(
    pages: Pages, request: web.Request, viewer: Viewer | None, template: str, *, status: int = 200, **values: Any
) -> web.Response:
    """The page of a template that extends report_frame.html, in the viewer's language. None: nobody is signed in."""
    texts = pages.texts(viewer.language) if viewer else pages.texts_for(request)
    served = {resource.canonical for resource in request.app.router.resources()}
    places = [
        (address, texts(key), address == request.path)
        for address, key, cases in _PLACES
        if viewer and address in served and (viewer.identified or not cases)
    ]
    admin = viewer is not None and viewer.role is ReportRole.ADMIN
    return pages.response(template, texts, status=status, viewer=viewer, places=places, admin=admin, **values)
