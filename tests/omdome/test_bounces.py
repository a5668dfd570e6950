"""Mail that comes back, from the mailbox to the next way: a real IMAP server, a real store, real mails."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

import pytest

from delivery.message import compose
from models.case import Address, AddressKind
from models.queues import OutboxKind
from models.selection import Decision
from models.survey import AttemptOutcome, ContactAttempt, ContactWay, Invitation, Purpose
from omdome.bounces import BounceReader, bounces_feature
from omdome.config import load_config
from omdome.credentials import Credentials
from omdome.invitation_mails import mail_writer
from omdome.policies import sending_of
from omdome.probing import probe_all
from omdome.readiness import State
from omdome.wiring import Application, open_application
from tests.contracts.examples import a_case, an_invitation
from tests.delivery.bounce_samples import OTHERS, standard
from tests.delivery.imap_server import PASSWORD, USER, Mailserver, imap_server
from tests.omdome.conftest import Installation
from workflow.inviting import About

ANNA = "anna@kund.example.net"
UNKNOWN = "550 5.1.1 User unknown"
HOUR = timedelta(hours=1)


@dataclass
class Office:
    """An installation that has written to Anna, and its mailbox."""

    app: Application
    server: Mailserver
    reader: BounceReader
    invitation: Invitation
    sent: EmailMessage

    async def comes_back(self, said: str, *, action: str = "failed", to: str = ANNA, about: str = "") -> None:
        """A report on the mail to Anna; `about`: the Message-ID that it names instead of that mail's."""
        status = f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {said.split()[1]}\n"
        status += f"Diagnostic-Code: smtp; {said}\n"
        headers = f"To: {to}\nSubject: {self.sent['Subject']}\nMessage-ID: {about or self.sent['Message-ID']}\n"
        await self.server.put(standard(status, returned=headers))
        await self.reader.run()

    async def is_dead(self) -> bool:
        anna = Address(AddressKind.MAIL, ANNA)
        async with self.app.store.look() as tx:
            return await tx.dead([anna]) == {anna}

    async def attempt(self) -> ContactAttempt:
        async with self.app.store.look() as tx:
            (attempt,) = await tx.attempts(self.invitation.id)
        return attempt

    async def looks_again(self) -> int:
        """How many contacts are waiting to be decided."""
        now = self.app.clock.now()
        async with self.app.store.step() as tx:
            return len(await tx.claim([OutboxKind.CONTACT], now + HOUR, HOUR, 10))


@pytest.fixture
async def office(installation: Installation) -> AsyncIterator[Office]:
    async with imap_server() as server:
        installation.configure(
            f"""
[web]
public_url = "https://omdome.example.se"
[mail]
host = "127.0.0.1"
sender = "omdome@exempelköping.se"
[bounces]
imap_host = "127.0.0.1"
imap_port = {server.port}
security = "none"
username = "{USER}"
"""
        )
        config = load_config(installation.folder / "config.toml")
        async with open_application(config, Credentials(bounces_password=PASSWORD)) as app:
            invitation = await written_to(app)
            yield Office(app, server, BounceReader(app), invitation, mail_of(app, invitation))


async def written_to(app: Application) -> Invitation:
    now = app.clock.now()
    case = a_case(mail=ANNA, closed_at=now - 24 * HOUR, phone="+46701740605")
    async with app.store.step() as tx:
        await tx.put_cases([case], now)
        (stored,) = await tx.undecided(1)
        await tx.decide([Decision(stored.id, None)], now)
        planned = an_invitation(stored.id, created_at=now, expires_at=now + 300 * HOUR)
        (invitation,) = await tx.put_invitations([planned])
        attempt = ContactAttempt(
            id=0, invitation_id=invitation.id, way=ContactWay.MAIL, purpose=Purpose.INVITATION, at=now
        )
        await tx.settle_attempt(await tx.put_attempt(attempt), AttemptOutcome.SENT, "", now)
    return invitation


def mail_of(app: Application, invitation: Invitation) -> EmailMessage:
    """As `delivery.mail` puts it on the wire."""
    writer, now = mail_writer(app.config), app.clock.now()
    assert writer is not None
    case = a_case(mail=ANNA)
    payload = writer.payload(About(invitation=invitation, case=case, purpose=Purpose.INVITATION, now=now))
    return compose(payload, "contact:1:0:mail", sending_of(app.config), now)


async def test_nobody_is_there_so_the_address_is_dead_and_the_next_way_is_tried(office: Office) -> None:
    await office.comes_back(UNKNOWN)
    assert await office.is_dead()
    attempt = await office.attempt()
    assert (attempt.outcome, attempt.detail) == (AttemptOutcome.DEAD_ADDRESS, "came back: 550 5.1.1")
    assert await office.looks_again() == 1
    assert await office.server.subjects("INBOX/Omdome") == ["Undelivered Mail Returned to Sender"]


async def test_the_same_report_twice_does_nothing_more(office: Office) -> None:
    await office.comes_back(UNKNOWN)
    await office.comes_back(UNKNOWN)
    assert await office.looks_again() == 1
    assert await office.server.subjects("INBOX") == []


