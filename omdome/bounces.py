"""Mail that comes back: whose it was, and what is done about it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from delivery.bounce_mailbox import BounceMailbox, ImapServer, MailboxError
from delivery.bounces import Returned
from delivery.invitation_mail import message_key
from delivery.message import address, message_id
from models.case import Address, AddressKind
from models.survey import AttemptOutcome, ContactAttempt
from omdome.config import Config
from omdome.credentials import Credentials
from omdome.readiness import Feature, State
from omdome.wiring import Application
from workflow.attempts import look_again, note_dead
from workflow.ports import Transaction

log = logging.getLogger(__name__)

LOOKED_BACK = timedelta(days=7)  #: servers give up after five; what is older was seen, unless we were down so long
SENT_WITHIN = timedelta(days=30)
_OUT = (AttemptOutcome.SENT, AttemptOutcome.DELIVERED)


def imap_of(config: Config, credentials: Credentials) -> ImapServer:
    rules = config.bounces
    return ImapServer(
        host=rules.imap_host,
        port=rules.imap_port,
        security=rules.security,
        username=rules.username,
        password=credentials.bounces_password,
        folder=rules.folder,
    )


class BounceReader:
    """Looks through the mailbox. Meant to run every so often; several at once do no harm."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._mailbox = BounceMailbox(imap_of(app.config, app.credentials))
        self._trouble = ""

    async def run(self) -> None:
        """A mailbox that can't be read is told in the log once, and tried again next time."""
        since = (self._app.clock.now() - LOOKED_BACK).date()
        try:
            found = await self._mailbox.look(since, self._note)
        except MailboxError as error:
            if str(error) != self._trouble:
                log.warning("[bounces] %s; trying again every %d s", error, self._app.config.bounces.interval_seconds)
            self._trouble = str(error)
            return
        if self._trouble:
            log.info("[bounces] the mailbox can be read again")
            self._trouble = ""
        if found.ours:
            log.info("[bounces] %d of %d reports were about mails of ours", found.ours, found.reports)

    async def _note(self, report: Sequence[Returned]) -> bool:
        sender, now = address(self._app.config.mail.sender), self._app.clock.now()
        async with self._app.store.look() as tx:
            if not any([await _about(tx, returned, sender, now) for returned in report]):
                return False  # most are about other mails: they make nobody wait
        async with self._app.store.step() as tx:
            noted = [await note_returned(tx, returned, sender, now) for returned in report]
        return any(noted)


async def note_returned(tx: Transaction, returned: Returned, sender: str, now: datetime) -> bool:
    """Note what became of a mail, if the report is about one of ours: one to that address, whose Message-ID it names.

    A report about anything else changes nothing. A failed mail has the next way tried; only one that failed because
    nobody is at its address has that address marked as dead. `sender` is who our mails are from.
    """
    if found := await _about(tx, returned, sender, now):
        attempt, to = found
        await _settle(tx, attempt, to, returned, now)
    return found is not None


async def _about(
    tx: Transaction, returned: Returned, sender: str, now: datetime
) -> tuple[ContactAttempt, Address] | None:
    """The attempt that the report is about, and to whom it was."""
    for mail in sorted(returned.recipients):
        to = Address(AddressKind.MAIL, mail)
        for invitation, attempt in await tx.sent_to(to, now - SENT_WITHIN):
            if message_id(message_key(invitation, attempt.purpose), sender) in returned.message_ids:
                return attempt, to
    return None


async def _settle(tx: Transaction, attempt: ContactAttempt, to: Address, returned: Returned, now: datetime) -> None:
    if returned.nobody_there:
        await note_dead(tx, attempt, to, f"came back: {returned.code}", now)
    elif returned.failed and attempt.outcome in _OUT:
        await tx.settle_attempt(attempt.id, AttemptOutcome.FAILED, f"came back: {returned.code}", now)
        await look_again(tx, attempt, now)


def bounces_feature(config: Config, credentials: Credentials) -> Feature:
    """Whether mail that comes back is read: `omdome.readiness` tells it."""
    name, rules = "bounces", config.bounces
    if not config.mail.host:
        return Feature(name, State.BROKEN, "nothing can come back while mail is off", "set [mail] host")
    if not rules.username:
        return Feature(name, State.BROKEN, "the mailbox has no user name", "set [bounces] username")
    if not credentials.bounces_password:
        return Feature(name, State.BROKEN, f"{rules.username} has no password", "set OMDOME_BOUNCES_PASSWORD")
    if rules.security == "none" and rules.imap_host not in ("127.0.0.1", "::1", "localhost"):
        advice = 'set [bounces] security = "tls" or "starttls"'
        return Feature(name, State.BROKEN, "the password would go unencrypted", advice)
    often = f"every {rules.interval_seconds} s"
    return Feature(name, State.ON, f"{rules.imap_host}:{rules.imap_port}, {rules.security}, {rules.folder}, {often}")
