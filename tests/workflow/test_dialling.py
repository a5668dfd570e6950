"""The dialler over a real database, real calls over recorded lines, and a phone that fails as told."""

import asyncio
from datetime import datetime, timedelta

from models.calling import CallOutcome
from models.survey import AttemptOutcome, Channel, ContactAttempt, ContactWay, Disposition, Purpose
from tests.voice.call_world import Customer
from tests.workflow.conftest import STOCKHOLM, TUESDAY
from tests.workflow.office import (
    ANSWERS,
    BUSY,
    HOUR,
    NO_ANSWER,
    NUMBER,
    Office,
)
from voice.call import CallReport
from voice.lines.recording import RecordingLine
from voice.transcript import Entry
from workflow.call_plan import Called, CallState
from workflow.dialling import PAUSED
from workflow.ports import NotYetError, PermanentError


async def test_a_call_is_held_and_nobody_is_called_again(office: Office) -> None:
    await office.work(HOUR)
    assert [answer.channel for answer in await office.customer.answers()] == [Channel.PHONE] * 3
    (attempt,) = await office.calls()
    assert (attempt.way, attempt.outcome, attempt.detail) == (ContactWay.PHONE, AttemptOutcome.DELIVERED, "held")
    assert office.phone.dialled == ["Tue 13:00"]
    assert await office.waiting() == 0


async def test_each_try_is_stored_and_the_planned_attempt_is_the_first(office: Office) -> None:
    planned = ContactAttempt(
        id=0,
        invitation_id=office.customer.invitation.id,
        way=ContactWay.PHONE,
        purpose=Purpose.INVITATION,
        at=TUESDAY - HOUR,
    )
    async with office.store.step() as tx:
        await tx.put_attempt(planned)
    office.phone.outcomes = [BUSY, NO_ANSWER]
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Tue 13:00", "Tue 13:15", "Wed 17:00"]
    assert [(each.outcome, each.detail, each.purpose) for each in await office.calls()] == [
        (AttemptOutcome.FAILED, "busy, SIP 486, AAPOR 3.12", Purpose.INVITATION),
        (AttemptOutcome.FAILED, "no_answer, SIP 480, AAPOR 3.13", Purpose.INVITATION),
        (AttemptOutcome.DELIVERED, "held", Purpose.INVITATION),
    ]


async def test_the_dead_and_those_who_have_refused_or_answered_are_never_called(office: Office) -> None:
    async with office.store.step() as tx:
        await tx.opt_out([NUMBER], TUESDAY, Channel.WEB)
    await office.work(timedelta(days=3))
    assert (office.phone.dialled, await office.waiting()) == ([], 0)


async def test_who_does_not_want_our_calls_is_left_alone_in_every_channel(office: Office) -> None:
    office.phone.outcomes = [Called(outcome=CallOutcome.UNWANTED, sip_code=607)]
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Tue 13:00"]
    async with office.store.look() as tx:
        assert await tx.opted_out([NUMBER]) == {NUMBER}


async def test_a_refusal_that_could_not_be_stored_in_the_call_is_stored_after_it(office: Office) -> None:
    office.phone.outcomes = [Called(outcome=CallOutcome.ANSWERED, end=CallState.HELD, refused=True)]
    await office.work()
    async with office.store.look() as tx:
        assert await tx.opted_out([NUMBER]) == {NUMBER}


async def test_who_answers_and_never_makes_a_sound_is_called_another_day(office: Office) -> None:
    office.phone.act = lambda line, entry: None
    await office.work(HOUR)
    assert [(each.outcome, each.detail) for each in await office.calls()] == [(AttemptOutcome.FAILED, "nobody")]
    office.phone.act = ANSWERS
    await office.work(timedelta(days=2))
    assert office.phone.dialled == ["Tue 13:00", "Wed 17:00"]
    assert await office.came() == ["nobody", "held"]


async def test_a_phone_that_can_not_dial_disturbs_nobody_and_costs_no_try(office: Office) -> None:
    office.phone.outcomes = [NotYetError(TUESDAY + timedelta(minutes=1))] * 3 + [BUSY]
    await office.work(timedelta(minutes=29))
    assert await office.came() == ["busy", "held"]


async def test_a_fault_of_ours_is_a_try_and_not_the_end(office: Office) -> None:
    office.phone.outcomes = [PermanentError("surprise"), RuntimeError("surprise")]
    await office.work(timedelta(days=2))
    assert await office.came() == ["fault", "fault", "held"]
    assert office.phone.dialled == ["Tue 13:00", "Tue 13:15", "Wed 09:00"]


async def test_nobody_is_called_while_calls_are_paused(office: Office) -> None:
    async with office.store.step() as tx:
        await tx.set_fact(PAUSED, "yes", TUESDAY)
    await office.work(HOUR)
    assert office.phone.dialled == []
    async with office.store.step() as tx:
        await tx.set_fact(PAUSED, "", TUESDAY)
    await office.work(HOUR)
    assert await office.came() == ["held"]


async def test_it_stops_ringing_once_they_have_answered_elsewhere(any_office: Office) -> None:
    """On the page, while the phone rings: it is no try, and they aren't asked again."""
    office = any_office
    customer, stopped = Customer(office.store, office.customer.invitation, office.customer.case), asyncio.Event()
    answering = list["asyncio.Future[CallReport]"]()

    async def rings() -> None:
        answering.append(asyncio.ensure_future(customer.called(ANSWERS)))
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    office.phone.before = lambda: asyncio.ensure_future(rings())
    async with asyncio.timeout(60):
        await office.work()
        await answering[0]
    assert stopped.is_set()
    (attempt,) = await office.calls()
    assert attempt.outcome is AttemptOutcome.WITHDRAWN
    assert attempt.detail in ("completed, while it rang", "answered, while it rang")
    assert await office.waiting() == 0


async def test_who_answers_on_the_page_while_we_talk_is_thanked(office: Office) -> None:
    """Another way to the same survey takes the last questions, between two of ours."""

    def acts(line: RecordingLine, entry: Entry) -> None:
        heard.append(entry.prompt)
        if entry.prompt == "question.tillganglighet.full":
            elsewhere.append(asyncio.ensure_future(customer.called(ANSWERS)))
        elif not elsewhere or elsewhere[0].done():
            ANSWERS(line, entry)

    customer, heard = Customer(office.store, office.customer.invitation, office.customer.case), list[str]()
    elsewhere = list["asyncio.Future[CallReport]"]()
    office.phone.act = acts
    await office.work()
    assert (await elsewhere[0]).disposition is Disposition.COMPLETED
    assert not [key for key in heard if key.startswith("question.leverans")], "which has been answered by then"
    assert heard[-1].startswith(("thanks", "goodbye"))
    assert await office.came() == ["held"]
    assert len(await office.customer.answers()) == 3


async def test_nobody_is_called_at_night(office: Office) -> None:
    office.clock.move_to(datetime(2026, 11, 20, 22, tzinfo=STOCKHOLM))
    await office.work(timedelta(days=3))
    assert office.phone.dialled == ["Mon 09:00"]
