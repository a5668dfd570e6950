"""Who delivers what, as configured."""

from collections.abc import Mapping

from delivery.mail import MailSender
from models.queues import OutboxKind, OutboxRow
from omdome.policies import sending_of, smtp_of
from omdome.texts import load_texts
from omdome.wiring import Application
from workflow.alerts import AlertSender
from workflow.ports import PermanentError, Sender


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


def senders_of(app: Application) -> Mapping[OutboxKind, Sender]:
    """The senders of a worker: all kinds but Telegram's, which the bot delivers itself."""
    own = app.config.organisation
    texts = load_texts(own.language)
    return {
        OutboxKind.MAIL: mail_sender(app),
        OutboxKind.HANDLER_ALERT: AlertSender(app.store, app.clock, texts, own.timezone),
    }
