"""Rated dåligt; a manager marks it as solved and asks again; the customer is asked that one thing, where they are."""

import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar

from bot.unasked import invite_in_chat
from models.case import ClosedCase, StoredCase
from models.counts import IsoWeek
from models.digest import Digest, DigestPolicy, Recovery
from models.follow_up import FollowUpState
from models.queues import OutboxKind
from models.selection import Decision
from models.survey import Chat, Invitation
from omdome.config import load_config
from omdome.contacting import Contacting
from omdome.credentials import Credentials
from omdome.deciding import decide_now
from omdome.demo.clock import SimulatedClock
from omdome.demo.web_visit import free_port, on_the_web, pages_of
from omdome.outgoing import senders_of
from omdome.policies import recipients_of
from omdome.wiring import open_application
from storage.database import SqlStore
from survey.digest import Copy
from survey.redaction import Markers
from tests.bot.telegram_world import QUESTIONS, World, a_speech, a_world
from tests.conftest import STOCKHOLM
from tests.delivery.conftest import Mailbox, smtp_server
from tests.web.follow_ups.conftest import PATH, Got, Office, an_office
from workflow.digests import digest_figures
from workflow.intake import import_cases
from workflow.outbox import USUAL_OUTBOX, OutboxWorker
from workflow.ports import Store, Transaction
from workflow.sign_in import SignInPolicy, put_link

ANNA = 101
TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)
W47 = IsoWeek(2026, 47)
DAY = timedelta(days=1)


async def digest(store: Store, week: IsoWeek, minimum: int = 1) -> Digest:
    policy = DigestPolicy(organisation="Exempelkommunen", questions=QUESTIONS, min_group=minimum)
    copy = Copy(markers=Markers(phone="", mail="", personal_number=""), identified=True)
    async with store.look() as tx:
        return await digest_figures(tx, copy, policy, week, STOCKHOLM, TUESDAY)


# --- in the chat ---------------------------------------------------------------------------------------------------


@dataclass
class Town:
    """A bot with a customer who was dissatisfied, and the office that follows it up."""

    world: World
    office: Office

    async def customer_says(self, *labels: str) -> None:
        for label in labels:
            await self.world.tap(ANNA, label)

    async def marked_as_solved(self, number: int) -> Got:
        path = f"{PATH}/{number}"
        version = (await self.office.get(path)).version
        form = {"lage": "solved", "anteckning": "Lagat i dag.", "sedd": version, "gor": "fraga"}
        got = await self.office.post(path, form)
        await self.world.service.drain()
        return got


@pytest.fixture
async def town(store: SqlStore) -> AsyncIterator[Town]:
    async with a_world(store) as world:

        async def ask(tx: Transaction, invitation: Invitation, stored: StoredCase, chat: Chat | None) -> None:
            await invite_in_chat(tx, a_speech(), invitation, world.clock.now())

        async with an_office(store, world.clock, ask) as office:
            yield Town(world, office)


async def dissatisfied_in_chat(town: Town) -> Invitation:
    invitation = await town.world.invitation()
    async with town.world.store.step() as tx:
        await tx.decide([Decision(invitation.case_number, None)], town.world.clock.now())
    await town.world.say(ANNA, f"/start {invitation.token}")
    await town.customer_says("Bra", "Bra", "Dåligt", "Inte åtgärdat", "Nej tack", "Ja, det går bra")
    return invitation


async def test_the_customer_is_asked_that_one_thing_in_the_same_chat(town: Town) -> None:
    world, first = town.world, await dissatisfied_in_chat(town)
    before = len(world.texts(ANNA))
    await world.seconds(60 * 60)
    assert "Kunden får frågan igen." in (await town.marked_as_solved(first.id)).words
    greeting, question = world.texts(ANNA)[before:]
    assert greeting.startswith(
        "Hej igen från Exempelkommunen! Du tyckte att något blev dåligt i ditt ärende ”Hål i vägen”. "
        "Vi har försökt rätta till det. Vad tycker du nu?\n\nDu får en snabb fråga om det."
    )
    assert question.startswith("Hur upplevde du vår leverans?")
    await town.customer_says("Bra", "Nej tack")
    assert "Tack för att du tog dig tid" in world.last(ANNA)
    assert "Inget är dåligt längre." in (await town.office.get(f"{PATH}/{first.id}")).words
    made = await digest(world.store, W47)
    assert made.recovered == Recovery(asked=1, answered=1, recovered=1, minimum=1)
    assert [voice.poor for voice in made.follow_ups] == [("leverans",)], "what was said first stays what it was"
    assert (await digest(world.store, W47, minimum=7)).recovered == Recovery(
        asked=1, answered=1, recovered=None, minimum=7
    )


async def test_at_night_the_question_waits_for_the_morning(town: Town) -> None:
    world, first = town.world, await dissatisfied_in_chat(town)
    await world.seconds(10 * 60 * 60)  # 23:00 in Stockholm
    before = len(world.texts(ANNA))
    got = await town.marked_as_solved(first.id)
    assert "Inget har skickats än." in got.words
    assert len(world.texts(ANNA)) == before
    await world.seconds(11 * 60 * 60)
    assert world.last(ANNA).startswith("Hur upplevde du vår leverans?")
    async with town.office.store.look() as tx:
        assert (await tx.follow_up(first.id)).told_again_at == world.clock.now()


