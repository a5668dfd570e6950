"""The digest as an HTML mail: one file, no images, nothing fetched, readable in light and dark and at 360 px."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from delivery.page import Page, ReportPart
from delivery.paging import VOICES, page
from models.digest import Digest
from models.texts import Texts
from survey.wording import capital, unbroken

TEMPLATES = Path(__file__).parent / "templates"

#: For the bgcolor attributes, which is all that some mail programs read: the same as in digest.css.
COLOURS = {"bra": "#0b7a75", "ok": "#8a9694", "dåligt": "#c2480f"}
_CLASSES = {"bra": "bra", "ok": "ok", "dåligt": "daligt"}


#: Gmail clips what is longer than 102 KB, and then hides the end.
CLIPPED = 100_000


def digest_html(digest: Digest, texts: Texts) -> str:
    """The whole mail. Everything that people wrote is escaped."""
    return fitted(digest, texts)[1]


def fitted(
    digest: Digest, texts: Texts, unsubscribe_mail: str = "", report: ReportPart | None = None
) -> tuple[Page, str]:
    """The page and its HTML, with as many single cases as fit in a mail; the file beside it has them all."""
    for voices in (VOICES, 8, 3):
        said = replace(page(digest, texts, unsubscribe_mail, voices), report=report)
        html = html_of(said)
        if len(html.encode()) < CLIPPED:
            break
    return said, html


def html_of(page: Page) -> str:
    """A page as HTML, its styles inlined; only the rules for dark mode and narrow screens stay in the head."""
    css = (TEMPLATES / "digest.css").read_text("utf-8")
    html = _template().render(page=page, css=css, colours=COLOURS)
    inlined = css_inline.inline(html, keep_at_rules=True, load_remote_stylesheets=False)
    return inlined.replace(' data-css-inline="ignore"', "")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_finished
    )
    environment.filters["colour"] = lambda rating: _CLASSES.get(rating, "ok")
    environment.filters["capital"] = capital
    return environment.get_template("digest.html.j2")


def _finished(value: object) -> object:
    """Markup (a macro's output, the style sheet) is finished already."""
    return unbroken(value) if type(value) is str else value
