"""The demonstration's visit of the survey page: over real HTTP, stored and counted beside the other channels."""

from dataclasses import replace
from datetime import datetime, time

import aiohttp
import pytest

from models.rating import Rating
from models.survey import Channel
from omdome.config import load_config
from omdome.credentials import read_credentials
from omdome.deciding import decide_now
from omdome.demo import invented
from omdome.demo.clock import GoingOn, SimulatedClock
from omdome.demo.half_year import WORSE_UNIT, half_year, monday_morning
from omdome.demo.web_visit import free_port, on_the_web, pages_of, visit
from omdome.digests import figures
from omdome.policies import recipients_of
from omdome.texts import load_texts
from omdome.wiring import open_application
from workflow.intake import import_cases
from workflow.sign_in import SignInPolicy, put_link


@pytest.fixture
async def stage(tmp_path):
    """The half-year's last week, decided, its pages at a free port."""
    config = load_config(invented.FOLDER / "config.toml")
    storage = config.storage.model_copy(update={"url": f"sqlite:///{tmp_path / 'half-year.db'}"})
    config = config.model_copy(update={"storage": storage})
    *_, week = half_year(invented.WEEK)
    clock = SimulatedClock(monday_morning(week.week))
    async with open_application(config, read_credentials({}), clock) as app:
        await import_cases(app.store, week.cases, clock.now())
        await decide_now(app, clock.now())
        yield on_the_web(app, free_port()), clock


async def test_somebody_taps_through_the_page_and_is_counted(stage):
    app, clock = stage
    told = []
    visited = await visit(app, clock, lambda asked, tapped: told.append((asked, tapped)))
    clock.move_to(datetime.combine(invented.WEEK.shifted(1).monday, time(6), app.config.organisation.timezone))
    digest = await figures(app, invented.WEEK, recipients_of(app.config)[0], load_texts("sv"))

    assert visited.case.case.unit == WORSE_UNIT
    assert [answer.rating for answer in visited.answers] == [Rating.OK, Rating.BRA, Rating.DALIGT]
    assert {answer.channel for answer in visited.answers} == {Channel.WEB}
    assert dict(digest.account.channels) == {Channel.WEB: 1}
    assert told[0] == ("Hur upplevde du vårt bemötande?", "Ok")
    assert told[-1][1] == "Inte åtgärdat"


async def test_what_the_demonstration_leaves_open_can_be_visited(stage):
    app, clock = stage
    invitation, _ = await invented.not_answered(app)
    async with app.store.step() as tx:
        key = await put_link(tx, recipients_of(app.config)[0], SignInPolicy(), clock.now())
    url = app.config.web.public_url
    async with pages_of(replace(app, clock=GoingOn(clock.now()))), aiohttp.ClientSession() as browser:
        async with browser.get(f"{url}/s/{invitation.token}") as survey:
            assert survey.status == 200
            assert "Hur upplevde du vårt bemötande?" in await survey.text()
        async with browser.get(f"{url}/rapport/in/{key}") as report:
            assert report.status == 200
            assert "Verksamhetschefen" in await report.text() or "Logga in" in await report.text()
