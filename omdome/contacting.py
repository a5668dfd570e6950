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

HOURS = "contact.hours"  #: the fact that tells which hours those who wait were put off for


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
        await self._keep_hours()
        found = _BATCH
        while found == _BATCH:
            async with self._app.store.step() as tx:
                found = await plan_missed(tx, self._policy, self._app.clock.now(), _BATCH)
        await self._outbox.run_once()

    async def _keep_hours(self) -> None:
        """When contact hours have been changed, what waited for the old ones is looked at again now."""
        hours, now = self._policy.hours, self._app.clock.now()
        told = f"{hours.start:%H:%M}-{hours.until:%H:%M}{' any day' if hours.weekends else ''} {self._policy.zone.key}"
        async with self._app.store.look() as tx:
            before = await tx.fact(HOURS)
        if before == told:
            return
        async with self._app.store.step() as tx:
            if before is not None:
                await tx.hasten_contacts(now)
            await tx.set_fact(HOURS, told, now)
