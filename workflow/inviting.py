"""Turns to customers who have no chat with us: by mail, SMS or phone, as planned when the time has come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from models.case import ClosedCase
from models.queues import Payload
from models.survey import Invitation, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What one mail or SMS to a customer is about. `case.recheck_of` is set when we ask again after a fix."""

    invitation: Invitation
    case: ClosedCase
    purpose: Purpose
    now: datetime
    begun: bool = False  #: something has been answered already: a reminder to finish, question 1 may be done


class MailWriter(Protocol):
    """Words a mail. Raises `workflow.ports.PermanentError` when it can't be written: the next way is then tried."""

    def payload(self, about: About) -> Payload:
        """The payload of an outbox row MAIL, to `about.case.mail`, without "attempt_id" and "invitation_id"."""
        ...


class SmsWriter(Protocol):
    """Words a text message. Raises `workflow.ports.PermanentError` when it can't be written."""

    def payload(self, about: About) -> Payload:
        """The payload of an outbox row SMS, to `about.case.phone`, without "attempt_id" and "invitation_id"."""
        ...
