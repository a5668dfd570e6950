"""What a handler is told, when, and that nobody else is."""

from datetime import timedelta
from typing import Any

import pytest

from models.conversation import Accepted, PermissionGiven, Rated, ReasonChosen, Skipped, Stage
from models.queues import OutboxKind, OutboxRow
from models.rating import Rating
from omdome.lexicons import load_lexicon
from omdome.texts import load_texts
from storage.database import SqlStore
from workflow.alerts import AlertPolicy, AlertSender
from workflow.converse import SurveyPolicy, understood

A, B, C = "bemotande", "tillganglighet", "leverans"
BRA, DALIGT = Rating.BRA, Rating.DALIGT
HALF_AN_HOUR = timedelta(minutes=30)
TO_THE_END = (Skipped(stage=Stage.COMMENT), PermissionGiven(False))


class At:
    def __init__(self, customer: Any) -> None:
        self._customer = customer

    def now(self) -> Any:
        return self._customer.now


async def delivered(customer: Any, **settings: bool) -> list[OutboxRow]:
    """What is now on its way to somebody. `settings`: of AlertSender."""
    async with customer.store.step() as tx:
        due = await tx.claim([OutboxKind.HANDLER_ALERT], customer.now, HALF_AN_HOUR, 10)
    texts, lexicons = load_texts("sv"), (load_lexicon("sv"),)
    sender = AlertSender(customer.store, At(customer), texts, customer.policy.zone, lexicons, **settings)
    for row in due:
        await sender.send(row)
        async with customer.store.step() as tx:
            await tx.finish(row.id, customer.now)
    async with customer.store.step() as tx:
        return await tx.claim([OutboxKind.MAIL, OutboxKind.TELEGRAM], customer.now, HALF_AN_HOUR, 10)


@pytest.mark.parametrize("in_chat", [False, True])
async def test_who_is_erased_is_not_quoted_to_a_handler_afterwards(customer: Any, in_chat: bool) -> None:
    await customer.does(Accepted(), Rated(A, BRA), Rated(B, BRA), Rated(C, DALIGT), ReasonChosen(C, "annat"))
    await customer.does(understood("Ring Gunilla Svensson.", load_lexicon("sv")), PermissionGiven(False))
    async with customer.store.step() as tx:
        if in_chat:
            await tx.register_handler("h1@example.org", 99, customer.now)
    (row,) = await delivered(customer)  # and the mail server, or Telegram, doesn't answer
    async with customer.store.step() as tx:
        await tx.retry(row.id, "connection refused", customer.now)
        await tx.erase(customer.case.addresses[0], customer.now)
    assert await delivered(customer) == []


async def test_a_daligt_is_told_to_the_cases_own_handler(customer: Any) -> None:
    await customer.does(Accepted(), Rated(A, BRA), Rated(B, BRA), Rated(C, DALIGT), ReasonChosen(C, "inte_atgardat"))
    await customer.does(understood("Lampan är fortfarande trasig.", load_lexicon("sv")), PermissionGiven(False))
    (mail,) = await delivered(customer)
    assert mail.kind is OutboxKind.MAIL
    assert mail.payload["to"] == "h1@example.org"
    assert mail.payload["subject"] == "En kund är missnöjd: ärende SK-1"
    assert mail.payload["text"] == (
        "Kunden i ett av dina ärenden är missnöjd. "
        "Kanske kan något rättas till, eller så vill kunden bara bli hörd.\n\n"
        "Ärende: SK-1\nGäller: Potthål\nVerksamhet: Gata\nAvslutat: 16 november 2026\n\n"
        "Bemötande: Bra\nTillgänglighet: Bra\nLeverans: Dåligt\n"
        "Vad som gick fel (Leverans): Inte åtgärdat\n"
        "Kommentar: ”Lampan är fortfarande trasig.”\n\n"
        "Du får det här eftersom du står som ansvarig för ärendet. Det har bara gått till dig."
    )
    assert await delivered(customer) == []


async def test_it_waits_for_the_customer_to_finish_but_not_for_ever(customer: Any) -> None:
    await customer.does(Accepted(), Rated(A, DALIGT))
    assert await delivered(customer) == []
    customer.now += HALF_AN_HOUR
    assert len(await delivered(customer)) == 1