async def test_still_daligt_comes_back_to_the_list(town: Town) -> None:
    world, first = town.world, await dissatisfied_in_chat(town)
    await world.seconds(60 * 60)
    await town.marked_as_solved(first.id)
    await world.seconds(60)
    await town.customer_says("Dåligt", "Inte åtgärdat")
    await world.say(ANNA, "Hålet är större nu.")
    got = await town.office.get(f"{PATH}/{first.id}")
    assert "Något är fortfarande dåligt. Ärendet står därför som nytt igen." in got.words
    assert "Hålet är större nu." in got.words
    assert (await digest(world.store, W47)).recovered == Recovery(asked=1, answered=1, recovered=0, minimum=1)
    async with world.store.step() as tx:
        alerts = await tx.claim([OutboxKind.HANDLER_ALERT], world.clock.now() + DAY, DAY, 9)
    assert len(alerts) == 2, "of the first answers and of the recheck's"


# --- by mail -------------------------------------------------------------------------------------------------------

CONFIG = """
[organisation]
name = "Exempelkommunen"
[storage]
url = "sqlite:///omdome.db"
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "omdome@example.se"
[alerts]
poor = false
[digest]
min_group = 2
[[digest.recipients]]
name = "gatuchef"
mail = "gatuchef@example.org"
units = ["Gata"]
identified = true
"""


async def test_who_has_no_chat_gets_a_mail_about_that_one_thing(tmp_path: Path) -> None:
    clock, mailbox = SimulatedClock(TUESDAY), Mailbox()
    async with smtp_server(mailbox) as port:
        (tmp_path / "config.toml").write_text(CONFIG.format(port=port), "utf-8")
        async with open_application(load_config(tmp_path / "config.toml"), Credentials(), clock) as opened:
            app = on_the_web(opened, free_port())
            contacting = Contacting(app)
            worker = OutboxWorker(app.store, clock, senders_of(app), USUAL_OUTBOX, random.random)

            async def mailed() -> str:
                """What the customer's newest mail says, once a worker has been at it."""
                await contacting.run()
                while await worker.run_once():
                    pass
                text = mailbox.messages[-1].get_body(("plain",))
                assert text is not None
                return " ".join(text.get_content().split())

            mended = ClosedCase(
                case_id="SK-1", closed_at=TUESDAY - DAY, subject="Potthål", unit="Gata", mail="kund@example.org"
            )
            await import_cases(app.store, [mended], clock.now())
            await decide_now(app, clock.now())
            async with (
                pages_of(app),
                ClientSession() as customer,
                ClientSession(cookie_jar=CookieJar(unsafe=True)) as manager,
            ):
                await answer(customer, link_in(await mailed()), "bra", "bra", "daligt", "inte_atgardat", "hoppa")
                clock.move_to(TUESDAY + 2 * DAY)
                async with app.store.step() as tx:
                    token = await put_link(tx, recipients_of(app.config)[0], SignInPolicy(), clock.now())
                await manager.post(f"{app.config.web.public_url}/rapport/in/{token}")
                assert "Kunden får frågan igen." in await solve(manager, app.config.web.public_url)
                mail = await mailed()
                assert len(mailbox.messages) == 2
                assert "Du tyckte att något blev dåligt i ditt ärende ”Potthål”." in mail
                assert "Hur upplevde du vår leverans?" in mail
                assert "Fråga 1 av" not in mail
                page = await answer(customer, link_in(mail), "bra", "hoppa")
                assert "Tack" in page
            async with app.store.look() as tx:
                (found,) = await tx.follow_ups(TUESDAY - DAY, clock.now())
                assert found.state is FollowUpState.SOLVED
            made = await digest(app.store, W47)
            assert made.recovered == Recovery(asked=1, answered=1, recovered=1, minimum=1)


def link_in(mail: str) -> str:
    found = re.search(r"https?://\S+/s/[A-Za-z0-9_-]+", mail)
    assert found, mail
    return found[0]


async def answer(customer: ClientSession, link: str, *choices: str) -> str:
    async with customer.get(link) as response:
        page = await response.text()
    for choice in choices:
        form = next(form for form in page.split("<form")[1:] if f'value="{choice}"' in form)
        about = re.search(r'name="about" value="([^"]*)"', form)
        assert about, form
        async with customer.post(link, data={"about": unescape(about[1]), "choice": choice}) as response:
            page = await response.text()
    return page


async def solve(manager: ClientSession, address: str) -> str:
    async with manager.get(f"{address}{PATH}") as response:
        found = re.search(rf'href="({PATH}/\d+)"', await response.text())
    assert found
    async with manager.get(f"{address}{found[1]}") as response:
        version = re.search(r'name="sedd" value="([^"]*)"', await response.text())
    assert version
    form = {"lage": "solved", "anteckning": "Lagat.", "sedd": unescape(version[1]), "gor": "fraga"}
    async with manager.post(f"{address}{found[1]}", data=form) as response:
        return await response.text()
