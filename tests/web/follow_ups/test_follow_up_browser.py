"""The follow-up pages in a real browser: accessible, narrow, dark, without JavaScript, by keyboard alone."""

from collections.abc import AsyncIterator

import pytest

from tests.web.browsing import faults_of_any_kind, launched, needs_browser
from tests.web.follow_ups.conftest import PATH, Office

pytestmark = needs_browser

LOOKS = (
    {"viewport": {"width": 1100, "height": 900}},
    {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"},
)


@pytest.fixture
async def chromium() -> AsyncIterator[object]:
    async with launched() as opened:
        yield opened


async def signed_in(chromium: object, office: Office, **look: object) -> object:
    context = await chromium.new_context(reduced_motion="reduce", **look)
    cookie = {"name": "omdome_report", "value": office.sessions["anna"], "url": office.address}
    await context.add_cookies([cookie])
    return await context.new_page()


async def test_the_pages_are_accessible_and_fit_a_narrow_window(office: Office, chromium: object) -> None:
    long = "Ett mycket långt ärende om Storgatsbelysningsarmaturutbytesprojektet"
    first = await office.dissatisfied("SK-1", ("bemotande", "leverans"), comment="Hålet är kvar.", subject=long)
    await office.dissatisfied("SK-2")
    path = f"{PATH}/{first.id}"
    form = {"lage": "solved", "anteckning": "Lagat.", "sedd": (await office.get(path)).version, "gor": "fraga"}
    await office.post(path, form)
    for look in LOOKS:
        page = await signed_in(chromium, office, **look)
        for address in (f"{PATH}?lage=alla", path, f"{path}?sparat=refused"):
            await page.goto(office.address + address)
            assert await faults_of_any_kind(page) == []
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.context.close()


async def test_by_keyboard_alone(office: Office, chromium: object) -> None:
    first = await office.dissatisfied()
    page = await signed_in(chromium, office, viewport={"width": 1100, "height": 900})
    await page.goto(f"{office.address}{PATH}")
    await page.get_by_role("link", name="Ärende SK-1: Hål i vägen").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("radio", name="Nytt").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Ringt kunden.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_text("Sparat.").wait_for()
    assert await page.get_by_role("radio", name="Kund kontaktad").is_checked()
    async with office.store.look() as tx:
        assert (await tx.follow_up(first.id)).note == "Ringt kunden."
    await page.context.close()


async def test_without_javascript_the_customer_is_asked_again(office: Office, chromium: object) -> None:
    first = await office.dissatisfied()
    page = await signed_in(chromium, office, java_script_enabled=False)
    await page.goto(f"{office.address}{PATH}/{first.id}")
    await page.get_by_label("Anteckning").fill("Lagat i dag.")
    await page.get_by_role("button", name="Markera som löst och fråga igen").click()
    await page.get_by_text("Sparat. Kunden får frågan igen.").wait_for()
    assert [way for _, way in office.asked] == ["mail"]
    await page.context.close()
