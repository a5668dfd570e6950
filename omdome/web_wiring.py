"""The web server's parts, as the configuration turns them on."""

from aiohttp import web

from omdome.api import access_of, api_of
from omdome.wiring import Application
from web.api import add_api
from web.app import build_app


def web_application(app: Application) -> web.Application:
    """All that is served over HTTP, but for Telegram's webhook."""
    rules = app.config.web
    server = build_app(app.store, rules.max_body_bytes)
    access = access_of(app)
    if rules.case_api:
        add_api(server, app.store, app.clock, access, api_of(app))
    return server
