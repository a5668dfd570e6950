"""Invitations by mail as the tests (and the pictures) have them: an invented case, in all the variants."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from delivery.invitation_letter import Asker
from delivery.invitation_mail import InvitationMails
from models.case import ClosedCase
from models.survey import Invitation, Purpose
from omdome.texts import load_texts
from workflow.inviting import About

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
TOKEN = "Gk3v9XbT2mQw7RzLpYd5Hc"
PAGE = f"https://omdome.example.se/s/{TOKEN}"
CHAT = f"https://t.me/exempel_bot?start={TOKEN}"
BOTH = Asker(
    name="Exempelkommunen",
    zone=ZoneInfo("Europe/Stockholm"),
    questions=("bemotande", "tillganglighet", "leverans"),
    reach="Exempelkommunen (070-174 06 05 / kund@example.se)",
    public_url="https://omdome.example.se",
    privacy_url="https://omdome.example.se/personuppgifter",
    bot_username="exempel_bot",
)
WEB_ALONE = replace(BOTH, bot_username="")
CHAT_ALONE = replace(BOTH, public_url="", privacy_url="")
INVITATION = Invitation(
    id=7,
    case_number=3,
    token=TOKEN,
    language="sv",
    created_at=NOW,
    expires_at=datetime(2026, 12, 7, 9, 0, tzinfo=UTC),
)
CASE = ClosedCase(
    case_id="KS-2026-117",
    opened_at=datetime(2026, 11, 3, 10, 0, tzinfo=UTC),
    closed_at=datetime(2026, 11, 20, 14, 5, tzinfo=UTC),
    subject="Trasig gatlykta på Storgatan",
    mail="anna@kund.example.net",
)
RECHECK = replace(CASE, recheck_of=4)


def mails(asker: Asker = BOTH) -> InvitationMails:
    return InvitationMails(texts={each: load_texts(each) for each in ("sv", "en")}, language="sv", asker=asker)


def about(
    purpose: Purpose = Purpose.INVITATION,
    case: ClosedCase = CASE,
    *,
    language: str = "sv",
    questions: tuple[str, ...] = (),
    begun: bool = False,
) -> About:
    invitation = replace(INVITATION, language=language, questions=questions)
    return About(invitation=invitation, case=case, purpose=purpose, now=NOW, begun=begun)


VARIANTS = {
    "invitation": about(),
    "reminder": about(Purpose.REMINDER),
    "begun": about(Purpose.REMINDER, begun=True),
    "recheck": about(case=RECHECK, questions=("leverans",)),
    "recheck reminder": about(Purpose.REMINDER, RECHECK, questions=("leverans",)),
}
