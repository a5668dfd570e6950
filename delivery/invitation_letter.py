"""What an invitation by mail says, and where its links lead: the same for its HTML and its plain text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from zoneinfo import ZoneInfo

from delivery.link_like import holds_link
from models.rating import Rating
from models.survey import Purpose
from models.texts import Texts
from survey.links import chat_link, page_link
from survey.wording import capital
from workflow.inviting import About

LONGEST_SUBJECT = 120  #: of the case, in letters: some systems put half the customer's letter there


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and where customers answer: on the web (`public_url`), in Telegram (`bot_username`), or both.

    `public_url` is the installation's address without a slash at its end, "" without a survey page; `bot_username` is
    "" without Telegram. `reach` is how customers reach the organisation: its name, and what there is of phone and mail.
    """

    name: str
    zone: ZoneInfo
    questions: Sequence[str]
    reach: str
    public_url: str = ""
    bot_username: str = ""
    privacy_url: str = ""

    def __post_init__(self) -> None:
        if not (self.public_url or self.bot_username):
            raise ValueError("an invitation needs a survey page or a Telegram bot to lead to")

    def page(self, token: str) -> str:
        """Where the survey is on the web; "" without a survey page."""
        return page_link(self.public_url, token) if self.public_url else ""

    def chat(self, token: str) -> str:
        """Where the survey is in Telegram; "" without a bot."""
        return chat_link(self.bot_username, token) if self.bot_username else ""


@dataclass(frozen=True, slots=True)
class Link:
    """`face` is decoration before the label."""

    label: str
    url: str
    face: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A whole invitation, in the order in which it is read. "" and None are left out."""

    language: str
    organisation: str
    subject: str
    heading: str
    opening: str
    asked: str
    number: str  #: "Fråga 1 av 3"
    question: str
    ratings: Sequence[Link]  #: the question's buttons; none of them records anything by being opened
    pressing: str  #: what the buttons do
    button: Link | None  #: instead of `ratings`
    web: Link | None
    telegram: Link | None
    telegram_note: str
    qr: str  #: what the picture of the Telegram link is, for those who don't see it
    deadline: str
    foot: Sequence[str]
    privacy: Link | None
    opt_out: Link | None


def letter(about: About, texts: Texts, asker: Asker) -> Letter:
    """The invitation or reminder in the language of `texts`."""
    kind, token = kind_of(about), about.invitation.token
    page, chat = asker.page(token), asker.chat(token)
    questions = about.invitation.questions or tuple(asker.questions)
    pressable = bool(page) and not about.begun
    total = len(questions)
    go_on = Link(texts("invitation.go_on"), page or chat)
    return Letter(
        language=texts.language,
        organisation=asker.name,
        subject=texts(f"invitation.subject.{kind}"),
        heading=texts(f"invitation.heading.{kind}"),
        opening=_opening(about, kind, texts, asker.zone),
        asked="" if about.begun else _asked(total, texts),
        number=texts("invitation.number", number=1, total=total) if pressable and total > 1 else "",
        question=texts(f"questions.{questions[0]}.ask") if pressable else "",
        ratings=[_rating(rating, page, texts) for rating in Rating] if pressable else [],
        pressing=texts("invitation.pressing") if pressable else "",
        button=None if pressable else go_on if about.begun else Link(texts("invitation.telegram"), chat),
        web=Link(texts("invitation.web"), page) if pressable else None,
        telegram=Link(texts("invitation.telegram_instead"), chat) if chat and page else None,
        telegram_note=texts("invitation.telegram_note") if chat else "",
        qr=texts("invitation.qr") if chat else "",
        deadline=texts("invitation.deadline", date=_date(about.invitation.expires_at, about.now, texts, asker.zone)),
        foot=_foot(texts, asker, on_web=bool(page)),
        privacy=_privacy(texts, asker),
        opt_out=Link(texts("invitation.foot.opt_out"), f"{page}/nej") if page else None,
    )


def kind_of(about: About) -> str:
    """Which of the texts it takes."""
    reminder = about.purpose is Purpose.REMINDER
    if about.begun:
        return "begun"
    if about.case.recheck_of is not None:
        return "recheck_reminder" if reminder else "recheck"
    return "reminder" if reminder else "invitation"


def _opening(about: About, kind: str, texts: Texts, zone: ZoneInfo) -> str:
    case = about.case
    subject = "" if holds_link(case.subject) else shorten(case.subject, LONGEST_SUBJECT, placeholder=" …")
    name = texts("chat.case_subject", subject=subject) if subject else texts("chat.case")
    key = f"invitation.opening.{kind}"
    dates = {"closed": _date(case.closed_at, about.now, texts, zone)}
    if case.opened_at and texts.has(f"{key}_opened"):
        key, dates["opened"] = f"{key}_opened", _date(case.opened_at, about.now, texts, zone)
    return texts(key, case=name, Case=capital(name), **dates)


def _asked(total: int, texts: Texts) -> str:
    if total == 1:
        return texts("invitation.asked_one")
    return texts("invitation.asked", questions=texts(f"chat.counts.{total}"))


def _rating(rating: Rating, page: str, texts: Texts) -> Link:
    name = rating.name.lower()
    return Link(texts(f"questions.ratings.{name}"), f"{page}?{name}", texts(f"invitation.face.{name}"))


def _date(moment: datetime, now: datetime, texts: Texts, zone: ZoneInfo) -> str:
    """The local day, with its year when that isn't this one."""
    day = moment.astimezone(zone).date()
    month = texts(f"chat.months.{day.month}")
    if day.year == now.astimezone(zone).year:
        return texts("invitation.date", day=day.day, month=month)
    return texts("invitation.date_year", day=day.day, month=month, year=day.year)


def _foot(texts: Texts, asker: Asker, *, on_web: bool) -> list[str]:
    foot = [
        texts("invitation.seen"),
        texts("invitation.foot.why", organisation=asker.name),
        texts("invitation.foot.reach", reach=asker.reach),
    ]
    return foot if on_web else [*foot, texts("invitation.foot.opt_out_chat")]


def _privacy(texts: Texts, asker: Asker) -> Link | None:
    return Link(texts("invitation.foot.privacy"), asker.privacy_url) if asker.privacy_url else None
