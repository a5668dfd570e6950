"""Customers without a chat are turned to: whom, how, when, and when not."""

from dataclasses import replace
from typing import Any

import pytest

from models.case import Address, AddressKind, ClosedCase
from models.conversation import Accepted, OptedOut, Rated, Skipped, TimedOut
from models.queues import OutboxKind
from models.selection import SelectionPolicy
from models.survey import AttemptOutcome, Channel, Chat, Disposition, Purpose
from storage.database import SqlStore
from tests.workflow.conftest import STOCKHOLM, TUESDAY
from tests.workflow.contact_town import (
    BRA,
    CHAT,
    CONTACTS,
    DAY,
    EVERYTHING,
    HOUR,
    INVITATIONS,
    MAIL,
    NUMBER,
    PHONE,
    A,
    B,
    C,
    Town,
)
from workflow.inviting import ContactSender, plan_contact, plan_missed
from workflow.ports import PermanentError
from workflow.selecting import decide_cases


async def test_a_mail_and_one_reminder_and_then_peace(town: Town) -> None:
    invitation = await town.close()
    await town.wait(15 * DAY)
    assert town.post.sent == [
        ("Tue 13:00", "mail", "kund@example.org", "invitation SK-1"),
        ("Fri 13:00", "mail", "kund@example.org", "reminder SK-1"),
    ]
    assert await town.attempts(invitation) == [
        (MAIL, Purpose.INVITATION, AttemptOutcome.SENT),
        (MAIL, Purpose.REMINDER, AttemptOutcome.SENT),
    ]


async def test_who_has_answered_is_not_reminded(town: Town) -> None:
    invitation = await town.close()
    await town.wait(DAY)
    await town.answers(invitation, *EVERYTHING)
    assert (await town.stored(invitation)).disposition is Disposition.COMPLETED
    await town.wait(15 * DAY)
    assert [text for *_, text in town.post.sent] == ["invitation SK-1"]


async def test_who_stopped_half_way_is_reminded_once_and_not_for_a_comment(town: Town) -> None:
    half, all_but_words = await town.close(), await town.close("SK-2", mail="annan@example.org", phone="")
    await town.wait(DAY)
    await town.answers(half, Accepted(), Rated(A, BRA))
    await town.answers(all_but_words, Accepted(), Rated(A, BRA), Rated(B, BRA), Rated(C, BRA))
    await town.wait(15 * DAY)
    reminders = [(at, to, text) for at, _, to, text in town.post.sent if "reminder" in text]
    # three days after they began, on Saturday: on Monday
    assert reminders == [("Mon 09:00", "kund@example.org", "reminder SK-1 begun")]


@pytest.mark.parametrize("end", [OptedOut(), TimedOut()])
async def test_a_refusal_or_the_deadline_ends_it(town: Town, end: Any) -> None:
    invitation = await town.close()
    await town.wait(HOUR)
    await town.answers(invitation, end)
    await town.wait(15 * DAY)
    assert len(town.post.sent) == 1


async def test_who_has_refused_elsewhere_gets_nothing(town: Town) -> None:
    await town.close()
    async with town.store.step() as tx:
        await tx.opt_out([Address(AddressKind.PHONE, NUMBER)], town.clock.now(), Channel.PHONE)
    await town.wait(15 * DAY)
    assert town.post.sent == []


async def test_in_a_chat_there_is_one_reminder_in_all(town: Town) -> None:
    early, late = await town.close(), await town.close("SK-2", mail="annan@example.org", phone="")
    await town.wait(DAY)
    for invitation, chat_id in ((early, 17), (late, 18)):
        if invitation is late:
            await town.wait(3 * DAY)  # reminded by mail on Friday
        async with town.store.step() as tx:
            await tx.save_chat(Chat(chat_id=chat_id, language="sv", current=invitation.id))
            await tx.own_invitation(invitation.token, chat_id, town.clock.now())
        await town.answers(invitation, Accepted(), Rated(A, BRA), channel=Channel.CHAT)
    await town.wait(15 * DAY)
    reminders = {invitation.id: await town.attempts(invitation) for invitation in (early, late)}
    assert [way for way, purpose, _ in reminders[early.id] if purpose is Purpose.REMINDER] == [CHAT]
    assert [way for way, purpose, _ in reminders[late.id] if purpose is Purpose.REMINDER] == [MAIL]


async def test_what_can_not_be_worded_fails_and_the_next_way_is_tried(town: Town) -> None:
    town.mails.trouble = PermanentError("no such template")
    invitation = await town.close()
    await town.wait()
    assert [kind for _, kind, *_ in town.post.sent] == ["sms"]
    assert [outcome for *_, outcome in await town.attempts(invitation)] == [AttemptOutcome.FAILED, AttemptOutcome.SENT]


