"""The accessibility statement and the page on personal data, as the configuration has them."""

import aiohttp

from omdome.channel_settings import Telegram, Voice
from omdome.config import Config
from omdome.settings import Accessibility, Organisation, Privacy
from omdome.survey_page import pages_of, statements_of, survey_page_of
from tests.web.survey.conftest import StandingClock, World
from web.app import build_app, serving
from web.statements import add_statements
from web.survey_page import add_survey_page


async def read(config: Config, store, *paths: str) -> list[str]:  # type: ignore[no-untyped-def]
    app, pages = build_app(store), pages_of(config)
    add_statements(app, statements_of(config, pages))
    add_survey_page(app, survey_page_of(config, store, StandingClock(), pages))
    async with serving(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        found = []
        for path in paths:
            async with http.get(f"http://127.0.0.1:{port}{path}") as response:
                assert response.status == 200
                found.append(await response.text())
        return found


async def test_everything_that_is_configured_is_told(store) -> None:  # type: ignore[no-untyped-def]
    config = Config(
        organisation=Organisation(
            name="Kommunen & Regionen", contact_phone="0911-12 34 56", privacy_url="https://www.example.se/gdpr"
        ),
        accessibility=Accessibility(reviewed="2026-11-21", shortcomings=("Diagrammen saknar tabell.",)),
        privacy=Privacy(protection_officer="dso@example.se", contacts_days=90, replies_days=1, comments_days=0),
        telegram=Telegram(enabled=True, bot_username="ExempelOmdomeBot"),
    )
    accessible, privacy = await read(config, store, "/tillganglighet", "/personuppgifter")
    for told in ("Kommunen &amp; Regionen", "delvis förenliga", "Diagrammen saknar tabell.", "21 november 2026"):
        assert told in accessible
    assert 'href="https://www.digg.se/tdosanmalan"' in accessible
    assert '<a class="unbroken" href="tel:0911123456">0911-12 34 56</a>' in accessible
    for told in (
        "Kommunen &amp; Regionen",
        "artikel 6.1 e",
        "dso@example.se",
        "https://www.example.se/gdpr",
        "Telegram",
    ):
        assert told in privacy
    assert "Mejladress och telefonnummer: 90 dagar." in privacy
    assert "Det du har skrivit som svar på en fråga: en dag." in privacy
    assert "Ärendet och dina betyg: 3 år." in privacy
    assert "Kommentarer, och det du har skrivit om vad som gick fel: tills vidare." in privacy
    assert "imy.se" in privacy


async def test_with_nothing_configured_nothing_is_claimed(store) -> None:  # type: ignore[no-untyped-def]
    accessible, privacy = await read(Config(), store, "/tillganglighet", "/personuppgifter")
    assert "helt förenliga" not in accessible
    assert "Någon egen bedömning har vi inte gjort än." in accessible
    assert "dataskyddsombud" not in privacy
    assert "None" not in accessible + privacy
    assert "Telegrams tjänst" not in privacy


async def test_recorded_calls_are_told_of_only_where_they_are_recorded(store) -> None:  # type: ignore[no-untyped-def]
    [on] = await read(Config(voice=Voice(recording=True, recording_days=14)), store, "/personuppgifter")
    assert "bara om du har sagt ja till inspelning" in on
    assert "Inspelade samtal: 14 dagar." in on
    [off] = await read(Config(), store, "/personuppgifter")
    assert "nspel" not in off


async def test_reviewed_without_shortcomings_is_full_conformance(store) -> None:  # type: ignore[no-untyped-def]
    [told] = await read(Config(accessibility=Accessibility(reviewed="2026-11-21")), store, "/tillganglighet")
    assert "helt förenliga" in told


async def test_in_the_language_asked_for(world: World) -> None:
    assert "Accessibility statement" in (await world.get("/tillganglighet?lang=en")).text
    assert "How we handle your data" in (await world.get("/personuppgifter", Accept_Language="en")).heading
    assert "Så hanterar vi" in (await world.get("/personuppgifter?lang=xx")).heading


async def test_static_files_may_be_kept_when_their_version_is_named(world: World) -> None:
    page = await world.get()
    [style] = [part for part in page.text.split('"') if part.startswith("/static/omdome.css?v=")]
    assert "immutable" in (await world.get(style)).headers["Cache-Control"]
    assert (await world.get("/static/omdome.css")).headers["Cache-Control"] == "no-cache"
    for path in ("/static/..%2fpages.py", "/static/pages.py", "/static/"):
        assert (await world.get(path)).status == 404
