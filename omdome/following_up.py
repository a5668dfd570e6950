"""The follow-up pages, as the configuration has them."""

from functools import cache
from typing import TYPE_CHECKING

from models.case import StoredCase
from models.survey import Chat, Invitation
from omdome.policies import contact_of, invitations_of
from omdome.wiring import Application
from workflow.follow_ups import Asking
from workflow.inviting import plan_contact
from workflow.ports import Transaction

if TYPE_CHECKING:
    from bot.speech import Speech
    from web.follow_ups import FollowUpPages
    from web.pages import Pages


def follow_ups_of(app: Application, pages: "Pages") -> "FollowUpPages":
    """For `web.follow_ups.add_follow_ups`; the managers' page must be on."""
    from web.follow_ups import FollowUpPages

    zone = app.config.organisation.timezone
    return FollowUpPages(pages=pages, store=app.store, clock=app.clock, zone=zone, asking=asking_of(app))


def asking_of(app: Application) -> Asking:
    """How customers are asked again: in their chat where Telegram is on, else by the ways of [contact]."""
    contacts = contact_of(app.config)

    @cache  # texts and lexicons are read only when somebody is to be written to
    def speech() -> "Speech":
        from omdome.speech import speech_of

        return speech_of(app.config)

    async def in_chat(tx: Transaction, invitation: Invitation, stored: StoredCase, chat: Chat | None) -> None:
        from bot.unasked import invite_in_chat

        await invite_in_chat(tx, speech(), invitation, app.clock.now())

    async def contact(tx: Transaction, invitation: Invitation, stored: StoredCase) -> bool:
        return await plan_contact(tx, invitation, stored, contacts, app.clock.now())

    return Asking(
        questions=app.config.survey.questions,
        invitations=invitations_of(app.config),
        in_chat=in_chat if app.config.telegram.enabled else None,
        contact=contact,
    )
