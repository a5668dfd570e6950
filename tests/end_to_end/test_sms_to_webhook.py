"""A case closes, a text message arrives, its link is answered, the case system is told: all over real HTTP."""

import json
import random
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin

import pytest
from aiohttp import ClientSession, web

from models.case import ClosedCase
from models.survey import AttemptOutcome
from omdome.config import load_config
from omdome.contacting import Contacting
from omdome.credentials import Credentials
from omdome.deciding import decide_now
from omdome.demo.clock import SimulatedClock
from omdome.demo.web_visit import free_port, on_the_web, pages_of
from omdome.outgoing import senders_of
from omdome.wiring import Application, open_application
from tests.delivery.other_systems import OtherSystem, other_system
from workflow.intake import import_cases
from workflow.outbox import USUAL_OUTBOX, OutboxWorker

TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)
SECRETS = Credentials(webhook_secret="whsec_" + "QUJD" * 8, sms_secret="aGVtbGlndA==")
CONFIG = """
[organisation]
name = "Exempelkommunen"
[storage]
url = "sqlite:///omdome.db"
[contact]
order = ["sms"]
[alerts]
poor = false
[sms]
gateway = "http"
sender = "Exempelkom"
url = "{gateway}/a1/sms"
headers = {{ Authorization = "Basic {{secret}}" }}
body = "from={{sender}}&to={{to}}&message={{text}}"
dead_when = "21211"
[[webhooks]]
name = "ärendesystemet"
url = "{case_system}/omdome"
"""


class Town:
    """An installation, the gateway that its messages go through, and the case system that it tells."""

    def __init__(self, app: Application, clock: SimulatedClock, gateway: OtherSystem, case_system: OtherSystem) -> None:
        self.app, self.clock, self.gateway, self.case_system = app, clock, gateway, case_system
        self.contacting = Contacting(app)
        self.worker = OutboxWorker(app.store, clock, senders_of(app), USUAL_OUTBOX, random.random)

    async def closes(self, **fields: Any) -> None:
        """A case is closed, and its customer is to be asked."""
        case = ClosedCase(
            **{"case_id": "SK-1", "closed_at": TUESDAY - timedelta(days=1), "subject": "Potthål", "unit": "Gata"}
            | fields
        )
        await import_cases(self.app.store, [case], self.clock.now())
        await decide_now(self.app, self.clock.now())

    async def works(self) -> None:
        """What is due is done."""
        await self.contacting.run()
        while await self.worker.run_once():
            pass

    def messages(self) -> list[str]:
        return [parse_qs(body.decode())["message"][0] for body in self.gateway.bodies]

    def told(self) -> list[Any]:
        return [json.loads(body) for body in self.case_system.bodies]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    clock = SimulatedClock(TUESDAY)
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(other_system())
        case_system = await stack.enter_async_context(other_system())
        (tmp_path / "config.toml").write_text(CONFIG.format(gateway=gateway.url, case_system=case_system.url), "utf-8")
        opened = open_application(load_config(tmp_path / "config.toml"), SECRETS, clock)
        app = on_the_web(await stack.enter_async_context(opened), free_port())
        yield Town(app, clock, gateway, case_system)


@asynccontextmanager
async def customer_at(town: Town, link: str) -> AsyncIterator["Customer"]:
    """Somebody who follows the link in the message."""
    async with pages_of(town.app), ClientSession() as browser, browser.get(link) as response:
        assert response.status == 200
        yield Customer(browser, link, await response.text())


class Customer:
    def __init__(self, browser: ClientSession, link: str, page: str) -> None:
        self.browser, self.link, self.page = browser, link, page

    async def taps(self, *choices: str) -> None:
        for choice in choices:
            form = next(each for each in re.findall(r"<form.*?</form>", self.page, re.DOTALL) if f'"{choice}"' in each)
            action, about = (re.search(rf'{name}="([^"]*)"', form) for name in ("action", 'name="about" value'))
            assert action
            assert about
            fields = {"about": unescape(about[1]), "choice": choice}
            async with self.browser.post(urljoin(self.link, action[1]), data=fields) as response:
                assert response.status == 200
                self.page = await response.text()


async def test_from_a_closed_case_to_the_case_system(town: Town) -> None:
    await town.closes(phone="+46701740605")
    await town.works()
    (message,) = town.messages()
    assert message.startswith('Hej från Exempelkommunen! Hur gick det med "Potthål"? Svara på tre snabba frågor')
    link = message.rpartition(" ")[2]
    async with customer_at(town, link) as customer:
        await customer.taps("bra", "ok", "bra")
    assert town.told() == []  # perhaps a comment is still being written
    town.clock.move_to(TUESDAY + timedelta(hours=1))
    await town.works()
    (told,) = town.told()
    assert told["type"] == "survey.finished"
    assert told["data"]["case_id"] == "SK-1"
    assert told["data"]["disposition"] == "completed"
    assert [answer["rating"] for answer in told["data"]["answers"]] == ["bra", "ok", "bra"]
    assert {answer["channel"] for answer in told["data"]["answers"]} == {"web"}
    assert "70174" not in str(town.case_system.bodies)
    town.clock.move_to(TUESDAY + timedelta(days=6))  # a Monday: who has answered isn't reminded
    await town.works()
    assert len(town.messages()) == 1


async def test_who_is_silent_is_reminded_once(town: Town) -> None:
    await town.closes(phone="+46701740605")
    for day in (0, 2, 3, 7, 13):
        town.clock.move_to(TUESDAY + timedelta(days=day))
        await town.works()
    first, second = town.messages()
    assert second.startswith('Hej igen från Exempelkommunen! Du hinner än berätta hur det gick med "Potthål"')
    assert first.rpartition(" ")[2] == second.rpartition(" ")[2]


async def test_a_number_that_nobody_has_is_not_written_to_again(town: Town) -> None:
    town.gateway.answers.append(web.json_response({"code": 21211}, status=400))
    await town.closes(phone="+46701740605")
    for day in (0, 2, 3, 7, 13):
        town.clock.move_to(TUESDAY + timedelta(days=day))
        await town.works()
    assert len(town.messages()) == 1
    async with town.app.store.look() as tx:
        invitation = await tx.invitation_of_case("SK-1")
        assert invitation is not None
        assert [attempt.outcome for attempt in await tx.attempts(invitation.id)] == [AttemptOutcome.DEAD_ADDRESS]


async def test_a_gateway_that_is_down_overnight_delivers_in_the_morning(town: Town) -> None:
    town.gateway.answers += [web.Response(status=503) for _ in range(3)]
    await town.closes(phone="+46701740605")
    for hours in (0, 1, 2, 9, 12):  # the last two are at night
        town.clock.move_to(TUESDAY + timedelta(hours=hours))
        await town.works()
    assert len(town.messages()) == 3
    town.clock.move_to(datetime(2026, 11, 18, 8, 5, tzinfo=UTC))
    await town.works()
    assert len(town.messages()) == 4
    assert len(set(town.messages())) == 1
