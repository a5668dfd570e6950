"""The service stops while somebody is spoken with: they are told goodbye, and what they have answered stays."""

import pytest

from models.survey import Disposition
from storage.database import SqlStore
from tests.voice.call_world import CALLS, Customer, customer_in, presses, prompts
from voice.call import CallReport, Ending, hold_call
from voice.lines.cut_short import Stoppable
from voice.lines.recording import RecordingLine
from voice.transcript import Entry, Who

ANSWERS = presses(consent="1", question="1")


@pytest.fixture
async def customer(store: SqlStore) -> Customer:
    return await customer_in(store)


async def cut_short_at(customer: Customer, prompt: str) -> CallReport:
    line = RecordingLine()
    held = Stoppable(line)

    def happens(entry: Entry) -> None:
        ANSWERS(line, entry)
        if entry.prompt == prompt:
            held.cut_short()

    return await hold_call(held, None, prompts(), customer.interview(), CALLS, happens)


def said_last(report: CallReport) -> str:
    return [entry.prompt for entry in report.transcript if entry.who is Who.WE][-1]


async def test_goodbye_is_said_and_the_answers_so_far_are_kept(customer: Customer) -> None:
    report = await cut_short_at(customer, "question.leverans.full")
    assert (report.ending, report.disposition) == (Ending.TECHNICAL, None), "to be called back"
    assert said_last(report) == "goodbye.technical"
    assert len(await customer.answers()) == 2
    assert report.seconds < 60


async def test_who_is_being_told_goodbye_has_been_called(customer: Customer) -> None:
    report = await cut_short_at(customer, "thanks.completed")
    assert (report.ending, report.disposition) == (Ending.FINISHED, Disposition.COMPLETED)
    assert said_last(report) == "thanks.completed"


async def test_it_may_come_at_any_time_before(customer: Customer) -> None:
    report = await cut_short_at(customer, "identification")
    assert (report.ending, said_last(report)) == (Ending.TECHNICAL, "goodbye.technical")
