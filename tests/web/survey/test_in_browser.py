"""The survey page in a real Chromium: every state of it, for every way of using it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from models.conversation import Accepted
from storage.database import open_store
from tests.web.browsing import browsing, faults, launched, needs_browser, sideways, small_targets
from tests.web.survey.conftest import CASE, STOCKHOLM, TOKEN, World, survey_world

pytestmark = [needs_browser, pytest.mark.asyncio(loop_scope="module")]  # one browser, so one loop, for all


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chromium() -> AsyncIterator[object]:
    async with launched() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def world(store_url: str) -> AsyncIterator[World]:
    """A server where everything is offered, and one customer with a link."""
    store = await open_store(store_url, STOCKHOLM)
    async with survey_world(store, bot_username="ExempelOmdomeBot", calls=True) as made:
        await made.invite()
        yield made
    await store.close()


#: page → the forms that are sent first (about, choice, words), and the address after the token
STATES: dict[str, tuple[list[tuple[str, ...]], str]] = {
    "first question": ([], ""),
    "marked by the mail": ([], "?daligt"),
    "second question": ([("fraga:bemotande", "bra")], ""),
    "change": ([("fraga:bemotande", "bra")], "?fraga=1"),
    "answered elsewhere": ([("fraga:bemotande", "bra")], "?fraga=1&sagt=answered_elsewhere"),
    "reason": ([("fraga:bemotande", "daligt")], ""),
    "confirm": ([("fraga:bemotande", "daligt"), ("skal:bemotande", "ord", "bra")], ""),
    "comment": ([(f"fraga:{each}", "bra") for each in ("bemotande", "tillganglighet", "leverans")], ""),
    "thanks": (
        [
            ("fraga:bemotande", "daligt"),
            ("skal:bemotande", "svart_att_na"),
            ("fraga:tillganglighet", "hoppa"),
            ("fraga:leverans", "bra"),
            ("kommentar", "hoppa"),
        ],
        "?sagt=changed",
    ),
    "no": ([], "/nej"),
}
OTHERS = ("/tillganglighet", "/personuppgifter", "/s/unknown")


async def prepared(world: World, name: str, number: int, language: str = "sv") -> str:
    """The address of a fresh survey in this state."""
    token = f"InABrowserInABrowser{number:03}"
    case = replace(CASE, case_id=f"TK-B{number}", mail=f"{number}@example.se")
    await world.invite(token, case, language=language)
    forms, rest = STATES[name]
    for form in forms:
        await world.post(*form, token=token)
    assert (await world.get(f"/s/{token}{rest}")).status == 200
    return f"{world.address}/s/{token}{rest}"


async def test_no_page_shuts_anybody_out(world: World, chromium) -> None:
    """In the dark only the colours are other ones."""
    found: dict[str, list[str]] = {}
    async with browsing(chromium, reduced_motion="reduce") as page:  # else colours are measured half-way
        pages = [await prepared(world, name, number) for number, name in enumerate(STATES)]
        pages += [world.address + path for path in OTHERS]
        for address in pages:
            await page.emulate_media(color_scheme="light")
            await page.goto(address)
            found[address] = await faults(page) + await small_targets(page)
            await page.emulate_media(color_scheme="dark")
            found[address] += await faults(page, "color-contrast", "link-in-text-block")
        world.clock.time += timedelta(days=15)
        await page.goto(pages[0])
        found["expired"] = await faults(page)
    assert {name: each for name, each in found.items() if each} == {}


async def test_narrow_and_with_letters_of_double_size(world: World, chromium) -> None:
    """320 pixels are also what 1280 are at 400 %; 640 with letters of double size is a window at 200 %."""
    async with browsing(chromium) as page:
        pages = [await prepared(world, name, number, "en") for number, name in enumerate(STATES)]
        pages += [world.address + path for path in OTHERS]
        long = replace(CASE, case_id="TK-L", subject="Storgatsbelysningsarmaturutbytesprojekteringsgruppen" * 2)
        await world.invite("LongLongLongLongLongLong", long)
        pages.append(f"{world.address}/s/LongLongLongLongLongLong")
        for address in pages:
            await page.goto(address)
            await page.set_viewport_size({"width": 320, "height": 640})
            assert await sideways(page) == [], address
            await page.set_viewport_size({"width": 640, "height": 640})
            await page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert await sideways(page) == [], address


async def test_text_spacing_of_ones_own_hides_nothing(world: World, chromium) -> None:
    """WCAG 1.4.12."""
    async with browsing(chromium, viewport={"width": 360, "height": 640}, bypass_csp=True) as page:
        for number, name in enumerate(STATES):
            await page.goto(await prepared(world, name, number))
            await page.add_style_tag(
                content="* { line-height: 1.5 !important; letter-spacing: 0.12em !important; "
                "word-spacing: 0.16em !important } p { margin-bottom: 2em !important }"
            )
            assert await sideways(page) == [], name
            clipped = await page.evaluate(
                """() => [...document.querySelectorAll("button, a, p, h1, dd, dt, label")]
                .filter(e => !e.closest(".visually-hidden") && e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
                .map(e => e.outerHTML.slice(0, 80))"""
            )
            assert clipped == [], name


async def test_a_survey_by_keyboard_alone(world: World, chromium) -> None:
    """Tab, Enter and letters; after each answer the focus is on the new question's heading."""
    async with browsing(chromium) as page:
        await page.goto(f"{world.address}/s/{TOKEN}")
        await page.keyboard.press("Tab")
        assert await _focused(page) == "Hoppa till innehållet"
        await page.keyboard.press("Enter")
        await _tab_to(page, "Dåligt")
        assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Vad gick fel?")
        assert "Vad gick fel?" in await _focused(page)
        await _tab_to(page, "")  # the field
        await page.keyboard.type("Ingen ringde tillbaka på en månad")
        await _tab_to(page, "Skicka")
        await page.keyboard.press("Space")
        await page.wait_for_selector("text=Fråga 2 av 3")
        for place in (2, 3):
            await page.wait_for_selector(f"text=Fråga {place} av 3")
            await _tab_to(page, "Bra")
            await page.keyboard.press("Enter")
        await page.wait_for_selector("text=mer du vill berätta")
        await _tab_to(page, "Nej tack, jag är klar")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Tack för att du tog dig tid!")
        await _tab_to(page, "Ändra")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Du har svarat")
        await _tab_to(page, "Bra")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Tack, vi har ändrat ditt svar.")
    assert await world.answers() == {"bemotande": "bra", "tillganglighet": "bra", "leverans": "bra"}


async def test_without_javascript(world: World, chromium) -> None:
    async with browsing(chromium, java_script_enabled=False) as page:
        await page.goto(f"{world.address}/s/{TOKEN}?ok")
        await page.click("text=Ja, spara ”Ok”")
        await page.click("button:has-text('Dåligt')")
        await page.click("button:has-text('Inte åtgärdat')")
        await page.click("button:has-text('Bra')")
        await page.fill("textarea", "Tack ändå, och hälsa Åsa i växeln")
        await page.click("button:has-text('Skicka')")
        assert await page.inner_text("h1") == "Tack för att du tog dig tid!"
        await page.reload()  # after the redirect there is nothing to send again
        assert await page.inner_text("h1") == "Tack för att du tog dig tid!"
    assert await world.answers() == {"bemotande": "ok", "tillganglighet": "dåligt", "leverans": "bra"}
    assert await world.comments() == ("Tack ändå, och hälsa Åsa i växeln",)


async def test_with_javascript_nothing_is_reloaded_and_the_change_is_announced(world: World, chromium) -> None:
    async with browsing(chromium) as page:
        await page.goto(f"{world.address}/s/{TOKEN}?bra")
        await page.evaluate("window.stillHere = true")
        await page.click("text=Ja, spara ”Bra”")
        await page.wait_for_selector("text=Fråga 2 av 3")
        assert await page.evaluate("window.stillHere && location.search === ''")
        assert await page.title() == "Fråga 2 av 3: Hur upplevde du vår tillgänglighet? – Exempelkommunen"
        assert await page.evaluate("document.activeElement.id") == "heading"
        assert await page.get_attribute(".said", "role") == "status"
        await page.click("text=Tillbaka")
        await page.click("button:has-text('Ok')")
        await page.wait_for_selector("text=Tack, vi har ändrat ditt svar.")
        await page.click("button:has-text('English')")
        await page.wait_for_selector("text=Question 2 of 3")
        assert await page.get_attribute("html", "lang") == "en"


async def test_when_the_network_is_gone_it_says_so_and_the_answer_can_be_sent_again(world: World, chromium) -> None:
    async with browsing(chromium) as page:
        await page.goto(f"{world.address}/s/{TOKEN}")
        await page.context.set_offline(True)
        await page.click("button:has-text('Bra')")
        await page.wait_for_selector("text=Det gick inte att spara just nu.")
        await page.context.set_offline(False)
        await page.click("button:has-text('Bra')")
        await page.wait_for_selector("text=Fråga 2 av 3")
    assert await world.answers() == {"bemotande": "bra"}


async def test_what_was_written_stays_when_it_can_not_be_sent_just_now(world: World, chromium) -> None:
    for question in world.policy.questions:
        await world.post(f"fraga:{question}", "bra")
    async with browsing(chromium) as page:
        await page.goto(f"{world.address}/s/{TOKEN}")
        await page.fill("textarea", "Hälsa Åsa i växeln")
        while (await world.get()).status == 200:
            pass
        await page.click("button:has-text('Skicka')")
        await page.wait_for_selector("text=Det gick inte att spara just nu.")
        assert await page.input_value("textarea") == "Hälsa Åsa i växeln"
        world.seconds[0] += 60
        await page.click("button:has-text('Skicka')")
        await page.wait_for_selector("text=Tack för att du tog dig tid!")
    assert await world.comments() == ("Hälsa Åsa i växeln",)


async def test_what_was_wrong_with_the_words_is_where_the_focus_goes(world: World, chromium) -> None:
    async with browsing(chromium, reduced_motion="reduce") as page:
        await page.goto(await prepared(world, "reason", 1))
        await page.click("button:has-text('Skicka')")
        await page.wait_for_selector("text=Du har inte skrivit något än.")
        described = "document.getElementById(document.activeElement.getAttribute('aria-describedby').split(' ')[1])"
        assert "Du har inte skrivit" in await page.evaluate(f"{described}.textContent")
        assert await faults(page) == []
        await world.post("skal:bemotande", "annat", token="InABrowserInABrowser001")
        await page.fill("textarea", "Ni svarade inte")
        await page.click("button:has-text('Skicka')")
        await page.wait_for_selector(".unsent:has-text('Ni svarade inte')")
        await page.wait_for_selector(".notice:has-text('Enkäten hade redan gått vidare')")
        assert await faults(page) == []


async def test_an_impatient_double_click_answers_one_question(world: World, chromium) -> None:
    async with browsing(chromium) as page:
        await page.goto(f"{world.address}/s/{TOKEN}")
        await page.dblclick("button:has-text('Bra')")
        await page.wait_for_selector("text=Fråga 2 av 3")
    async with browsing(chromium, java_script_enabled=False) as page:
        await page.goto(f"{world.address}/s/{TOKEN}")
        await page.dblclick("button:has-text('Bra')")
        await page.wait_for_selector("text=Fråga 3 av 3")
    assert await world.answers() == {"bemotande": "bra", "tillganglighet": "bra"}


async def test_who_has_asked_for_less_motion_gets_none_and_forced_colours_keep_the_borders(
    world: World, chromium
) -> None:
    async with browsing(chromium, reduced_motion="reduce", forced_colors="active") as page:
        await page.goto(f"{world.address}/s/{TOKEN}")
        style = "e => [getComputedStyle(e).transitionDuration, getComputedStyle(e).borderTopWidth]"
        assert await page.eval_on_selector("button:has-text('Bra')", style) == ["0s", "2px"]


async def test_no_referrer_is_sent_to_anybody(world: World, chromium) -> None:
    async with browsing(chromium) as page:
        asked: list[dict[str, str]] = []
        page.on("request", lambda request: asked.append({"url": request.url, **request.headers}))
        await page.route("https://t.me/**", lambda route: route.fulfill(body="<h1>Telegram</h1>"))
        await page.goto(f"{world.address}/s/{TOKEN}")
        await page.click("button:has-text('Bra')")
        await page.wait_for_selector("text=Fråga 2 av 3")
        await page.click("text=Svara i Telegram i stället")
        await page.wait_for_selector("text=Telegram")
        assert len(asked) >= 5
        assert [each["url"] for each in asked if "referer" in each] == []
        strangers = {each["url"].split("/")[2] for each in asked} - {world.address.removeprefix("http://")}
        assert strangers == {"t.me"}, "and nothing is fetched from elsewhere"


async def test_a_survey_begun_in_the_chat_goes_on_here(world: World, chromium) -> None:
    await world.happens_in_chat(Accepted())
    async with browsing(chromium) as page:
        await page.goto(f"{world.address}/s/{TOKEN}")
        assert "Fråga 1 av 3" in await page.inner_text("main")
        await page.click("button:has-text('Bra')")
        await page.wait_for_selector("text=Fråga 2 av 3")


async def _focused(page) -> str:  # type: ignore[no-untyped-def]
    return str(await page.evaluate("document.activeElement.innerText ?? ''"))


async def _tab_to(page, text: str) -> None:  # type: ignore[no-untyped-def]
    """Press Tab until what has this text has the focus: it must be reached within twenty presses."""
    for _ in range(20):
        await page.keyboard.press("Tab")
        if (await _focused(page)).strip() == text:
            return
    pytest.fail(f"{text!r} can't be reached by keyboard")
