"""What doesn't work under /rapport is told in the report's own frame and words, with a way back."""

import pytest

from tests.web.report.conftest import House

OF_THE_SURVEY = ("enkät", "sms", "QR", "mejlet")


@pytest.mark.parametrize("path", ["/rapport/nonsense", "/rapport/siffror.exe", "/rapport/uppfoljning/999999"])
async def test_a_page_that_is_not_there(empty_house: House, path: str) -> None:
    await empty_house.sign_in("chefen")
    got = await empty_house.get(path, "chefen")
    assert (got.status, "Den här sidan finns inte" in got.words) == (404, True)
    assert "Inloggad: chefen" in got.words
    assert got.link("Till rapporten") == got.link("Siffror") == "/rapport"
    assert not any(word in got.words for word in OF_THE_SURVEY)


async def test_nobody_signed_in_gets_the_same_words_without_the_navigation(empty_house: House) -> None:
    got = await empty_house.get("/rapport/nonsense")
    assert (got.status, "Den här sidan finns inte" in got.words) == (404, True)
    assert got.link("Till rapporten") == "/rapport"
    assert "Inloggad" not in got.words
    assert "Att följa upp" not in got.words
    assert "There is no such page" in (await empty_house.get("/rapport/x", headers={"Accept-Language": "en"})).words


async def test_a_button_pressed_elsewhere(empty_house: House) -> None:
    await empty_house.sign_in("chefen")
    got = await empty_house.post("/rapport/logga-ut", "chefen", headers={"Sec-Fetch-Site": "cross-site"})
    assert (got.status, "Det där gick inte att göra härifrån" in got.words) == (403, True)
    assert got.link("Till rapporten") == "/rapport"
    assert not any(word in got.words for word in OF_THE_SURVEY)


async def test_other_pages_keep_their_own_words(empty_house: House) -> None:
    await empty_house.sign_in("chefen")
    assert "Här finns ingen sida" in (await empty_house.get("/s/nonsense", "chefen")).words
    assert "Här finns ingen sida" in (await empty_house.get("/tillganglighet/x", "chefen")).words
