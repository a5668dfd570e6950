"""The managers' page in a real browser: accessible, narrow, dark, on paper, without JavaScript, by keyboard alone."""

from collections.abc import AsyncIterator

import pytest

from storage.database import SqlStore
from tests.web.browsing import faults_of_any_kind, launched, needs_browser
from tests.web.report.conftest import House, a_house
from tests.web.report.test_operation import ADMIN, some_work

pytestmark = needs_browser

WIDE = {"viewport": {"width": 1200, "height": 900}}
NARROW = {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"}
ADDRESSES = (
    "/rapport",
    "/rapport?period=2026-W45_2026-W48&enhet=Park",
    "/rapport?enhet=nowhere",
    "/rapport?period=egna&fran=2026-W47&till=2026-W48",
    "/rapport/arenden?period=2026-W45_2026-W48",
)


@pytest.fixture
async def chromium() -> AsyncIterator[object]:
    async with launched() as opened:
        yield opened


@pytest.mark.parametrize("look", [WIDE, NARROW], ids=["wide", "narrow and dark"])
async def test_every_page_is_accessible_and_fits(house: House, chromium: object, look: dict[str, object]) -> None:
    page = await (await chromium.new_context(reduced_motion="reduce", **look)).new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    await page.goto(house.address + "/rapport")  # signed out
    assert await faults_of_any_kind(page) == []
    await page.goto(house.address + await house.link("chefen"))
    assert await faults_of_any_kind(page) == []
    await page.get_by_role("button", name="Logga in").click()
    for address in ADDRESSES:
        await page.goto(house.address + address)
        for tables in await page.get_by_text("Visa som tabell").all():
            await tables.click()
        assert await faults_of_any_kind(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        labels = "[...document.querySelectorAll('.chart text')].every(each => each.getBBox().x > 10)"
        assert await page.evaluate(labels), "no label is cut, with some room for wider fonts"
    assert refused == [], "the content security policy has nothing to refuse"


@pytest.mark.parametrize("look", [WIDE, NARROW], ids=["wide", "narrow and dark"])
async def test_the_administrators_page_too(store: SqlStore, chromium: object, look: dict[str, object]) -> None:
    async with a_house(store, more=ADMIN) as house:
        await some_work(house)
        page = await (await chromium.new_context(reduced_motion="reduce", **look)).new_page()
        await page.goto(house.address + await house.link("drift"))
        await page.get_by_role("button", name="Logga in").click()
        await page.get_by_role("link", name="Drift").click()
        assert "Mejl" in await page.locator("main").inner_text()
        assert await faults_of_any_kind(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_by_keyboard_alone_from_the_link_to_a_units_month(house: House, chromium: object) -> None:
    page = await (await chromium.new_context(java_script_enabled=False, **WIDE)).new_page()
    await page.goto(house.address + await house.link("chefen"))
    await page.keyboard.press("Tab")  # past the way to the content
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Vecka 48 2026").wait_for()
    await page.get_by_label("Period", exact=True).focus()
    await page.keyboard.type("November 2026")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Park")
    await page.keyboard.press("Enter")  # closes the list
    await page.get_by_role("button", name="Visa", exact=True).focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="November 2026").wait_for()
    assert "Park" in await page.locator(".when").inner_text()
    assert "(n = 36)" in await page.locator("main").inner_text()


async def test_a_chart_says_in_words_what_it_shows(house: House, chromium: object) -> None:
    page = await (await chromium.new_context(**WIDE)).new_page()
    await page.goto(house.address + await house.link("chefen"))
    await page.get_by_role("button", name="Logga in").click()
    chart = page.get_by_role("img", name="Andel bra över tid: Leverans")
    assert "5 veckor. Lägst" in (await chart.text_content() or "")
    await page.get_by_text("Visa som tabell: Andel bra över tid: Leverans").click()
    rows = page.get_by_role("table", name="Andel bra över tid: Leverans").get_by_role("row")
    assert await rows.count() == 27
    assert "Vecka 48 2026 (23–29 november 2026)" in await rows.nth(1).inner_text()


async def test_on_paper_there_are_figures_and_no_buttons(house: House, chromium: object) -> None:
    page = await (await chromium.new_context(**WIDE)).new_page()
    await page.goto(house.address + await house.link("chefen"))
    await page.get_by_role("button", name="Logga in").click()
    await page.emulate_media(media="print")
    assert not await page.get_by_role("button").first.is_visible()
    assert await page.get_by_role("heading", name="Leverans").is_visible()
    assert (await page.pdf(format="A4")).startswith(b"%PDF")
