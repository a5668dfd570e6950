"""The invitation by mail, ready for the outbox. Nothing in it is fetched from anywhere, and no opening is counted."""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import css_inline
import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from delivery.invitation_letter import Asker, Letter, letter
from delivery.invitation_text import text_of
from models.queues import Payload
from models.survey import Invitation, Purpose
from models.texts import PHONE_NUMBER, Texts
from workflow.inviting import About
from workflow.ports import PermanentError

TEMPLATES = Path(__file__).parent / "templates"
QR_ID = "qr"  #: what the HTML calls the attached picture

#: Keep answering machines quiet (RFC 3834, and Exchange's own), but never the reports of mail that can't be delivered.
QUIET = {"Precedence": "bulk", "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationMails:
    """The `workflow.inviting.MailWriter`. `texts` by language; `language` is for an invitation in one that has none."""

    texts: Mapping[str, Texts]
    language: str
    asker: Asker

    def payload(self, about: About) -> Payload:
        """For an outbox row MAIL (see `delivery.message.compose`). Raises PermanentError without an address."""
        if not about.case.mail:
            raise PermanentError("the case has no mail address")
        texts = self.texts.get(about.invitation.language) or self.texts[self.language]
        said = letter(about, texts, self.asker)
        chat = self.asker.chat(about.invitation.token)
        mail: dict[str, object] = {
            "to": about.case.mail,
            "subject": said.subject,
            "text": text_of(said),
            "html": html_of(said),
            "headers": {"Content-Language": texts.language, **QUIET, **self._unsubscribe(about.invitation)},
            "message_key": message_key(about.invitation, about.purpose),
        }
        if chat:
            code = {"cid": QR_ID, "filename": "telegram.png", "content_type": "image/png"}
            mail["inline"] = [code | {"base64": base64.b64encode(qr_png(chat)).decode()}]
        return mail

    def _unsubscribe(self, invitation: Invitation) -> dict[str, str]:
        """One tap in the mail program is enough (RFC 8058, which wants https)."""
        page = self.asker.page(invitation.token)
        if not page.startswith("https://"):
            return {}
        return {
            "List-Unsubscribe": f"<{page}/avregistrera>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }


def message_key(invitation: Invitation, purpose: Purpose) -> str:
    """What the Message-ID is made of: the same each time that the mail is sent, and nobody but its reader can know it.

    A report of undelivered mail must name it: so nobody can have an address marked as dead by inventing one.
    """
    return f"{invitation.token}:{purpose}"


def html_of(said: Letter) -> str:
    """A letter as HTML, its styles inlined; only the rules for dark mode and narrow screens stay in the head."""
    css = (TEMPLATES / "invitation.css").read_text("utf-8")
    html = _template().render(letter=said, css=css, qr=QR_ID)
    return css_inline.inline(html, keep_at_rules=True, load_remote_stylesheets=False)


def qr_png(link: str) -> bytes:
    """The link as a QR code with its quiet zone, black on white: some cameras read nothing else."""
    stream = io.BytesIO()
    segno.make_qr(link, error="m").save(stream, kind="png", scale=6, border=4)
    return stream.getvalue()


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters["unbroken"] = _unbroken
    return environment.get_template("invitation.html.j2")


def _unbroken(text: str) -> Markup:
    """No line is broken inside a phone number; mail programs still see one that can be called."""
    return Markup(PHONE_NUMBER.sub(r'<span style="white-space: nowrap">\g<0></span>', str(escape(text))))  # noqa: S704 (what was there is escaped)