async def test_one_respondent_is_written_to_once_a_day_whatever_the_case(town: Town) -> None:
    await town.close()
    await town.close("SK-2", phone="")
    await town.close("SK-3", mail="")
    await town.wait(20 * DAY)
    # by mail or by number it is the same respondent, and the other two share nothing with each other
    assert sorted((text, at, kind) for at, kind, _, text in town.post.sent) == [
        ("invitation SK-1", "Tue 13:00", "mail"),
        ("invitation SK-2", "Wed 13:00", "mail"),
        ("invitation SK-3", "Wed 13:00", "sms"),
        ("reminder SK-1", "Fri 13:00", "mail"),
        ("reminder SK-2", "Mon 09:00", "mail"),
        ("reminder SK-3", "Mon 09:00", "sms"),
    ]


async def test_the_phone_is_last(town: Town) -> None:
    town.policy = replace(CONTACTS, phone_after=7 * DAY)
    invitation = await town.close()
    await town.wait(13 * DAY)
    assert (await town.attempts(invitation))[-1] == (PHONE, Purpose.REMINDER, AttemptOutcome.PLANNED)
    async with town.store.step() as tx:
        (call,) = await tx.claim([OutboxKind.CALL], town.clock.now(), HOUR, 9)
    assert call.payload["invitation_id"] == invitation.id
    assert call.due_at.astimezone(STOCKHOLM).strftime("%a %H:%M") == "Tue 13:00"
    # a late reply elsewhere finds the survey where it stands
    await town.answers(invitation, *EVERYTHING)
    assert (await town.stored(invitation)).disposition is Disposition.COMPLETED


async def test_a_late_reply_in_another_channel_finds_the_survey_where_it_stands(town: Town) -> None:
    invitation = await town.close()
    await town.wait(4 * DAY)
    await town.answers(invitation, Accepted(), Rated(A, BRA), channel=Channel.WEB)
    await town.answers(invitation, Rated(B, BRA), Rated(C, BRA), Skipped(), channel=Channel.PHONE)
    async with town.store.look() as tx:
        given = await tx.answers(invitation.id)
    assert [(each.question, each.channel) for each in given] == [
        (A, Channel.WEB),
        (B, Channel.PHONE),
        (C, Channel.PHONE),
    ]
    await town.wait(15 * DAY)
    assert len(town.post.sent) == 2


async def test_whoever_plans_one_contact_is_told_whether_a_way_is_open(town: Town) -> None:
    invitation = await town.close()
    async with town.store.step() as tx:
        stored = await tx.case(invitation.case_number)
        assert stored is not None
        only_mail = replace(CONTACTS, ways=(MAIL,))
        for policy, is_open in ((CONTACTS, True), (only_mail, True), (replace(CONTACTS, ways=()), False)):
            assert await plan_contact(tx, invitation, stored, policy, TUESDAY) is is_open
        assert not await plan_contact(tx, replace(invitation, chat_id=17), stored, CONTACTS, TUESDAY)
        await tx.put_dead(Address(AddressKind.MAIL, "kund@example.org"), "5.1.1", TUESDAY)
        assert not await plan_contact(tx, invitation, stored, only_mail, TUESDAY)
        assert await plan_contact(tx, invitation, stored, CONTACTS, TUESDAY), "by SMS"
    await town.wait()
    assert [kind for _, kind, *_ in town.post.sent] == ["sms"], "planned so often, contacted once"


async def test_old_invitations_and_trials_are_left_alone(town: Town) -> None:
    async with town.store.step() as tx:
        old, new, trial = (
            ClosedCase(case_id=name, closed_at=TUESDAY - HOUR, mail=f"{name}@example.org".lower(), trial=name == "P")
            for name in ("OLD", "NEW", "P")
        )
        await tx.put_cases([old, new, trial], TUESDAY)
    await decide_cases(town.store, SelectionPolicy(), INVITATIONS, TUESDAY)
    async with town.store.step() as tx:
        for name, age in (("OLD", DAY + HOUR), ("NEW", 20 * HOUR)):
            invitation = await tx.invitation_of_case(name)
            assert invitation is not None
            await tx.save_invitation(replace(invitation, created_at=TUESDAY - age))
        assert [await plan_missed(tx, town.policy, TUESDAY) for _ in range(2)] == [1, 0]
        assert await plan_missed(tx, replace(CONTACTS, ways=()), TUESDAY) == 0
    await town.wait(HOUR)
    assert [text for *_, text in town.post.sent] == ["invitation NEW"]


async def test_the_same_row_done_twice_contacts_once(town: Town, store: SqlStore) -> None:
    invitation = await town.close()
    contacts, _ = town.workers()
    async with town.store.step() as tx:
        (row,) = await tx.claim([OutboxKind.CONTACT], TUESDAY, HOUR, 9)
    sender = ContactSender(store=store, clock=town.clock, policy=town.policy, mails=town.mails, texts=town.texts)
    await sender.send(row)
    await sender.send(row)  # as after a crash between deciding and noting that it was done
    await contacts.run_once()
    assert await town.attempts(invitation) == [(MAIL, Purpose.INVITATION, AttemptOutcome.PLANNED)]
    async with town.store.step() as tx:
        rows = await tx.claim([OutboxKind.MAIL], TUESDAY, HOUR, 9)
    assert len(rows) == 1
