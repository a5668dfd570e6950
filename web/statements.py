"""What the law wants told: how accessible the pages are (/tillganglighet), and how personal data is handled
(/personuppgifter)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from aiohttp import web

from models.texts import Texts
from web.pages import Pages

_KINDS = ("contacts", "cases", "replies", "comments", "recordings")
DIGG = "https://www.digg.se/tdosanmalan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """`retention` is days per kind of `PrivacyStore.purge` (0: for ever), and of "recordings" where calls may be
    recorded. Dates None are not known.
    """

    pages: Pages
    organisation: str
    contact_mail: str = ""
    contact_phone: str = ""
    privacy_url: str = ""
    protection_officer: str = ""  #: how the data protection officer is reached
    telegram: bool = False  #: answers may come by Telegram
    retention: Mapping[str, int] = field(default_factory=dict)
    reviewed: date | None = None  #: when somebody last reviewed the accessibility
    shortcomings: tuple[str, ...] = ()  #: what isn't accessible yet, in the organisation's own words
    complaint_url: str = DIGG


def add_statements(app: web.Application, statements: Statements) -> None:
    """Serve /tillganglighet and /personuppgifter."""
    statements.pages.attach(app)

    async def accessibility(request: web.Request) -> web.Response:
        return _page(request, "accessibility.html", statements)

    async def privacy(request: web.Request) -> web.Response:
        return _page(request, "privacy.html", statements)

    app.router.add_get("/tillganglighet", accessibility)
    app.router.add_get("/personuppgifter", privacy)


def _page(request: web.Request, template: str, statements: Statements) -> web.Response:
    pages = statements.pages
    texts = pages.texts_for(request)
    retention = [_kept(kind, statements.retention[kind], texts) for kind in _KINDS if kind in statements.retention]
    reviewed = _spelled(statements.reviewed, texts) if statements.reviewed else ""
    return pages.response(
        template,
        texts,
        said=statements,
        languages=pages.other_languages(texts),
        path=request.path,
        retention=retention,
        reviewed=reviewed,
    )


def _kept(kind: str, days: int, texts: Texts) -> str:
    """How long; whole years are easier to grasp than days."""
    what, years = texts(f"statements.privacy.kinds.{kind}"), days // 365 if days % 365 == 0 else 0
    named = {0: "kept_for_ever", 1: "kept_day"}
    key = named.get(days) or {0: "kept", 1: "kept_year"}.get(years, "kept_years")
    return texts(f"statements.privacy.{key}", what=what, days=days, years=years)


def _spelled(day: date, texts: Texts) -> str:
    return texts("statements.date", day=day.day, month=texts(f"web.months.{day.month}"), year=day.year)
