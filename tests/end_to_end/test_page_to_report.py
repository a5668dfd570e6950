"""A customer answers on the page by keyboard alone, and a manager sees it in the report."""

from datetime import UTC, datetime, timedelta

from models.case import ClosedCase
from models.selection import Decision
from models.survey import Invitation
from omdome.config import parse_config
from omdome.credentials import read_credentials
from omdome.policies import recipients_of
from omdome.web_wiring import web_application
from omdome.wiring import Application
from storage.database import SqlStore
from tests.web.browsing import browsing, launched, needs_browser
from web.app import serving
from workflow.sign_in import SignInPolicy, put_link

pytestmark = needs_browser

TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)
TOKEN = "FromThePageToTheReport0"
CONFIG = """
[organisation]
name = "Exempelkommunen"
[web]
public_url = "http://127.0.0.1"
[mail]
host = "127.0.0.1"
sender = "omdome@example.se"
[digest]
min_group = 1
[[digest.recipients]]
name = "gatuchef"
mail = "gatuchef@example.org"
units = ["Gata"]
identified = true
"""


class MovingClock:
    def __init__(self) -> None:
        self.time = TUESDAY

    def now(self) -> datetime:
        return self.time


async def test_from_the_page_to_the_report(store: SqlStore) -> None:
    clock = MovingClock()
    app = Application(config=parse_config(CONFIG), credentials=read_credentials({}), store=store, clock=clock)
    await invite(store)
    async with serving(web_application(app), "127.0.0.1", 0) as port, launched() as chromium:
        address = f"http://127.0.0.1:{port}"
        async with browsing(chromium) as page:
            await page.goto(f"{address}/s/{TOKEN}")
            await by_keyboard(page, "Bra", "Fråga 2 av 3")
            await by_keyboard(page, "Dåligt", "Vad gick fel?")
            await by_keyboard(page, "Svårt att nå er", "Fråga 3 av 3")
            await by_keyboard(page, "Ok", "mer du vill berätta")
            await reach(page, "TEXTAREA")
            await page.keyboard.type("Telefonkön var lång")
            await by_keyboard(page, "Skicka", "Tack för att du tog dig tid!")
        clock.time += timedelta(days=6)  # Monday
        async with store.step() as tx:
            link = await put_link(tx, recipients_of(parse_config(CONFIG))[0], SignInPolicy(), clock.now())
        async with browsing(chromium) as page:
            await page.goto(f"{address}/rapport/in/{link}")
            await page.get_by_role("button", name="Logga in").click()
            await page.wait_for_selector("text=Vecka 47 2026")
            assert "n = 1" in await page.inner_text("main")
            await page.goto(f"{address}/rapport/arenden?period=2026-W47")
            cases = await page.inner_text("main")
            for told in ("SK-1", "Telefonkön var lång", "svårt att nå er"):
                assert told in cases


async def invite(store: SqlStore) -> None:
    case = ClosedCase(
        case_id="SK-1", closed_at=TUESDAY - timedelta(days=1), subject="Potthål", unit="Gata", mail="kund@example.org"
    )
    async with store.step() as tx:
        await tx.put_cases([case], TUESDAY)
        [stored] = await tx.undecided(10)
        await tx.decide([Decision(stored.id, None)], TUESDAY)
        expires = TUESDAY + timedelta(days=14)
        invitation = Invitation(
            id=0, case_number=stored.id, token=TOKEN, language="sv", created_at=TUESDAY, expires_at=expires
        )
        await tx.put_invitations([invitation])


async def by_keyboard(page, button: str, then: str) -> None:  # type: ignore[no-untyped-def]
    await reach(page, button)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(f"text={then}")


async def reach(page, what: str) -> None:  # type: ignore[no-untyped-def]
    """Press Tab until the focus is on the button with this text, or on this kind of field."""
    for _ in range(20):
        await page.keyboard.press("Tab")
        focused = await page.evaluate("[document.activeElement.innerText?.trim(), document.activeElement.tagName]")
        if what in focused:
            return
    raise AssertionError(f"{what} can't be reached by keyboard")