async def test_a_full_mailbox_is_no_dead_address_but_another_way_is_tried(office: Office) -> None:
    await office.comes_back("552 5.2.2 Mailbox full")
    assert not await office.is_dead()
    assert (await office.attempt()).outcome is AttemptOutcome.FAILED
    assert await office.looks_again() == 1


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered"])
async def test_a_mail_that_is_on_its_way_changes_nothing(office: Office, action: str) -> None:
    await office.comes_back(UNKNOWN, action=action)
    assert not await office.is_dead()
    assert (await office.attempt()).outcome is AttemptOutcome.SENT
    assert await office.looks_again() == 0


@pytest.mark.parametrize("about", ["<inget@example.se>", "<c4722294d24d483b94a4ccc45e6ea6ed@xn--exempelkping-cjb.se>"])
async def test_a_forged_report_kills_nobodys_address(office: Office, about: str) -> None:
    await office.comes_back(UNKNOWN, about=about)
    assert not await office.is_dead()
    assert await office.looks_again() == 0
    assert len(await office.server.subjects("INBOX")) == 1, "left where a person sees it"


async def test_a_report_about_another_mail_makes_nobody_wait(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails() -> None:
        raise AssertionError("a write transaction was opened")

    monkeypatch.setattr(office.app.store, "step", fails)
    await office.comes_back(UNKNOWN, about="<inget@example.se>")
    assert len(await office.server.subjects("INBOX")) == 1


async def test_whoever_got_a_mail_can_not_kill_another_address_with_it(office: Office) -> None:
    async with office.app.store.step() as tx:
        await tx.put_cases([a_case("SK-2", mail="bo@kund.example.net")], office.app.clock.now())
    await office.comes_back(UNKNOWN, to="bo@kund.example.net")
    bo = Address(AddressKind.MAIL, "bo@kund.example.net")
    async with office.app.store.look() as tx:
        assert await tx.dead([bo]) == set()


async def test_a_report_that_names_no_mail_changes_nothing(office: Office) -> None:
    await office.server.put(
        standard(f"Final-Recipient: rfc822; {ANNA}\nAction: failed\nStatus: 5.1.1\n", returned=f"To: {ANNA}\n")
    )
    await office.reader.run()
    assert not await office.is_dead()


async def test_an_autoreply_changes_nothing_and_stays(office: Office) -> None:
    reply = OTHERS["out of office"].replace(b"anna@", b"mailer-daemon@")
    await office.server.put(reply)
    await office.reader.run()
    assert len(await office.server.subjects("INBOX")) == 1
    assert await office.server.unseen("INBOX") == 1


async def test_who_has_been_erased_is_nobody_to_us(office: Office) -> None:
    async with office.app.store.step() as tx:
        await tx.erase(Address(AddressKind.MAIL, ANNA), office.app.clock.now())
    await office.comes_back(UNKNOWN)
    assert not await office.is_dead()


async def test_trouble_is_told_once_in_one_line_and_so_is_its_end(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "omdome.bounces")
    wrong = BounceReader(
        Application(
            config=office.app.config,
            credentials=Credentials(bounces_password="fel"),
            store=office.app.store,
            clock=office.app.clock,
        )
    )
    await wrong.run()
    await wrong.run()
    (line,) = [record.getMessage() for record in caplog.records]
    assert line == (
        "[bounces] the mailbox refused our login; look at [bounces] username and its password; trying again every 300 s"
    )
    caplog.clear()
    wrong._mailbox = office.reader._mailbox
    await wrong.run()
    assert [record.getMessage() for record in caplog.records] == ["[bounces] the mailbox can be read again"]


async def test_check_config_tries_the_mailbox(office: Office) -> None:
    well = {probe.name: (probe.well, probe.said) for probe in await probe_all(office.app.config, Credentials())}
    assert well["bounces"] == (
        False,
        "the mailbox refused our login; look at [bounces] username and its password",
    )
    right = await probe_all(office.app.config, Credentials(bounces_password=PASSWORD))
    assert next(each for each in right if each.name == "bounces").said == "logged in, and INBOX can be read"


@pytest.mark.parametrize(
    ("settings", "password", "why"),
    [
        ('[bounces]\nimap_host = "imap.example.se"', "x", "mail is off"),
        ('[mail]\nhost = "smtp"\n[bounces]\nimap_host = "imap.example.se"', "x", "no user name"),
        ('[mail]\nhost = "smtp"\n[bounces]\nimap_host = "imap.example.se"\nusername = "omdome"', "", "no password"),
        (
            '[mail]\nhost = "smtp"\n[bounces]\nimap_host = "imap.example.se"\nusername = "o"\nsecurity = "none"',
            "x",
            "unencrypted",
        ),
    ],
)
def test_check_config_says_what_is_missing(installation: Installation, settings: str, password: str, why: str) -> None:
    installation.configure(settings)
    config = load_config(installation.folder / "config.toml")
    feature = bounces_feature(config, Credentials(bounces_password=password))
    assert feature.state is State.BROKEN
    assert why in feature.why
    assert feature.advice
