"""The managers' page at /rapport: signing in, figures, cases, files."""

from aiohttp import web

from web.report_access import ACCESS, Access
from web.report_cases import ReportCases
from web.report_errors import errors_in_frame
from web.report_page import ReportPage
from web.report_settings import ReportPages
from web.report_sign_in import add_sign_in
from web.report_view import CASES


def add_report(app: web.Application, report: ReportPages) -> None:
    """Serve the managers' page. Pages of others under /rapport may use `web.report_access.viewer` afterwards."""
    report.pages.attach(app)
    https = report.public_url.startswith("https://")
    app[ACCESS] = Access(report.store, report.clock, report.recipients, https)
    app.middlewares.append(errors_in_frame(report.pages))
    add_sign_in(app, report)
    page, cases = ReportPage(report), ReportCases(report)
    app.router.add_get("/rapport", page.show)
    app.router.add_get("/rapport/siffror.{ending}", page.export)
    app.router.add_get(CASES, cases.show)
