"""The survey behind a link: what is stored of it, read without changing anything."""

import re
from dataclasses import dataclass

from models.case import Address, AddressKind, ClosedCase
from models.conversation import Session, Stage
from models.survey import Invitation
from survey.conversation import start
from web.survey_settings import SurveyPage
from web.survey_view import PageContext
from workflow.converse import SurveyPolicy
from workflow.ports import Transaction

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`session` is as stored, or a fresh one that is stored nowhere. `refused`: they want no surveys at all."""

    invitation: Invitation
    session: Session
    case: ClosedCase | None
    refused: bool
    reachable: bool = True  #: we know an address of theirs, so a no to all surveys can be remembered

    @property
    def closed(self) -> bool:
        return self.session.stage is Stage.CLOSED

    @property
    def phone_known(self) -> bool:
        return self.case is not None and bool(self.case.phone)


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


async def find(tx: Transaction, token: str, policy: SurveyPolicy) -> Found | None:
    """The survey that this link opens; None for a link that nobody was given, or whose survey has been erased."""
    invitation = await tx.invitation_by_token(token)
    if invitation is None:
        return None
    session = await tx.session(invitation.id)
    if session is None:
        session = start(invitation.questions or policy.questions, permission_wanted=False)
    stored = await tx.case(invitation.case_number)
    addresses = set(stored.case.addresses) if stored else set()
    if invitation.chat_id is not None:
        addresses.add(Address(AddressKind.CHAT, str(invitation.chat_id)))
    refused = bool(addresses) and bool(await tx.opted_out(addresses))
    return Found(
        invitation=invitation,
        session=session,
        case=stored.case if stored else None,
        refused=refused,
        reachable=bool(addresses),
    )


def context_of(found: Found, survey: SurveyPage) -> PageContext:
    zone, hours, case = survey.policy.zone, survey.policy.hours, found.case
    return PageContext(
        organisation=survey.organisation,
        reasons=survey.policy.script.reasons,
        subject=case.subject if case else "",
        unit=case.unit if case else "",
        closed_on=case.closed_at.astimezone(zone).date() if case else None,
        recheck=case is not None and case.recheck_of is not None,
        until=found.invitation.expires_at.astimezone(zone),
        contact=survey.contact,
        hours=(f"{hours.start:%H:%M}", f"{hours.until:%H:%M}"),
    )
