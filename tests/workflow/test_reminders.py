"""One reminder, at a decent hour; and the deadline."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from models.conversation import Accepted, Ask, Offered, Rated, Remind, Stage
from models.rating import Rating
from models.survey import Chat, Disposition
from storage.database import SqlStore
from workflow.converse import Spoken
from workflow.reminders import expire_due, remind_due

A, B = "bemotande", "tillganglighet"
THREE_DAYS = timedelta(days=3)


async def remind(customer: Any) -> list[Spoken]:
    async with customer.store.step() as tx:
        return await remind_due(tx, customer.policy, customer.now)


async def test_who_stopped_half_way_is_reminded_once(customer: Any) -> None:
    await customer.does(Accepted(), Rated(A, Rating.BRA))
    customer.now += THREE_DAYS - timedelta(minutes=1)
    assert await remind(customer) == []
    customer.now += timedelta(minutes=1)
    (spoken,) = await remind(customer)
    assert spoken.effects == (Remind(), Ask(B, 2, 3, again=True))
    assert spoken.invitation.chat_id == 17
    assert await remind(customer) == []


async def test_never_at_night(customer: Any) -> None:
    await customer.does(Offered())
    customer.now += THREE_DAYS + timedelta(hours=8)  # 21:00 in Stockholm
    assert await remind(customer) == []
    customer.now += timedelta(days=2, hours=12)  # Monday 09:00
    assert len(await remind(customer)) == 1


async def test_nobody_is_reminded_of_what_they_have_not_seen_or_have_left(
    customer: Any, store: SqlStore, invite_customer: Any
) -> None:
    unopened = await invite_customer(store, "SK-2", chat_id=None)
    async with store.step() as tx:
        for each in (unopened, customer):
            await tx.save_invitation(replace(each.invitation, remind_at=customer.now))
    assert await remind(customer) == []
    await customer.does(Accepted())
    async with store.step() as tx:
        await tx.save_chat(Chat(chat_id=17, language="sv", dead=True))
    customer.now += THREE_DAYS
    assert await remind(customer) == []


async def test_a_survey_that_is_not_the_chats_current_one_waits_a_day(customer: Any, store: SqlStore) -> None:
    await customer.does(Accepted())
    async with store.step() as tx:
        await tx.save_chat(Chat(chat_id=17, language="sv", current=None))
    customer.now += THREE_DAYS
    assert await remind(customer) == []
    async with store.step() as tx:
        await tx.save_chat(Chat(chat_id=17, language="sv", current=customer.invitation.id))
    customer.now += timedelta(days=3)  # Saturday is no day to write on
    assert len(await remind(customer)) == 1


async def test_the_deadline_closes_what_is_open(customer: Any, store: SqlStore) -> None:
    await customer.does(Accepted(), Rated(A, Rating.BRA))
    customer.now += timedelta(days=14)
    async with store.step() as tx:
        (closed,) = await expire_due(tx, customer.policy, customer.now)
        assert await expire_due(tx, customer.policy, customer.now) == []
    assert closed.session.stage is Stage.CLOSED
    assert (await customer.stored()).disposition is Disposition.PARTIAL


async def test_an_invitation_nobody_opened_is_closed_too(customer: Any, store: SqlStore) -> None:
    async with store.step() as tx:
        await expire_due(tx, customer.policy, customer.now + timedelta(days=14))
    closed = await customer.stored()
    assert closed.disposition is Disposition.NO_CONTACT
    assert closed.opened_at is None
