"""What a step of the conversation stores."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.case import Address, AddressKind
from models.conversation import (
    Accepted,
    AskPermission,
    Event,
    Finish,
    Offered,
    OptedOut,
    PermissionGiven,
    Rated,
    ReasonChosen,
    RecordOptOut,
    Say,
    Skipped,
    Stage,
    TimedOut,
)
from models.rating import Rating
from models.survey import Channel, Disposition
from omdome.lexicons import load_lexicon
from storage.database import SqlStore
from workflow.converse import corrected, understood

A, B, C = "bemotande", "tillganglighet", "leverans"
LEXICON = load_lexicon("sv")
NO_COMMENT = Skipped(stage=Stage.COMMENT)
ALL_GOOD = (Accepted(), Rated(A, Rating.BRA), Rated(B, Rating.BRA), Rated(C, Rating.BRA))


def typed(text: str) -> Event:
    return understood(text, LEXICON)


async def test_answers_keep_the_words_and_where_they_came_from(customer: Any, store: SqlStore) -> None:
    await customer.does(Accepted())
    await customer.does(typed("Jättebra!"), source="17:4")
    await customer.does(Rated(B, Rating.OK))
    async with store.look() as tx:
        first, second = await tx.answers(customer.invitation.id)
        assert await tx.answer_by_source(Channel.CHAT, "17:4") == first
    assert (first.question, first.rating, first.reply, first.engine) == (A, Rating.BRA, "Jättebra!", "lexicon")
    assert (second.rating, second.reply, second.engine, second.received_at) == (Rating.OK, "ok", "button", customer.now)


async def test_an_edited_reply_replaces_the_answer(customer: Any, store: SqlStore) -> None:
    await customer.does(Accepted(), typed("bra"))
    await customer.does(corrected(A, "dåligt", LEXICON))
    async with store.look() as tx:
        (answer,) = await tx.answers(customer.invitation.id)
    assert (answer.rating, answer.reply) == (Rating.DALIGT, "dåligt")


async def test_opening_and_finishing_are_dated(customer: Any) -> None:
    await customer.does(Offered())
    assert (await customer.stored()).opened_at is None
    customer.now += timedelta(hours=1)
    await customer.does(*ALL_GOOD)
    opened = await customer.stored()
    assert opened.opened_at == customer.now
    assert opened.disposition is None
    spoken = await customer.does(NO_COMMENT, PermissionGiven(False))
    assert spoken.invitation == await customer.stored()
    assert spoken.invitation.disposition is Disposition.COMPLETED
    assert spoken.invitation.remind_at is None


async def test_the_reminder_waits_for_a_decent_hour(customer: Any) -> None:
    customer.now = datetime(2026, 12, 21, 8, 30, tzinfo=UTC)
    customer.invitation = replace(customer.invitation, expires_at=customer.now + timedelta(days=14))
    async with customer.store.step() as tx:
        await tx.save_invitation(customer.invitation)
    await customer.does(Accepted())
    after_christmas = datetime(2026, 12, 28, 8, tzinfo=UTC)  # the 24th is julafton, a Thursday
    assert (await customer.stored()).remind_at == after_christmas


async def test_reasons_and_comments_are_stored(customer: Any, store: SqlStore) -> None:
    await customer.does(Accepted(), Rated(A, Rating.DALIGT), ReasonChosen(A, "annat"))
    await customer.does(Rated(B, Rating.BRA), Rated(C, Rating.BRA), typed("Lampan är fortfarande trasig."))
    async with store.look() as tx:
        case = await tx.surveyed(customer.invitation.id)
    assert case is not None
    assert case.reasons == ((A, "annat", ""),)
    assert case.comments == ("Lampan är fortfarande trasig.",)


async def test_stop_counts_for_every_address_and_every_open_survey(
    customer: Any, store: SqlStore, invite_customer: Any
) -> None:
    other = await invite_customer(store, "SK-2", phone="+46701740605")
    await customer.does(Accepted())
    spoken = await customer.does(typed("STOPP"))
    assert spoken.effects == (RecordOptOut(), Say("opted_out"), Finish(Disposition.REFUSED))
    assert (await other.stored()).disposition is Disposition.REFUSED
    mine = {Address(AddressKind.MAIL, "sk-1@example.org"), Address(AddressKind.CHAT, "17")}
    async with store.look() as tx:
        assert await tx.opted_out(mine) == mine
    assert (await other.does(Rated(A, Rating.BRA))).effects == (Say("already_closed"),)


async def test_permission_links_the_chat_and_can_be_taken_back(customer: Any, store: SqlStore) -> None:
    asked = await customer.does(*ALL_GOOD, NO_COMMENT)
    assert asked.effects == (AskPermission(),)
    await customer.does(PermissionGiven(True))
    mine = [Address(AddressKind.MAIL, "sk-1@example.org")]
    async with store.look() as tx:
        linked = await tx.linked_chat(mine)
    assert linked is not None
    assert linked.chat_id == 17
    await customer.does(PermissionGiven(False))
    async with store.look() as tx:
        assert await tx.linked_chat(mine) is None


@pytest.mark.parametrize("channel", [Channel.TERMINAL, Channel.WEB])
async def test_permission_is_a_matter_for_chats(customer: Any, channel: Channel) -> None:
    for event in (*ALL_GOOD, NO_COMMENT):
        spoken = await customer.does(event, channel=channel)
    assert spoken.effects == (Say("thanks"), Finish(Disposition.COMPLETED))


async def test_who_has_said_yes_is_not_asked_again(customer: Any, store: SqlStore, invite_customer: Any) -> None:
    await customer.does(*ALL_GOOD, NO_COMMENT, PermissionGiven(True))
    same_person = await invite_customer(store, "SK-2", mail="sk-1@example.org")
    assert Say("thanks") in (await same_person.does(*ALL_GOOD, NO_COMMENT)).effects
    somebody_else = await invite_customer(store, "SK-3")
    assert (await somebody_else.does(*ALL_GOOD, NO_COMMENT)).effects == (AskPermission(),)


async def test_nothing_is_stored_after_the_deadline(customer: Any, store: SqlStore) -> None:
    await customer.does(Accepted(), Rated(A, Rating.BRA))
    customer.now += timedelta(days=14)
    late = await customer.does(Rated(B, Rating.BRA))
    assert late.effects == (Finish(Disposition.PARTIAL), Say("already_closed"))
    async with store.look() as tx:
        assert len(await tx.answers(customer.invitation.id)) == 1
    assert (await customer.does(TimedOut())).effects == ()


async def test_a_refusal_after_the_deadline_is_honoured(customer: Any, store: SqlStore) -> None:
    customer.now += timedelta(days=30)
    await customer.does(OptedOut())
    me = {Address(AddressKind.MAIL, "sk-1@example.org")}
    async with store.look() as tx:
        assert await tx.opted_out(me) == me
