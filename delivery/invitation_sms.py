"""The text message that asks, or asks once more: who we are, which case, the link. One part, if that can be done."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from delivery.link_like import holds_link
from delivery.sms_length import measure, plain
from models.queues import Payload
from models.survey import Purpose
from models.texts import Texts
from workflow.inviting import About
from workflow.ports import PermanentError

_SHORTEST_SUBJECT = 10  #: characters: what is left of a subject must still say something


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationSms:
    """The `SmsWriter`. `link` makes an invitation's address of its token; it is never cut."""

    texts: Mapping[str, Texts]  #: by language
    language: str  #: for invitations in a language without texts
    organisation: str
    questions: tuple[str, ...]
    link: Callable[[str], str]
    max_parts: int = 2

    def payload(self, about: About) -> Payload:
        """ "to" and "text" of an outbox row SMS. Raises PermanentError when the case has no phone number."""
        if not about.case.phone:
            raise PermanentError("the case has no phone number")
        return {"to": about.case.phone, "text": self.text(about)}

    def text(self, about: About) -> str:
        """The shortest number of parts that will do: the subject is cut, or left out, before a part is added."""
        texts = self.texts.get(about.invitation.language, self.texts[self.language])
        asked = about.invitation.questions or self.questions
        values = {
            "organisation": plain(self.organisation),
            "questions": plain(texts(f"chat.counts.{len(asked)}")),
            "link": self.link(about.invitation.token),
        }
        kind, subject = _kind(about), _subject(about.case.subject)

        def worded(wanted: str) -> str:
            form = texts(f"sms.{kind}.about" if wanted else f"sms.{kind}.plain", subject=wanted, **values)
            return form.strip()

        for parts in range(1, self.max_parts + 1):
            for wanted in _shorter_and_shorter(subject):
                text = worded(wanted)
                if measure(text).parts <= parts:
                    return text
        return _bare(texts("sms.brief.about", **values), values["link"], self.max_parts)


def _kind(about: About) -> str:
    if about.case.recheck_of is not None:
        return "recheck" if about.purpose is Purpose.INVITATION else "recheck_reminder"
    if about.purpose is Purpose.INVITATION:
        return "invitation"
    return "begun" if about.begun else "reminder"


def _subject(subject: str) -> str:
    """Written so that it costs little and stands in quotes; "" if it can't be shown."""
    written = plain(subject).replace('"', "'").strip()
    return "" if holds_link(written) else written


def _shorter_and_shorter(subject: str) -> Iterator[str]:
    """The whole, then a word less each time, then a whole word cut; at last nothing."""
    yield subject
    cut = len(subject) - 1
    while cut >= _SHORTEST_SUBJECT:
        at_word = subject.rfind(" ", _SHORTEST_SUBJECT, cut + 1)
        cut = at_word if at_word > 0 else cut - 1
        yield subject[:cut].rstrip(" ,.;:-/(") + "..."
        cut -= 1
    yield ""


def _bare(brief: str, link: str, max_parts: int) -> str:
    return brief if measure(brief).parts <= max_parts else link
