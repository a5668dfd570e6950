"""The invitations by mail, to look at: as they would be sent, with a link that belongs to nobody."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from delivery.invitation_mail import InvitationMails
from delivery.message import POLICY, Sending, compose
from models.case import ClosedCase
from models.queues import Payload
from models.survey import Invitation, Purpose
from workflow.inviting import About

SAMPLE = "SAMPLE-AnswersNobody00"  #: a token: whoever opens the link is told that there is no such survey


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the mails that a customer may get."""

    name: str
    purpose: Purpose = Purpose.INVITATION
    begun: bool = False
    recheck: bool = False


VARIANTS = (
    Variant("invitation"),
    Variant("reminder", Purpose.REMINDER),
    Variant("reminder-begun", Purpose.REMINDER, begun=True),
    Variant("recheck", recheck=True),
)


def invented_case(now: datetime) -> ClosedCase:
    return ClosedCase(
        case_id="SK-2026-117",
        opened_at=now - timedelta(days=18),
        closed_at=now - timedelta(days=1),
        subject="Trasig gatlykta på Storgatan",
        mail="anna@kund.example.net",
    )


def previews(
    writer: InvitationMails, sending: Sending, case: ClosedCase, expires_after: timedelta, now: datetime
) -> dict[str, bytes]:
    """File name → content: each variant in each language, as it is sent (.eml) and for a browser (.html).

    `case` is who it is written to and about; its survey's last question is asked again in the recheck.
    """
    files: dict[str, bytes] = {}
    for language in writer.texts:
        for variant in VARIANTS:
            payload = writer.payload(_about(variant, language, writer, case, now, now + expires_after))
            message = compose(payload, variant.name, sending, now)
            files[f"{variant.name}-{language}.eml"] = message.as_bytes(policy=POLICY)
            files[f"{variant.name}-{language}.html"] = browsable(payload).encode()
    return files


def browsable(payload: Payload) -> str:
    """The HTML of a mail with its picture inside."""
    html, pictures = str(payload["html"]), payload.get("inline")
    for picture in pictures if isinstance(pictures, list) else []:
        html = html.replace(f"cid:{picture['cid']}", f"data:{picture['content_type']};base64,{picture['base64']}")
    return html


def _about(
    variant: Variant, language: str, writer: InvitationMails, case: ClosedCase, now: datetime, expires_at: datetime
) -> About:
    invitation = Invitation(
        id=0,
        case_number=0,
        token=SAMPLE,
        language=language,
        created_at=now,
        expires_at=expires_at,
        questions=tuple(writer.asker.questions[-1:]) if variant.recheck else (),
    )
    if variant.recheck:
        case = replace(case, recheck_of=0)
    return About(invitation=invitation, case=case, purpose=variant.purpose, now=now, begun=variant.begun)
