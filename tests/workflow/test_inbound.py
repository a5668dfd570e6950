"""Customers who ring us, in a real database: what they are asked about, and that nobody rings them then."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from models.calling import CallOutcome
from models.case import Address, AddressKind
from models.conversation import Accepted, OptedOut
from models.queues import OutboxKind
from models.survey import AttemptOutcome, Channel, ContactAttempt, ContactWay, Disposition, Purpose
from storage.database import SqlStore
from tests.voice.call_world import POLICY, Customer, customer_in
from tests.workflow.conftest import TUESDAY
from workflow import inbound
from workflow.call_plan import Called, CallState, tries_of
from workflow.converse import Origin, converse

NUMBER = "+46701740605"
HELD = Called(outcome=CallOutcome.ANSWERED, end=CallState.HELD)
HOUR = timedelta(hours=1)


async def asked(store: SqlStore, number: str = NUMBER, now: datetime = TUESDAY) -> int | None:
    """The invitation that a caller is asked about."""
    async with store.look() as tx:
        survey = await inbound.open_survey(tx, number, now)
    return survey.invitation.id if survey else None


def a_call(customer: Customer, outcome: AttemptOutcome, detail: str, at: datetime = TUESDAY) -> ContactAttempt:
    return ContactAttempt(
        id=0,
        invitation_id=customer.invitation.id,
        way=ContactWay.PHONE,
        purpose=Purpose.INVITATION,
        at=at,
        outcome=outcome,
        detail=detail,
    )


async def called_at(store: SqlStore, customer: Customer, at: datetime) -> None:
    async with store.step() as tx:
        await tx.put_attempt(a_call(customer, AttemptOutcome.FAILED, "no_answer, SIP 480, AAPOR 3.13", at))


# --- what they are asked about ---------------------------------------------------------------------------------


async def test_who_is_invited_is_asked(store: SqlStore) -> None:
    customer = await customer_in(store)
    assert await asked(store) == customer.invitation.id
    assert await asked(store, "+46701740606") is None


async def test_of_two_the_one_we_called_about_and_else_the_newest(any_store: SqlStore) -> None:
    """A family shares a number, or one person has had two cases."""
    older, newer = await customer_in(any_store, "SK-1"), await customer_in(any_store, "SK-2")
    assert await asked(any_store) == newer.invitation.id
    await called_at(any_store, older, TUESDAY - HOUR)
    assert await asked(any_store) == older.invitation.id
    await called_at(any_store, newer, TUESDAY)
    assert await asked(any_store) == newer.invitation.id


async def test_a_survey_that_is_over_is_not_asked_again_but_the_other_is(store: SqlStore) -> None:
    first, second = await customer_in(store, "SK-1"), await customer_in(store, "SK-2")
    async with store.step() as tx:
        await tx.save_invitation(replace(second.invitation, disposition=Disposition.COMPLETED))
    assert await asked(store) == first.invitation.id
    assert await asked(store, now=first.invitation.expires_at) is None


async def test_a_survey_begun_in_a_chat_can_be_gone_on_with(store: SqlStore) -> None:
    customer = await customer_in(store)
    async with store.step() as tx:
        await tx.save_invitation(replace(customer.invitation, chat_id=77))
    assert await asked(store) == customer.invitation.id


async def test_who_has_refused_is_asked_nothing(store: SqlStore) -> None:
    customer = await customer_in(store)
    async with store.step() as tx:
        await converse(tx, customer.invitation, OptedOut(), Origin(Channel.WEB), POLICY, TUESDAY)
    assert await asked(store) is None


# --- what is kept ----------------------------------------------------------------------------------------------


async def test_who_talks_with_us_is_not_called_and_the_next_contact_is_looked_for(any_store: SqlStore) -> None:
    customer = await customer_in(any_store)
    number = customer.invitation.id
    async with any_store.step() as tx:
        survey = await inbound.open_survey(tx, NUMBER, TUESDAY)
        assert survey is not None
        attempt = await inbound.begin(tx, survey, TUESDAY)
        assert attempt is not None
        (noted,) = await tx.attempts(number)
        assert (noted.detail, noted.purpose) == ("talking, inbound", Purpose.INVITATION)
    async with any_store.step() as tx:
        await inbound.end(tx, attempt, survey, HELD, TUESDAY)
        (noted,) = await tx.attempts(number)
        assert (noted.outcome, noted.detail) == (AttemptOutcome.DELIVERED, "held, inbound")
        assert [each.came for each in tries_of([noted])] == [CallState.HELD]
        assert await waiting(tx) == 1


async def test_after_the_last_answer_nothing_more_is_planned(store: SqlStore) -> None:
    customer = await customer_in(store)
    async with store.step() as tx:
        survey = await inbound.open_survey(tx, NUMBER, TUESDAY)
        assert survey is not None
        attempt = await inbound.begin(tx, survey, TUESDAY)
        assert attempt is not None
        await tx.save_invitation(replace(customer.invitation, disposition=Disposition.COMPLETED))
        await inbound.end(tx, attempt, survey, HELD, TUESDAY)
        assert await waiting(tx) == 0


@pytest.mark.parametrize(
    ("came", "detail"),
    [
        (None, "hung up at once, inbound"),
        (Called(outcome=CallOutcome.NO_AUDIO, rang=True), "no_audio, AAPOR 3.16, inbound"),
    ],
)
async def test_a_slip_of_the_finger_or_a_silent_line_is_no_call(
    store: SqlStore, came: Called | None, detail: str
) -> None:
    customer = await customer_in(store)
    async with store.step() as tx:
        survey = await inbound.open_survey(tx, NUMBER, TUESDAY)
        assert survey is not None
        attempt = await inbound.begin(tx, survey, TUESDAY)
        assert attempt is not None
        await inbound.end(tx, attempt, survey, came, TUESDAY)
        (noted,) = await tx.attempts(customer.invitation.id)
        assert (noted.outcome, noted.detail) == (AttemptOutcome.WITHDRAWN, detail)
        assert tries_of([noted]) == []


async def test_while_we_call_them_they_are_not_taken(store: SqlStore) -> None:
    customer = await customer_in(store)
    await put_under_way(store, customer, "dialling, row 7")
    assert await begun(store, TUESDAY + HOUR / 2) is None
    assert await begun(store, TUESDAY + 2 * HOUR) is not None  # it was left behind by a crash


async def test_who_was_cut_off_by_our_crash_may_ring_again_at_once(store: SqlStore) -> None:
    customer = await customer_in(store)
    first = await begun(store, TUESDAY)
    assert await begun(store, TUESDAY + timedelta(seconds=20)) not in (None, first)
    async with store.look() as tx:
        assert [each.detail for each in await tx.attempts(customer.invitation.id)] == [
            "broken_off, inbound",
            "talking, inbound",
        ]


async def test_a_refusal_that_the_call_could_not_store_is_stored_after_it(store: SqlStore) -> None:
    customer = await customer_in(store)
    async with store.step() as tx:
        survey = await inbound.open_survey(tx, NUMBER, TUESDAY)
        assert survey is not None
        attempt = await inbound.begin(tx, survey, TUESDAY)
        assert attempt is not None
        await inbound.end(tx, attempt, survey, replace(HELD, refused=True), TUESDAY)
        assert await tx.opted_out(customer.case.addresses) == set(customer.case.addresses)
    assert await asked(store) is None


async def test_an_unknown_number_is_left_alone_whatever_the_case(store: SqlStore) -> None:
    async with store.step() as tx:
        await inbound.leave_alone(tx, NUMBER, TUESDAY)
        assert await tx.opted_out([Address(AddressKind.PHONE, NUMBER)])
    await customer_in(store)  # and is a customer's, as it turns out
    assert await asked(store) is None


async def test_half_an_answered_survey_goes_on_by_phone(store: SqlStore) -> None:
    customer = await customer_in(store)
    async with store.step() as tx:
        await converse(tx, customer.invitation, Accepted(), Origin(Channel.WEB), POLICY, TUESDAY)
    assert await asked(store) == customer.invitation.id


async def begun(store: SqlStore, now: datetime) -> int | None:
    async with store.step() as tx:
        survey = await inbound.open_survey(tx, NUMBER, now)
        assert survey is not None
        return await inbound.begin(tx, survey, now)


async def put_under_way(store: SqlStore, customer: Customer, detail: str) -> None:
    async with store.step() as tx:
        await tx.put_attempt(replace(a_call(customer, AttemptOutcome.SENT, detail), purpose=Purpose.REMINDER))


async def waiting(tx: object) -> int:
    """Contacts that are to be looked at."""
    state = await tx.queue_state(TUESDAY)  # type: ignore[attr-defined]
    return int(state["outbox"].get(OutboxKind.CONTACT, {"waiting": 0})["waiting"])
