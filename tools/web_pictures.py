"""Remakes the pictures of the survey page in docs/images: `.venv/bin/python -m tools.web_pictures [folder]`.

A real server over an empty database, and an invented customer. Needs Chromium (Debian: apt-get install chromium) and
the packages of the group web-tests. Where pngquant is installed, the files get smaller.
"""

import asyncio
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from models.case import ClosedCase
from models.survey import Invitation
from omdome.channel_settings import Contact, Telegram
from omdome.config import Config
from omdome.settings import Organisation
from omdome.survey_page import pages_of, statements_of, survey_page_of
from storage.database import SqlStore, open_store
from storage.migration import migrate
from tools.screenshots import IMAGES, browser, squeeze
from web.app import build_app, serving
from web.statements import add_statements
from web.survey_page import add_survey_page

CONFIG = Config(
    organisation=Organisation(name="Exempelkommunen", contact_mail="kontakt@example.se"),
    telegram=Telegram(enabled=True, bot_username="ExempelOmdomeBot"),
    contact=Contact(phone_after_days=5),
)
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
BUTTON = "button[name=choice][value={}]"


@dataclass(frozen=True)
class Picture:
    """`taps` are the values of the buttons that are pressed first; `query` and `path` are where to go then."""

    name: str
    taps: tuple[str, ...] = ()
    query: str = ""
    width: int = 640
    height: int = 900
    dark: bool = False
    language: str = "sv"
    for_readme: bool = False


PICTURES = (
    Picture("survey-light", for_readme=True),
    Picture("survey-dark", ("bra", "daligt"), dark=True, for_readme=True),
    Picture("survey-360", ("bra",), width=360, height=720, for_readme=True),
    Picture("survey-360-first", width=360, height=720),
    Picture("survey-done", ("bra", "daligt", "svart_att_na", "ok", "hoppa"), height=760, for_readme=True),
    Picture("survey-reason", ("bra", "daligt")),
    Picture("survey-comment", ("bra", "bra", "ok")),
    Picture("survey-preselected", query="?daligt"),
    Picture("survey-change", ("bra",), "?fraga=1"),
    Picture("survey-stop", query="/nej"),
    Picture("survey-english", language="en", dark=True),
    Picture("survey-english-360", ("bra", "daligt"), width=360, height=720, language="en"),
    Picture("survey-done-360", ("bra", "daligt", "svart_att_na", "ok", "hoppa"), width=360, dark=True),
)


class StandingClock:
    def now(self) -> datetime:
        return NOW


async def invite(store: SqlStore, token: str, language: str) -> None:
    case = ClosedCase(
        case_id=token,
        closed_at=NOW - timedelta(days=2),
        subject="Potthål på Storgatan",
        phone="+46701740605",
    )
    async with store.step() as tx:
        await tx.put_cases([case], NOW)
        [stored] = [each for each in await tx.undecided(1000) if each.case.case_id == token]
        invitation = Invitation(
            id=0, case_number=stored.id, token=token, language=language, created_at=NOW, expires_at=NOW + timedelta(14)
        )
        await tx.put_invitations([invitation])


async def take(opened: Browser, address: str, picture: Picture, token: str, target: Path) -> None:
    scheme = "dark" if picture.dark else "light"
    size = {"width": picture.width, "height": picture.height}
    page: Page = await opened.new_page(viewport=size, color_scheme=scheme, device_scale_factor=1.5)
    await page.goto(f"{address}/s/{token}")
    for tap in picture.taps:
        heading = await page.inner_text("h1")
        await page.click(BUTTON.format(tap) + " >> nth=0")
        await page.wait_for_function("before => document.querySelector('h1').innerText !== before", arg=heading)
    if picture.query:
        await page.goto(f"{address}/s/{token}{picture.query}")
    await page.mouse.move(0, 0)
    await page.screenshot(path=target, full_page=not picture.for_readme)
    await page.close()
    squeeze(target)
    print(target.name)


async def main(folder: Path, pictures: tuple[Picture, ...]) -> None:
    command = browser()
    if command is None:
        raise SystemExit("no Chromium found; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as made:
        url = f"sqlite:///{made}/pictures.db"
        await asyncio.to_thread(migrate, url)
        store = await open_store(url, CONFIG.organisation.timezone)
        app, pages = build_app(store), pages_of(CONFIG)
        add_statements(app, statements_of(CONFIG, pages))
        add_survey_page(app, survey_page_of(CONFIG, store, StandingClock(), pages))
        async with serving(app, "127.0.0.1", 0) as port, async_playwright() as play:
            opened = await play.chromium.launch(executable_path=command, args=["--no-sandbox"])
            for number, picture in enumerate(pictures):
                token = f"PicturesOfTheSurvey{number:03}"
                await invite(store, token, picture.language)
                await take(opened, f"http://127.0.0.1:{port}", picture, token, folder / f"{picture.name}.png")
            await opened.close()
        await store.close()


if __name__ == "__main__":
    elsewhere = len(sys.argv) > 1
    chosen = PICTURES if elsewhere else tuple(replace(each) for each in PICTURES if each.for_readme)
    asyncio.run(main(Path(sys.argv[1]) if elsewhere else IMAGES, chosen))
