"""The web server's parts, as the configuration turns them on."""

from aiohttp import web

from omdome.api import access_of, api_of
from omdome.following_up import follow_ups_of
from omdome.report import operation_of, report_is_on, report_of
from omdome.survey_page import pages_of, statements_of, survey_page_of
from omdome.wiring import Application
from web.api import add_api
from web.app import build_app
from web.follow_ups import add_follow_ups
from web.report import add_report
from web.report_operation import add_operation
from web.statements import add_statements
from web.survey_page import add_survey_page


def web_application(app: Application) -> web.Application:
    """All that is served over HTTP, but for Telegram's webhook."""
    rules = app.config.web
    server = build_app(app.store, rules.max_body_bytes)
    pages, access = pages_of(app.config), access_of(app)
    add_statements(server, statements_of(app.config, pages))
    if rules.survey_page:
        add_survey_page(server, survey_page_of(app.config, app.store, app.clock, pages))
    if report_is_on(app.config):
        add_report(server, report_of(app, pages))
        add_follow_ups(server, follow_ups_of(app, pages))
        add_operation(server, operation_of(app, pages))
    if rules.case_api:
        add_api(server, app.store, app.clock, access, api_of(app))
    if rules.metrics:
        from web.metrics import add_metrics

        add_metrics(server, app.store, app.clock, access)
    return server
