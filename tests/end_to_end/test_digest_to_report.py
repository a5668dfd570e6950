"""From the digest in a mailbox to the managers' page: its own link, one sign-in, the same figures."""

import random
import re
import shutil
import socket
from pathlib import Path

import aiohttp

from models.counts import IsoWeek
from omdome.config import parse_config
from omdome.credentials import read_credentials
from omdome.outgoing import senders_of
from omdome.policies import outbox_of, recipients_of
from omdome.sending import send_now
from omdome.web_wiring import web_application
from omdome.wiring import Application
from storage.database import open_store
from tests.conftest import STOCKHOLM
from tests.delivery.conftest import Mailbox, smtp_server
from tests.web.report.conftest import CONFIG, MovingClock, filled_database
from web.app import serving
from workflow.outbox import OutboxWorker

WEEK = IsoWeek(2026, 48)
_ = filled_database  # the fixture is used by its name


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def test_a_manager_goes_from_the_mail_to_the_same_figures_on_the_page(
    tmp_path: Path, filled_database: Path
) -> None:
    file = Path(shutil.copy(filled_database, tmp_path / "omdome.sqlite"))
    store = await open_store(f"sqlite:///{file}", STOCKHOLM)
    mailbox, port = Mailbox(), free_port()
    async with smtp_server(mailbox) as mail_port:
        text = CONFIG.replace("{url}", f"http://127.0.0.1:{port}")
        config = parse_config(
            text.replace('host = "127.0.0.1"', f'host = "127.0.0.1"\nport = {mail_port}\nsecurity = "none"')
        )
        app = Application(config=config, credentials=read_credentials({}), store=store, clock=MovingClock())
        worker = OutboxWorker(store, app.clock, senders_of(app), outbox_of(config), random.random)
        await send_now(app, WEEK, recipients_of(config))
        await worker.run_once()  # digests become mails
        await worker.run_once()  # mails go out
        async with serving(web_application(app), "127.0.0.1", port):
            sent = {str(each["To"]): each for each in mailbox.messages}
            assert len(sent) == 3
            links = {to: link_in(mail) for to, mail in sent.items()}
            assert len(set(links.values())) == 3, "each copy has its own"
            await looks(links["parkchefen@example.org"], text_of(sent["parkchefen@example.org"]))
    await store.close()


async def looks(link: str, mail: str) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(link) as response:
            assert "parkchefen" in await response.text()
        async with browser.post(link) as response:
            page = re.sub(r"<[^>]*>", " ", await response.text())
    page = " ".join(page.replace("\N{NO-BREAK SPACE}", " ").split())
    assert "Vecka 48 2026" in page
    figures = re.findall(r"^(\S+) +(\d+ %) bra +(\d+ %) ok +(\d+ %) dåligt +\(n = (\d+)\)$", mail, re.MULTILINE)
    assert len(figures) == 3
    for name, bra, ok, daligt, n in figures:
        shown = page[page.index(f"{name} {bra} bra (n = {n})") :]
        assert re.search(rf"{bra} bra \( ?\d+ ?\) {ok} ok \( ?\d+ ?\) {daligt} dåligt", shown)
    for sentence in re.findall(r"(?:Målet är|Över målet)[^.]*\.", " ".join(mail.split())):
        assert sentence in page


def text_of(mail: object) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def link_in(mail: object) -> str:
    text = re.search(r"http://127\.0\.0\.1:\d+/rapport/in/\S+", text_of(mail))[0]  # type: ignore[index]
    assert text in mail.get_body(("html",)).get_content(), "the same in both"
    assert text.endswith("?vecka=2026-W48")
    return text
