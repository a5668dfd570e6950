"""The invitation in a real browser: accessible, readable in light and dark, and no wider than a small phone."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from omdome.invitation_preview import browsable
from tests.delivery.invitations import BOTH, CASE, CHAT_ALONE, VARIANTS, WEB_ALONE, about, mails
from tools.screenshots import browser

playwright = pytest.importorskip("playwright.async_api", reason="no playwright; get it by: uv sync --group web-tests")
axe = pytest.importorskip("axe_playwright_python.async_playwright", reason="no axe; uv sync --group web-tests")

pytestmark = pytest.mark.skipif(browser() is None, reason="no Chromium; on Debian: apt-get install chromium")

LONG = replace(CASE, subject="Storgatsbelysningsarmaturutbytesprojektet " + "x" * 60 + " på Storgatan" * 9)
LONG_NAME = replace(
    BOTH,
    name="Samhällsbyggnadsförvaltningskommunalförbundet",
    reach="Samhällsbyggnadsförvaltningskommunalförbundet (samhallsbyggnadsforvaltningen@exempelkommunen.example.se)",
)
MAILS = {
    "invitation": mails().payload(about()),
    "in English": mails().payload(about(language="en")),
    "begun": mails().payload(VARIANTS["begun"]),
    "recheck, Telegram alone": mails(CHAT_ALONE).payload(VARIANTS["recheck"]),
    "web alone": mails(WEB_ALONE).payload(VARIANTS["reminder"]),
    "long words": mails(LONG_NAME).payload(about(case=LONG)),
}
LOOKS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 700, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 320, "height": 700}, "color_scheme": "light"},
    {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"},
)
#: how high and wide each button is, and whether the three stand in one row
BUTTONS = """() => [...document.querySelectorAll('a.press')].map(each => {
    const box = each.getBoundingClientRect();
    return [Math.round(box.width), Math.round(box.height), Math.round(box.top)];
})"""
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}  # the rest is about whole pages: landmarks and such
WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    async with playwright.async_playwright() as play:
        opened = await play.chromium.launch(
            executable_path=shutil.which(browser() or ""), args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        await opened.close()


async def test_every_mail_is_accessible_and_fits_in_light_dark_and_on_a_small_phone(chromium: Any) -> None:
    for look in LOOKS:
        page = await (await chromium.new_context(**look)).new_page()
        for name, payload in MAILS.items():
            await page.set_content(browsable(payload))
            found = await axe.Axe().run(page, options=WCAG)
            faults = [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]
            assert faults == [], (name, look)
            assert await page.evaluate(WIDE) <= 0, (name, look)
            buttons = await page.evaluate(BUTTONS)
            assert all(width >= 44 and height >= 44 for width, height, _ in buttons), (name, look, buttons)
            assert len(set(map(tuple, buttons))) == 1, "all as large, in one row"
        await page.context.close()


async def test_nothing_is_fetched_when_it_is_opened(chromium: Any) -> None:
    page = await (await chromium.new_context()).new_page()
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    await page.set_content(browsable(MAILS["invitation"]))
    await page.wait_for_load_state("networkidle")
    assert [url for url in asked_for if not url.startswith("data:")] == []
    await page.context.close()


async def test_without_pictures_and_styles_it_still_reads_in_order(chromium: Any) -> None:
    """What a screen reader, and a program that strips styles, makes of it."""
    page = await (await chromium.new_context()).new_page()
    await page.set_content(str(MAILS["invitation"]["html"]))
    headings = await page.get_by_role("heading").all_inner_texts()
    assert headings == ["Hej! Hur gick det?", "Hur upplevde du vårt bemötande?"]
    names = [await link.evaluate("each => each.innerText.trim()") for link in await page.get_by_role("link").all()]
    assert [name.split()[-1] for name in names[:3]] == ["Bra", "Ok", "Dåligt"]
    assert await page.get_by_role("link", name="Bra", exact=True).count() == 1, "the face isn't read out"
    assert await page.get_by_role("img").get_attribute("alt") == "QR-kod som öppnar enkäten i Telegram"
    await page.context.close()
