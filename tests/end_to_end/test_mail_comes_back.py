"""The mail's buttons and its way out, over real HTTP; and a mail that comes back, through a real IMAP server."""

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientSession

from models.case import Address, AddressKind
from models.rating import Rating
from models.survey import Disposition
from omdome.bounces import BounceReader
from omdome.config import load_config
from omdome.contacting import Contacting
from omdome.credentials import Credentials
from omdome.demo.clock import SimulatedClock
from omdome.demo.web_visit import free_port, on_the_web, pages_of
from omdome.state import read_state
from omdome.wiring import open_application
from tests.delivery.bounce_samples import standard
from tests.delivery.conftest import Mailbox, smtp_server
from tests.delivery.imap_server import PASSWORD, USER, Mailserver, imap_server
from tests.end_to_end.test_mail_to_answer import CONFIG, CUSTOMER, NUMBER, TUESDAY, Town

BOUNCES = f"""
[bounces]
imap_host = "127.0.0.1"
imap_port = {{imap}}
security = "none"
username = "{USER}"
"""


@pytest.fixture
async def imap() -> AsyncIterator[Mailserver]:
    async with imap_server() as server:
        yield server


@pytest.fixture
async def town(tmp_path: Path, imap: Mailserver) -> AsyncIterator[Town]:
    clock, mailbox = SimulatedClock(TUESDAY), Mailbox()
    async with smtp_server(mailbox) as port:
        settings = CONFIG.format(port=port) + BOUNCES.format(imap=imap.port)
        (tmp_path / "config.toml").write_text(settings, "utf-8")
        secrets = Credentials(bounces_password=PASSWORD)
        async with open_application(load_config(tmp_path / "config.toml"), secrets, clock) as opened:
            app = on_the_web(opened, free_port())
            yield Town(app, clock, mailbox, Contacting(app), tmp_path / "sms.log")


async def written_to(town: Town) -> EmailMessage:
    await town.closes()
    await town.days()
    return town.mailbox.messages[-1]


def links_in(mail: EmailMessage) -> list[str]:
    html = mail.get_body(("html",))
    assert html is not None
    return [unescape(link) for link in re.findall(r'href="([^"]*)"', html.get_content())]


async def test_a_scanner_that_opens_every_link_records_nothing(town: Town) -> None:
    mail = await written_to(town)
    async with pages_of(town.app), ClientSession() as browser:
        for link in links_in(mail):
            async with browser.get(link) as response:
                assert response.status == 200, link
            async with browser.head(link) as response:
                assert response.status in (200, 405), link
    invitation = await town.invitation()
    assert invitation.disposition is None
    async with town.app.store.look() as tx:
        assert await tx.answers(invitation.id) == []
        assert await tx.opted_out([Address(AddressKind.MAIL, CUSTOMER)]) == set()


async def test_a_button_marks_the_answer_and_one_tap_confirms_it(town: Town) -> None:
    (poor,) = [link for link in links_in(await written_to(town)) if link.endswith("?daligt")]
    async with pages_of(town.app), ClientSession() as browser:
        async with browser.get(poor) as response:
            page = await response.text()
        (form,) = [form for form in page.split("<form")[1:] if 'value="daligt"' in form]
        about = re.search(r'name="about" value="([^"]*)"', form)
        assert about
        answer = {"about": unescape(about[1]), "choice": "daligt"}
        async with browser.post(poor.partition("?")[0], data=answer) as response:
            assert response.status == 200
    async with town.app.store.look() as tx:
        (given,) = await tx.answers((await town.invitation()).id)
    assert (given.question, given.rating) == ("bemotande", Rating.DALIGT)


async def test_unsubscribing_in_the_mail_program_takes_one_click(town: Town) -> None:
    """Its address, as in RFC 8058: posted by the mail program, without cookies. Here over http, as on loopback."""
    mail = await written_to(town)
    link = next(link for link in links_in(mail) if link.endswith("/nej")).replace("/nej", "/avregistrera")
    click = {"List-Unsubscribe": "One-Click"}
    async with pages_of(town.app), ClientSession() as browser, browser.post(link, data=click) as response:
        assert response.status == 200
    assert (await town.invitation()).disposition is Disposition.REFUSED
    await town.days(10)
    assert len(town.mailbox.messages) == 1


async def test_a_mail_that_comes_back_next_day_means_a_text_message(town: Town, imap: Mailserver) -> None:
    mail = await written_to(town)
    headers = "".join(f"{name}: {mail[name]}\n" for name in ("From", "To", "Message-ID"))
    status = f"Final-Recipient: rfc822; {CUSTOMER}\nAction: failed\nStatus: 5.1.1\n"
    town.clock.move_to(TUESDAY.replace(day=18))
    await imap.put(standard(status, returned=headers), at=town.clock.now())
    await BounceReader(town.app).run()
    await town.days()
    assert NUMBER in town.sms_log.read_text("utf-8")
    assert (await read_state(town.app)).contacts == {"mail": {"dead_address": 1}, "sms": {"sent": 1}}
    assert await imap.subjects("INBOX") == []
    await town.days(12)
    assert len(town.mailbox.messages) == 1, "the reminder goes by SMS too"
