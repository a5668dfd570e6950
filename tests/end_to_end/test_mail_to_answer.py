"""A case closes, a mail arrives through a real SMTP server, its link is answered over real HTTP: or it isn't."""

import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientSession

from models.case import ClosedCase
from models.survey import Channel, Disposition, Invitation
from omdome import jobs
from omdome.config import load_config
from omdome.contacting import Contacting
from omdome.credentials import Credentials
from omdome.deciding import decide_now
from omdome.demo.clock import SimulatedClock
from omdome.demo.web_visit import free_port, on_the_web, pages_of
from omdome.outgoing import senders_of
from omdome.speech import speech_of
from omdome.state import read_state
from omdome.wiring import Application, open_application
from tests.delivery.conftest import Mailbox, smtp_server
from workflow.intake import import_cases
from workflow.outbox import USUAL_OUTBOX, OutboxWorker

TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CUSTOMER, NUMBER = "kund@example.org", "+46701740605"
CONFIG = """
[organisation]
name = "Exempelkommunen"
[storage]
url = "sqlite:///omdome.db"
[alerts]
poor = false
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "omdome@example.se"
[sms]
gateway = "file"
file = "sms.log"
"""


@dataclass
class Town:
    """An installation on the web, its mail server, and the days that pass."""

    app: Application
    clock: SimulatedClock
    mailbox: Mailbox
    contacting: Contacting
    sms_log: Path

    async def closes(self, case_id: str = "SK-1") -> None:
        case = ClosedCase(
            case_id=case_id,
            closed_at=self.clock.now() - DAY,
            subject="Potthål",
            unit="Gata",
            mail=CUSTOMER,
            phone=NUMBER,
        )
        await import_cases(self.app.store, [case], self.clock.now())
        await decide_now(self.app, self.clock.now())

    async def days(self, number: int = 0) -> None:
        """What a worker does, now and once a day."""
        worker = OutboxWorker(self.app.store, self.clock, senders_of(self.app), USUAL_OUTBOX, random.random)
        speech = speech_of(self.app.config)
        for step in range(number + 1):
            if step:
                self.clock.move_to(self.clock.now() + DAY)
            await jobs.expire(self.app, speech)
            for _ in range(2):  # a dead address: the next way at once
                await self.contacting.run()
                while await worker.run_once():
                    pass

    async def invitation(self) -> Invitation:
        async with self.app.store.look() as tx:
            found = await tx.invitation_of_case("SK-1")
        assert found is not None
        return found

    def link(self) -> str:
        """The way in that the newest mail offers to who can't tap its buttons."""
        text = self.mailbox.messages[-1].get_body(("plain",))
        assert text is not None
        found = re.search(r"https?://\S+/s/[A-Za-z0-9_-]+", text.get_content())
        assert found, text.get_content()
        return found[0]

    async def taps(self, *choices: str) -> str:
        """The customer follows the link and taps; returns the page they see last."""
        link = self.link()
        async with pages_of(self.app), ClientSession() as browser:
            async with browser.get(link) as response:
                page = await response.text()
            for choice in choices:
                form = next(form for form in page.split("<form")[1:] if f'value="{choice}"' in form)
                about = re.search(r'name="about" value="([^"]*)"', form)
                assert about, form
                async with browser.post(link, data={"about": unescape(about[1]), "choice": choice}) as response:
                    assert response.status == 200
                    page = await response.text()
        return page


@pytest.fixture
async def town(tmp_path: Path, mailbox: Mailbox) -> AsyncIterator[Town]:
    clock = SimulatedClock(TUESDAY)
    async with smtp_server(mailbox) as port:
        (tmp_path / "config.toml").write_text(CONFIG.format(port=port), "utf-8")
        async with open_application(load_config(tmp_path / "config.toml"), Credentials(), clock) as opened:
            app = on_the_web(opened, free_port())
            yield Town(app, clock, mailbox, Contacting(app), tmp_path / "sms.log")


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


async def test_who_answers_is_not_reminded(town: Town) -> None:
    await town.closes()
    await town.days()
    (mail,) = town.mailbox.messages
    assert mail["To"] == CUSTOMER
    await town.taps()  # looking records nothing
    assert (await town.invitation()).disposition is None
    await town.taps("bra", "bra", "ok", "hoppa")
    answered = await town.invitation()
    assert answered.disposition is Disposition.COMPLETED
    async with town.app.store.look() as tx:
        assert {answer.channel for answer in await tx.answers(answered.id)} == {Channel.WEB}
    await town.days(15)
    assert len(town.mailbox.messages) == 1
    assert not town.sms_log.exists()


async def test_who_stops_half_way_is_reminded_once_and_goes_on_where_they_were(town: Town) -> None:
    await town.closes()
    await town.days(1)
    await town.taps("bra")
    await town.days(9)
    first, reminder = town.mailbox.messages
    assert first["Message-ID"] != reminder["Message-ID"]
    page = await town.taps("ok", "bra", "hoppa")
    assert "Tack" in page
    assert (await town.invitation()).disposition is Disposition.COMPLETED
    await town.days(5)
    assert len(town.mailbox.messages) == 2


async def test_a_mailbox_that_is_gone_means_a_text_message_and_no_mail_ever_again(town: Town) -> None:
    town.mailbox.rcpt_answers = ["550 5.1.1 no such user"]
    await town.closes()
    await town.days()
    assert town.mailbox.messages == []
    assert NUMBER in town.sms_log.read_text()
    state = await read_state(town.app)
    assert state.contacts == {"mail": {"dead_address": 1}, "sms": {"sent": 1}}
    assert state.survey["reached"] == 1
    assert state.attention == []
    await town.days(15)
    assert town.mailbox.recipients == [], "the reminder went the same way as the text message"
    assert (await town.invitation()).disposition is Disposition.NO_CONTACT