async def test_a_changed_mind_leaves_no_trace(customer: Any) -> None:
    await customer.does(Accepted(), Rated(A, DALIGT), Rated(A, BRA))
    customer.now += HALF_AN_HOUR
    assert await delivered(customer) == []
    await customer.does(Rated(A, DALIGT))
    customer.now += HALF_AN_HOUR
    assert len(await delivered(customer)) == 1


async def test_praise_needs_three_bra_and_words(customer: Any, store: SqlStore, invite_customer: Any) -> None:
    quiet = await invite_customer(store, "SK-2", chat_id=18)
    for each in (customer, quiet):
        await each.does(Accepted(), Rated(A, BRA), Rated(B, BRA), Rated(C, BRA))
    await quiet.does(*TO_THE_END)
    await customer.does(understood("Tack, så snabba ni var!", load_lexicon("sv")))
    customer.now += HALF_AN_HOUR
    (mail,) = await delivered(customer)
    assert mail.payload["subject"] == "Beröm från en kund: ärende SK-1"
    assert "”Tack, så snabba ni var!”" in str(mail.payload["text"])


async def test_three_bra_and_a_new_fault_are_told_without_congratulations(customer: Any) -> None:
    await customer.does(Accepted(), Rated(A, BRA), Rated(B, BRA), Rated(C, BRA))
    await customer.does(understood("Bra tack. Förresten är lampan trasig igen, när kommer ni?", load_lexicon("sv")))
    customer.now += HALF_AN_HOUR
    (mail,) = await delivered(customer)
    assert mail.payload["subject"] == "En kommentar från en kund: ärende SK-1"
    assert str(mail.payload["text"]).startswith("Kunden i ett av dina ärenden gav bra på allt och skrev en kommentar.")


async def test_a_registered_handler_gets_it_in_the_chat(customer: Any, store: SqlStore) -> None:
    async with store.step() as tx:
        await tx.register_handler("h1@example.org", 99, customer.now)
        await tx.register_handler("colleague@example.org", 98, customer.now)
    await customer.does(Accepted(), Rated(A, DALIGT))
    customer.now += HALF_AN_HOUR
    (message,) = await delivered(customer)
    assert message.kind is OutboxKind.TELEGRAM
    assert message.lane == "chat:99"
    arguments = message.payload["arguments"]
    assert isinstance(arguments, dict)
    assert arguments["chat_id"] == 99
    assert arguments["text"].startswith("En kund är missnöjd: ärende SK-1\n\n")


async def test_no_handler_no_alert(store: SqlStore, invite_customer: Any) -> None:
    nobodys = await invite_customer(store, "SK-3", handler_mail="")
    await nobodys.does(Accepted(), Rated(A, DALIGT))
    nobodys.now += HALF_AN_HOUR
    assert await delivered(nobodys) == []


async def test_alerts_can_be_off(customer: Any) -> None:
    quiet = AlertPolicy(poor=False, praise=False)
    customer.policy = SurveyPolicy(
        questions=customer.policy.questions,
        script=customer.policy.script,
        zone=customer.policy.zone,
        alerts=quiet,
    )
    await customer.does(Accepted(), Rated(A, DALIGT))
    customer.now += HALF_AN_HOUR
    assert await delivered(customer) == []


async def test_a_handler_is_told_of_the_follow_up_list_where_there_is_one(customer: Any) -> None:
    await customer.does(Accepted(), Rated(A, DALIGT))
    customer.now += HALF_AN_HOUR
    (mail,) = await delivered(customer, listed=True)
    assert "\n\nÄrendet finns också i uppföljningslistan.\n\nDu får det här" in str(mail.payload["text"])


async def test_what_has_waited_too_long_is_dropped_and_logged(customer: Any, caplog: pytest.LogCaptureFixture) -> None:
    await customer.does(Accepted(), Rated(A, DALIGT))
    customer.now += timedelta(days=8)
    assert await delivered(customer) == []
    assert "alert:1 was due 2026-11-" in caplog.text
    assert "is dropped" in caplog.text


async def test_without_mail_only_chats_are_written_to(customer: Any, store: SqlStore, invite_customer: Any) -> None:
    other = await invite_customer(store, "SK-2", chat_id=18, handler_mail="h2@example.org")
    async with store.step() as tx:
        await tx.register_handler("h2@example.org", 99, customer.now)
    for each in (customer, other):
        await each.does(Accepted(), Rated(A, DALIGT))
    customer.now += HALF_AN_HOUR
    assert [row.lane for row in await delivered(customer, mail=False)] == ["chat:99"]
