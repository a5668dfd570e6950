"""Whole calls: a recorded caller, real ears, a real store."""

import pytest

from models.rating import Rating
from models.survey import Channel, Disposition
from storage.database import SqlStore
from tests.voice.call_world import Customer, customer_in, presses, said
from voice.call import Ending


@pytest.fixture
async def customer(store: SqlStore) -> Customer:
    return await customer_in(store)


async def test_a_call_by_keypad(customer: Customer) -> None:
    report = await customer.called(presses(consent="1", question="1", question_leverans="2"))
    assert (report.ending, report.disposition) == (Ending.FINISHED, Disposition.COMPLETED)
    assert said(report) == [
        "hello",
        "identification",
        "why",
        "counts.3",
        "disclosure",
        "consent.full",
        "[1]",
        "how_to_answer",
        "question.bemotande.full",
        "[1]",
        "heard.bra",
        "question.tillganglighet.full",
        "[1]",
        "heard.bra",
        "question.leverans.full",
        "[2]",
        "heard.ok",
        "thanks.completed",
    ]
    first, *_, last = await customer.answers()
    assert (first.rating, first.channel, first.source, first.engine) == (Rating.BRA, Channel.PHONE, "call-1", "key")
    assert (last.question, last.rating) == ("leverans", Rating.OK)
    assert (await customer.stored()).disposition is Disposition.COMPLETED
