"""Deciding and redrawing with the real database and the real bot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from models.case import StoredCase
from models.selection import NotAsked, StoredDraw
from models.survey import Chat, Invitation
from omdome.config import Config
from omdome.console import MISUSE, Problem
from omdome.credentials import Credentials
from omdome.policies import contact_of, invitations_of, selection_of
from omdome.wiring import Application, open_application
from survey.draws import case_key, draw_faults, drawn_keys
from workflow.inviting import plan_contacts
from workflow.ports import Transaction
from workflow.selecting import OnInvited, SelectionReport, decide_cases

if TYPE_CHECKING:
    from bot.speech import Speech


async def decide_now(app: Application, now: datetime) -> SelectionReport:
    """Decide about every undecided closure; respondents are written to in their chat, or turned to by [contact]."""
    contacts = contact_of(app.config)

    async def plan(tx: Transaction, invited: Sequence[tuple[Invitation, StoredCase]]) -> None:
        await plan_contacts(tx, invited, contacts, now)

    return await decide_cases(
        app.store,
        selection_of(app.config),
        invitations_of(app.config),
        now,
        on_invited=_inviting(app, now),
        on_without_chat=plan,
    )


def _inviting(app: Application, now: datetime) -> OnInvited:
    @cache  # texts and lexicons are read only when somebody is to be written to
    def speech() -> "Speech":
        from omdome.speech import speech_of

        return speech_of(app.config)

    async def invite(tx: Transaction, invitation: Invitation, stored: StoredCase, chat: Chat) -> None:
        from bot.unasked import invite_in_chat

        await invite_in_chat(tx, speech(), invitation, now)

    return invite


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrawn:
    """A stored draw done again: its frame's keys, those it takes, and what doesn't agree with what is stored."""

    stored: StoredDraw
    frame: Sequence[str]
    drawn: set[str]
    faults: Sequence[str]


async def redo(config: Config, credentials: Credentials, number: int) -> Redrawn:
    """Redo one stored draw. Raises Problem when there is none of this number."""
    async with open_application(config, credentials) as opened, opened.store.look() as tx:
        stored = next((each for each in await tx.draws() if each.number == number), None)
        if stored is None:
            raise Problem(f"there is no draw {number}; see: python -m omdome cases draws", MISUSE)
        frame = await tx.draw_frame(number)
    keys = [case_key(each.case) for each, _ in frame]
    asked = [case_key(each.case) for each, decision in frame if decision.reason is not NotAsked.NOT_DRAWN]
    return Redrawn(
        stored=stored,
        frame=sorted(keys),
        drawn=drawn_keys(stored.draw, keys),
        faults=draw_faults(stored.draw, keys, asked),
    )
