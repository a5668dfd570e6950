"""Who delivers what, as configured."""

from collections.abc import Mapping
from datetime import datetime

from delivery.digests import DigestSender, ReportLinks
from delivery.mail import MailSender
from models.counts import IsoWeek
from models.digest import Digest, Recipient
from models.queues import OutboxKind, OutboxRow
from omdome.digests import lexicons_of, markers_of
from omdome.policies import contact_of, digest_of, languages_of, recipients_of, sending_of, smtp_of
from omdome.report import report_is_on, report_url, sign_in_of
from omdome.sms import sender_of
from omdome.texts import load_texts
from omdome.webhooks import webhook_sender
from omdome.wiring import Application
from workflow.alerts import AlertSender
from workflow.attempts import NotingSender
from workflow.digests import copy_for, digest_figures
from workflow.ports import PermanentError, Sender, Transaction


class _Off:
    """Refuses, visibly in `status`, what nothing has been configured for."""

    def __init__(self, advice: str) -> None:
        self._advice = advice

    async def send(self, row: OutboxRow) -> None:
        raise PermanentError(self._advice)


def mail_sender(app: Application) -> Sender:
    """Mail through the configured server; without one, mail fails with advice."""
    if not app.config.mail.host:
        return _Off("mail is off: set [mail] host and sender")
    return MailSender(smtp_of(app.config, app.credentials), sending_of(app.config), app.clock)


def sms_sender(app: Application) -> Sender:
    """Text messages through the configured gateway; without one, they fail with advice."""
    sender = sender_of(app.config, app.credentials, app.clock)
    return sender or _Off("SMS is off: set [sms] gateway")


def _webhook_sender(app: Application) -> Sender:
    if not app.config.webhooks:
        return _Off("no webhook is told any more: there is no [[webhooks]] table")
    return webhook_sender(app.config, app.credentials, app.store, app.clock)


def _noting(app: Application, sender: Sender) -> Sender:
    return NotingSender(sender, app.store, app.clock, contact_of(app.config))


def senders_of(app: Application) -> Mapping[OutboxKind, Sender]:
    """The senders of a worker: all kinds but Telegram's, which the bot delivers itself, and contacts.

    Those are decided a number a minute: see `omdome.contacting`.
    """
    own = app.config.organisation
    return {
        OutboxKind.MAIL: _noting(app, mail_sender(app)),
        OutboxKind.HANDLER_ALERT: AlertSender(
            app.store,
            app.clock,
            load_texts(own.language),
            own.timezone,
            lexicons_of(app.config),
            mail=bool(app.config.mail.host),
            listed=report_is_on(app.config),
        ),
        OutboxKind.DIGEST: digest_sender(app),
        OutboxKind.SMS: _noting(app, sms_sender(app)),
        OutboxKind.WEBHOOK: _webhook_sender(app),
    }


def digest_sender(app: Application) -> DigestSender:
    """Renders each recipient's copy when it is due."""
    config = app.config
    texts = {language: load_texts(language) for language in languages_of(config)}
    policy, zone, lexicons = digest_of(config), config.organisation.timezone, lexicons_of(config)

    async def figures(tx: Transaction, recipient: Recipient, week: IsoWeek, now: datetime) -> Digest:
        copy = copy_for(recipient, markers_of(texts[recipient.language]), lexicons)
        return await digest_figures(tx, copy, policy, week, zone, now)

    return DigestSender(
        store=app.store,
        clock=app.clock,
        recipients={recipient.name: recipient for recipient in recipients_of(config)},
        texts=texts,
        figures=figures,
        unsubscribe_mail=config.digest.unsubscribe_mail,
        chart=config.digest.telegram_chart,
        report=ReportLinks(report_url(config), sign_in_of(config)) if report_url(config) else None,
    )
