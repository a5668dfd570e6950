"""The invitation to a trial, sent as a customer's is: to see that it arrives, and how it looks."""

from dataclasses import replace

from models.case import ClosedCase
from models.queues import OutboxKind, OutboxRow
from models.survey import Invitation, Purpose
from omdome.console import Problem
from omdome.invitation_mails import mail_writer
from omdome.outgoing import mail_sender, sms_sender
from omdome.sms import sms_writer
from omdome.wiring import Application
from workflow.inviting import About, MailWriter, SmsWriter
from workflow.ports import DeliveryError, Sender


async def send_trial(app: Application, case: ClosedCase, invitation: Invitation, mail: str, phone: str) -> None:
    """Invite to the trial as a customer is invited, now, whatever the hour; neither address is stored.

    Raises Problem when a message can't be written or handed over.
    """
    about = About(
        invitation=invitation,
        case=replace(case, mail=mail, phone=phone),
        purpose=Purpose.INVITATION,
        now=app.clock.now(),
    )
    ways: list[tuple[OutboxKind, MailWriter | SmsWriter | None, Sender]] = []
    if mail:
        ways.append((OutboxKind.MAIL, mail_writer(app.config), mail_sender(app)))
    if phone:
        ways.append((OutboxKind.SMS, sms_writer(app.config), sms_sender(app)))
    for kind, writer, sender in ways:
        if writer is None:
            raise Problem("the message has nothing to link to: set [web] public_url, or turn the Telegram bot on")
        try:
            key = f"trial:{invitation.id}:{kind}"
            await sender.send(OutboxRow(kind=kind, key=key, payload=writer.payload(about), due_at=about.now))
        except DeliveryError as error:
            raise Problem(str(error)) from error
