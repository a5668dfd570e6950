"""The page about the installation, for administrators only."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.queues import OutboxKind
from models.survey import AttemptOutcome, ContactAttempt, ContactWay, Purpose
from omdome.state import BEAT, ROLES
from omdome.texts import load_texts
from storage.database import SqlStore
from tests.contracts.examples import a_case, a_row, invited
from tests.web.report.conftest import NOW, House, a_house
from workflow.dialling import PAUSED
from workflow.trunk import TRUNK, Trunk, trunk_text

ADMIN = """
[[digest.recipients]]
name = "drift"
mail = "drift@example.org"
role = "admin"
"""
PATH = "/rapport/drift"


async def some_work(house: House) -> None:
    async with house.store.step() as tx:
        [invitation] = await invited(tx, [a_case("SK-1")])
        attempt = ContactAttempt(
            id=0, invitation_id=invitation.id, way=ContactWay.SMS, purpose=Purpose.INVITATION, at=NOW
        )
        for outcome in (AttemptOutcome.SENT, AttemptOutcome.SENT, AttemptOutcome.FAILED):
            await tx.put_attempt(replace(attempt, outcome=outcome))
        await tx.put_attempt(replace(attempt, outcome=AttemptOutcome.DELIVERED, at=NOW - timedelta(days=8)))
        await tx.enqueue([a_row("m", kind=OutboxKind.MAIL, due_at=NOW - timedelta(minutes=135))])
        await tx.enqueue([a_row("w", kind=OutboxKind.WEBHOOK, due_at=NOW)])
        [row] = await tx.claim([OutboxKind.WEBHOOK], NOW, timedelta(minutes=1), 1)
        await tx.retry(row.id, "secret.example.org refused kund@example.org", None)
        await tx.set_fact(f"{BEAT}.worker", NOW.isoformat(), NOW)


async def test_an_administrator_sees_what_waits_what_failed_and_who_lives(store: SqlStore) -> None:
    async with a_house(store, more=ADMIN) as house:
        await some_work(house)
        front = await house.sign_in("drift")
        assert front.link("Drift") == PATH
        got = await house.get(PATH, "drift")
    assert "Mejl 1 0 2 tim 15 min" in got.words
    assert "Webhookar 0 1 –" in got.words
    assert "Sms skickat 2 Sms gick inte 1" in got.words
    assert "framme" not in got.words, "that was before"
    assert "Utskicken: 2026-11-30 10:00" in got.words
    assert "example.org" not in got.text, "only counts"


async def test_why_nobody_is_called(store: SqlStore) -> None:
    async with a_house(store, more=ADMIN) as house:
        await house.sign_in("drift")
        well = (await house.get(PATH, "drift")).words
        async with house.store.step() as tx:
            trunk = Trunk(since=NOW, until=NOW + timedelta(minutes=8), rests=4, why="refused us, SIP 401")
            await tx.set_fact(TRUNK, trunk_text(trunk), NOW)
            await tx.set_fact(PAUSED, "yes", NOW)
        got = await house.get(PATH, "drift")
    assert "Vi ringer inte just nu: sedan 2026-11-30 10:00 kommer samtalen inte fram." in got.words
    assert "Samtalen är pausade." in got.words
    assert "SIP 401" not in got.words, "that is for `calls status`"
    assert "ringer inte" not in well
    assert "pausade" not in well


async def test_nothing_has_happened_yet(store: SqlStore) -> None:
    async with a_house(store, more=ADMIN) as house:
        await house.sign_in("drift")
        words = (await house.get(PATH, "drift")).words
    assert "Ingen kund har kontaktats." in words
    assert "Tjänsten har inte lämnat något livstecken." in words


async def test_for_others_it_is_not_there(empty_house: House) -> None:
    assert (await empty_house.get(PATH)).url.endswith("/rapport/logga-in")
    for who in ("chefen", "analytikern"):
        front = await empty_house.sign_in(who)
        assert PATH not in front.text
        assert (await empty_house.get(PATH, who)).status == 404


@pytest.mark.parametrize("language", ["sv", "en"])
def test_everything_that_can_be_counted_has_a_name(language: str) -> None:
    texts = load_texts(language)
    named = {"kinds": ["inbox", *OutboxKind], "ways": ContactWay, "outcomes": AttemptOutcome, "roles": ROLES}
    for group, members in named.items():
        assert set(texts.below(f"report.operation.{group}")) == {str(each) for each in members}
