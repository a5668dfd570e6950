"""Who may come in: the link must look like one, the form must come from our page, and nobody comes too often."""

from aiohttp import web

from web.pages import Pages
from web.rate_limit import RateLimit, client_of
from web.survey_found import is_token
from web.survey_settings import SurveyPage


class Gate:
    """Raises the HTTP errors that are then shown as pages. Both limits are per process and far above what people do."""

    def __init__(self, survey: SurveyPage) -> None:
        self._survey = survey
        self._clients = RateLimit(per_minute=240, burst=120)  # a mobile operator's customers share addresses
        self._surveys = RateLimit(per_minute=60, burst=40)

    def token_of(self, request: web.Request) -> str:
        """The request's token; raises HTTPNotFound or HTTPTooManyRequests."""
        now = self._survey.seconds()
        client = client_of(request, self._survey.trusted_proxies)
        wait = self._clients.wait(client, now) if client else 0
        token = request.match_info["token"]
        if not wait and not is_token(token):
            raise web.HTTPNotFound
        wait = wait or self._surveys.wait(token, now)
        if wait:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(wait)})
        return token


def check_origin(pages: Pages, request: web.Request) -> None:
    """Raises HTTPForbidden for a form that another site has sent."""
    if not pages.same_origin(request):
        raise web.HTTPForbidden
