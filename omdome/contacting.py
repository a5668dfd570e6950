"""Turning to customers who have no chat with us, so many a minute."""

import random
from dataclasses import replace

from models.queues import OutboxKind
from omdome.invitation_mails import mail_writer
from omdome.policies import contact_of, outbox_of
from omdome.sms import sms_writer
from omdome.wiring import Application
from workflow.inviting import ContactSender, plan_missed
from workflow.outbox import OutboxWorker

#: a morning's thousands of invitations are not to hit the mail server, nor the page, all at nine o'clock
PER_MINUTE = 60

_BATCH = 500


class Contacting:
    """Plans what nobody has planned, and decides the contacts that are due. Meant to run once a minute."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._policy = contact_of(app.config)
        sender = ContactSender(
            store=app.store,
            clock=app.clock,
            policy=self._policy,
            mails=mail_writer(app.config),
            texts=sms_writer(app.config),
        )
        limits = replace(outbox_of(app.config), batch=PER_MINUTE)
        self._outbox = OutboxWorker(app.store, app.clock, {OutboxKind.CONTACT: sender}, limits, random.random)

    async def run(self) -> None:
        """May be done too often, and by several processes at once: each decides `PER_MINUTE` a run at most."""
        found = _BATCH
        while found == _BATCH:
            async with self._app.store.step() as tx:
                found = await plan_missed(tx, self._policy, self._app.clock.now(), _BATCH)
        await self._outbox.run_once()
