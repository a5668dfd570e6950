"""A real Chromium for the tests of pages, and axe-core to look for what shuts people out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tools.screenshots import browser

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

LACKING = [name for name in ("playwright", "axe_playwright_python") if find_spec(name) is None]
needs_browser = pytest.mark.skipif(
    bool(LACKING) or browser() is None,
    reason="needs Chromium (on Debian: apt-get install chromium) and uv sync --group web-tests",
)

#: what WCAG 2.1 AA and EN 301 549 ask, and axe's own good practice
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "EN-301-549", "best-practice"]


@asynccontextmanager
async def launched() -> AsyncIterator["Browser"]:
    """A Chromium; starting one takes a second or more, so tests share it."""
    from playwright.async_api import async_playwright

    async with async_playwright() as play:
        opened = await play.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        yield opened
        await opened.close()


@asynccontextmanager
async def browsing(chromium: "Browser", **context: object) -> AsyncIterator["Page"]:
    """A page of an empty profile; fails if the page's scripts or its content security policy complained."""
    opened = await chromium.new_context(**{"viewport": {"width": 800, "height": 900}} | context)  # type: ignore[arg-type]
    page = await opened.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
    yield page
    await opened.close()
    assert complaints == []


async def faults(page: "Page", *rules: str) -> list[str]:
    """What axe-core finds wrong with the page as it stands: rule, why, and where. All rules, or only these."""
    from axe_playwright_python.async_playwright import Axe

    options = {"resultTypes": ["violations"], "runOnly": list(rules) or TAGS}
    found = await Axe().run(page, options=options)
    return [
        f"{each['id']}: {each['help']}: {', '.join(str(node['target']) for node in each['nodes'])}"
        for each in found.response["violations"]
    ]


async def sideways(page: "Page") -> list[str]:
    """What sticks out of the page to the right, so that one has to scroll sideways."""
    return await page.evaluate(  # type: ignore[no-any-return]
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)
        .map(e => e.tagName + "." + e.className)"""
    )


async def small_targets(page: "Page") -> list[str]:
    """Buttons, fields and links by themselves that are smaller than 44 × 44 pixels (links inside sentences may be)."""
    return await page.evaluate(  # type: ignore[no-any-return]
        """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), textarea, summary")]
        .filter(e => e.checkVisibility() && !(e.tagName === "A" && e.closest("p, li") &&
                     e.closest("p, li").textContent.trim() !== e.textContent.trim()))
        .filter(e => { const r = e.getBoundingClientRect(); return r.width < 43.5 || r.height < 43.5 })
        .filter(e => !e.classList.contains("skip-link"))
        .map(e => `${e.tagName} ${e.textContent.trim()} ${JSON.stringify(e.getBoundingClientRect())}`)"""
    )


async def faults_of_any_kind(page: "Page") -> list[str]:
    """What axe-core finds wrong by all rules that it has on by itself: rule and where."""
    from axe_playwright_python.async_playwright import Axe

    found = await Axe().run(page)
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]
