"""A customer answers on the page, with plain forms: what is shown, and what is stored."""

from tests.web.survey.conftest import TOKEN, World


async def test_three_taps_and_done(world: World) -> None:
    page = await world.get()
    assert (page.status, page.heading) == (200, "Hur upplevde du vårt bemötande?")
    assert "Potthål på Storgatan" in page.text
    assert "Fråga 1 av 3" in page.text
    page = await world.post(page.abouts[1], "bra")
    assert page.hops == (303,)
    assert "Fråga 2 av 3" in page.text
    page = await world.post(page.abouts[1], "ok")
    page = await world.post(page.abouts[1], "bra")
    assert page.heading == "Tack! Är det något mer du vill berätta?"
    page = await world.post("kommentar", "hoppa")
    assert page.heading == "Tack för att du tog dig tid!"
    assert await world.answers() == {"bemotande": "bra", "tillganglighet": "ok", "leverans": "bra"}
    assert page.url == f"/s/{TOKEN}"
