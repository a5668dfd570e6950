"""The managers' page, as the configuration has it."""

from functools import partial
from typing import TYPE_CHECKING

from models.digest import Recipient
from omdome.config import Config
from omdome.digests import markers_of
from omdome.policies import digest_of, languages_of, recipients_of
from omdome.texts import load_texts
from workflow.sign_in import SignInPolicy

if TYPE_CHECKING:
    from omdome.wiring import Application
    from web.pages import Pages
    from web.report_operation import OperationPage
    from web.report_settings import ReportPages


def report_is_on(config: Config) -> bool:
    """Somebody may look at it."""
    return config.web.enabled and config.web.report and bool(config.digest.recipients)


def report_url(config: Config) -> str:
    """Where links to the page lead, without a slash at the end; "" when nobody outside knows where it is."""
    return config.web.public_url.rstrip("/") if report_is_on(config) else ""


def sign_in_of(config: Config) -> SignInPolicy:
    return SignInPolicy(link_days=config.report.link_days, session_hours=config.report.session_hours)


def report_of(app: "Application", pages: "Pages") -> "ReportPages":
    from delivery.report_files import report_csv, report_xlsx
    from web.report_settings import ReportPages

    config = app.config
    policy = digest_of(config)
    return ReportPages(
        pages=pages,
        store=app.store,
        clock=app.clock,
        policy=policy,
        zone=config.organisation.timezone,
        recipients=recipients_by_name(config),
        markers={language: markers_of(load_texts(language)) for language in languages_of(config)},
        exports={
            "xlsx": partial(report_xlsx, organisation=policy.organisation),
            "csv": report_csv,
        },
        sign_in=sign_in_of(config),
        public_url=report_url(config),
        link_mails=bool(report_url(config) and config.mail.host),
        trusted_proxies=config.web.trusted_proxies,
    )


def operation_of(app: "Application", pages: "Pages") -> "OperationPage":
    from omdome.state import BEAT, ROLES
    from web.report_operation import OperationPage

    return OperationPage(
        pages=pages,
        store=app.store,
        clock=app.clock,
        zone=app.config.organisation.timezone,
        beats={role: f"{BEAT}.{role}" for role in ROLES},
    )


def recipients_by_name(config: Config) -> dict[str, Recipient]:
    return {recipient.name: recipient for recipient in recipients_of(config)}
