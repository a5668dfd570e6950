"""Back, forward and a resting mouse, in a real Chromium."""

from tests.web.browsing import browsing, launched, needs_browser
from tests.web.survey.conftest import TOKEN, World

pytestmark = needs_browser


async def test_the_browsers_own_way_back_shows_the_former_question_and_sends_nothing(world: World) -> None:
    async with launched() as chromium, browsing(chromium) as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        await page.goto(f"{world.address}/s/{TOKEN}?ok")
        await page.click("text=Ja, spara ”Ok”")
        await page.click(".question:has-text('Fråga 2 av 3') button:has-text('Dåligt')")
        await page.click("button:has-text('Inte åtgärdat')")
        await page.wait_for_selector("text=Fråga 3 av 3")
        for way, place, told in (
            ("back", 2, "Du har svarat ”Dåligt”"),
            ("back", 1, "Du har svarat ”Ok”"),
            ("forward", 2, "Du har svarat ”Dåligt”"),
            ("forward", 3, "Hur upplevde du vår leverans?"),
        ):
            await page.evaluate(f"history.{way}()")
            await page.wait_for_selector(f".question:has-text('Fråga {place} av 3'):has-text('{told}')")
        assert len(sent) == 3
    assert await world.answers() == {"bemotande": "ok", "tillganglighet": "dåligt"}


async def test_a_link_within_the_page_takes_no_words_away(world: World) -> None:
    for question in world.policy.questions:
        await world.post(f"fraga:{question}", "bra")
    async with launched() as chromium, browsing(chromium) as page:
        await page.goto(f"{world.address}/s/{TOKEN}")
        await page.fill("textarea", "Hälsa Åsa i växeln")
        await page.focus(".skip-link")
        await page.keyboard.press("Enter")
        await page.wait_for_function("location.hash === '#main'")
        await page.go_back()
        await page.wait_for_function("location.hash === ''")
        assert await page.input_value("textarea") == "Hälsa Åsa i växeln"


async def test_a_resting_pointer_does_not_look_like_an_answer(world: World) -> None:
    style = "e => { const s = getComputedStyle(e); return [s.backgroundColor, s.boxShadow, s.color] }"
    async with launched() as chromium, browsing(chromium, reduced_motion="reduce") as page:
        await page.goto(f"{world.address}/s/{TOKEN}")
        await page.click("button:has-text('Dåligt')")
        await page.wait_for_selector("text=Vad gick fel?")
        await page.click("text=Hoppa över")
        await page.wait_for_selector("text=Fråga 2 av 3")
        await page.hover("button:has-text('Dåligt')")
        under = await page.eval_on_selector(".choice:hover", style)
        assert under == await page.eval_on_selector("button:has-text('Bra')", style)
