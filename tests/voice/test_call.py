"""Whole calls: a recorded caller, real ears, a real store."""

import asyncio
import signal
import sys
from dataclasses import fields, replace

import pytest

from models.conversation import Event, Session
from models.rating import Rating
from models.survey import Channel, Disposition
from storage.database import SqlStore
from tests.voice.call_world import Customer, ScriptedEars, customer_in, once, presses, prompts, said
from tests.voice.speech import noise, spoken
from voice.call import Ending, hold_call
from voice.interview import InterviewLostError, StoredInterview
from voice.line import Heard
from voice.lines.cut_short import Stoppable
from voice.lines.recording import RecordingLine
from voice.recognition import Trust
from voice.rendering import Occasion
from voice.transcript import Entry, Who
from workflow.converse import Spoken


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


async def test_every_prompt_is_told_before_it_is_played_and_every_answer_with_what_was_stored(
    customer: Customer,
) -> None:
    report = await customer.called(presses(consent="1", question="1"))
    assert [entry.seconds for entry in report.transcript] == sorted(entry.seconds for entry in report.transcript)
    (told,) = [entry for entry in report.transcript if entry.question == "leverans"]
    assert (told.who, told.key, told.rating) == (Who.CALLER, "1", "bra")


# --- hanging up ----------------------------------------------------------------------------------------------------


class Leaves(RecordingLine):
    """Hangs up at a given 20 ms of the call."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    async def listen(self) -> Heard:
        self.left -= 1
        return await super().listen() if self.left >= 0 else Heard(hung_up=True)


ONE_CALL = 560  #: 20 ms of a call by keypad, at least


async def test_hanging_up_at_any_moment_keeps_what_was_answered(store: SqlStore) -> None:
    given, endings = [], set()
    for at in range(0, ONE_CALL, 14):
        customer = await customer_in(store, f"SK-{at}")
        report = await customer.called(presses(consent="1", question="1"), line=Leaves(at))
        answers = await customer.answers()
        told = [entry for entry in report.transcript if entry.rating]
        assert len(answers) == len(told)
        assert report.ending is (Ending.FINISHED if len(answers) == 3 else Ending.HUNG_UP)
        assert (await customer.stored()).disposition == report.disposition
        given.append(len(answers))
        endings.add(report.ending)
    assert given == sorted(given)
    assert {0, 1, 2, 3} == set(given)
    assert endings == {Ending.FINISHED, Ending.HUNG_UP}


async def test_an_interrupted_survey_goes_on_in_the_next_call(customer: Customer) -> None:
    await customer.called(presses(consent="1", question_bemotande="3"), line=Leaves(400))
    report = await customer.called(presses(consent="1", question="1"))
    assert "question.bemotande.full" not in said(report)
    assert [answer.rating for answer in await customer.answers()] == [Rating.DALIGT, Rating.BRA, Rating.BRA]
    third = await customer.called(presses())
    assert (third.ending, said(third)[-1]) == (Ending.ALREADY_DONE, "goodbye.already_answered")


# --- refusals, machines, and nobody at all -------------------------------------------------------------------------


async def test_a_no_closes_this_survey_and_a_nine_after_it_every_one(store: SqlStore) -> None:
    no = await customer_in(store, "SK-1")
    report = await no.called(presses(consent="2"))
    assert (report.ending, report.disposition) == (Ending.DECLINED, Disposition.REFUSED)
    async with store.look() as tx:
        assert not await tx.opted_out(no.case.addresses)
    never = await customer_in(store, "SK-2")
    report = await never.called(presses(consent="2", goodbye_refused="9"))
    assert (report.ending, said(report)[-1]) == (Ending.OPTED_OUT, "goodbye.opted_out")
    async with store.look() as tx:
        assert await tx.opted_out(never.case.addresses) == set(never.case.addresses)


async def test_nine_during_the_introduction_stops_everything(customer: Customer) -> None:
    def at_once(line: RecordingLine, entry: Entry) -> None:
        if entry.prompt == "why":
            line.press("9", after=0.7)

    report = await customer.called(at_once)
    assert (report.ending, report.disposition) == (Ending.OPTED_OUT, Disposition.REFUSED)
    assert "consent.full" not in said(report)
    again = await customer.called(presses())
    assert said(again)[-1] == "goodbye.closed"


async def test_an_answering_machine_is_left_alone(customer: Customer) -> None:
    line = RecordingLine()
    message = "du har kommit till Anna och jag kan inte svara just nu men lämna gärna ett meddelande " * 2
    line.say(spoken(message, rate=180), after=0)
    customer.policy = replace(customer.policy, greets_first=True)
    report = await customer.called(presses(consent="1"), line=line)
    assert (report.ending, report.disposition) == (Ending.MACHINE, None)
    assert not [entry for entry in report.transcript if entry.who is Who.WE]
    assert (await customer.stored()).opened_at is None


async def test_nobody_there(customer: Customer) -> None:
    report = await customer.called(presses())
    assert (report.ending, report.disposition) == (Ending.GIVEN_UP, None)
    assert said(report)[-1] == "goodbye.no_answer"
    assert (await customer.stored()).opened_at is None


async def test_an_hour_of_talk_is_cut_short(customer: Customer) -> None:
    customer.policy = replace(customer.policy, max_call_seconds=5)
    line = RecordingLine(background=noise(10, 0.3))
    report = await customer.called(presses(consent="0"), line=line)
    assert (report.ending, said(report)[-1]) == (Ending.TOO_LONG, "goodbye.too_long")
    assert report.seconds < 20


# --- what is ours to break -------------------------------------------------------------------------------------------


async def test_a_store_that_is_away_ends_the_call_with_an_apology(customer: Customer, store: SqlStore) -> None:
    taken: list[Event] = []

    class Away(StoredInterview):
        async def take(self, event: Event, engine: str = "", *, seen: Session | None = None) -> Spoken:
            taken.append(event)
            if len(taken) == 3:
                raise InterviewLostError
            return await StoredInterview.take(self, event, engine, seen=seen)

    one = customer.interview()
    away = Away(**{each.name: getattr(one, each.name) for each in fields(one)})
    line = RecordingLine()
    caller = presses(consent="1", question="1")
    report = await hold_call(line, None, prompts(), away, customer.policy, lambda entry: caller(line, entry))
    assert (report.ending, said(report)[-1]) == (Ending.TECHNICAL, "goodbye.technical")
    assert [answer.question for answer in await customer.answers()] == ["bemotande"]


async def test_a_fault_of_ours_hangs_up_all_the_same(customer: Customer) -> None:
    def faulty(line: RecordingLine, entry: Entry) -> None:
        raise LookupError(entry.prompt)

    line = RecordingLine()
    report = await customer.called(faulty, line=line)
    assert report.ending is Ending.TECHNICAL
    assert (await line.listen()).hung_up


async def test_a_process_killed_in_a_call_has_stored_what_was_answered(store_url: str, store: SqlStore) -> None:
    customer = await customer_in(store)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.voice.dying_call", store_url, str(customer.invitation.id)
    )
    assert await child.wait() == -signal.SIGKILL
    assert [(each.question, each.rating) for each in await customer.answers()] == [("bemotande", Rating.BRA)]
    report = await customer.called(presses(consent="1", question="2"))
    assert report.ending is Ending.FINISHED
    assert [each.rating for each in await customer.answers()] == [Rating.BRA, Rating.OK, Rating.OK]


# --- keys before their time ------------------------------------------------------------------------------------------


async def test_a_key_pressed_before_the_question_was_heard_answers_nothing(customer: Customer) -> None:
    def hasty(line: RecordingLine, entry: Entry) -> None:
        if entry.prompt == "consent.full":
            line.press("1", after=1.2)
            line.press("1", after=0.9)  # while we say how to answer

    report = await customer.called(hasty)
    assert said(report)[5:10] == ["consent.full", "[1]", "how_to_answer", "question.bemotande.full", "[(silence)]"]
    assert [answer.rating for answer in await customer.answers() if answer.rating] == []


async def test_a_key_cuts_a_question_that_has_begun(customer: Customer) -> None:
    def quick(line: RecordingLine, entry: Entry) -> None:
        if entry.prompt == "consent.full":
            line.press("1")
        elif entry.prompt.startswith("question"):
            line.press("1", after=1.8)

    report = await customer.called(quick)
    assert report.ending is Ending.FINISHED


async def test_who_has_refused_elsewhere_is_not_asked(customer: Customer, store: SqlStore) -> None:
    async with store.step() as tx:
        await tx.opt_out(customer.case.addresses, customer.clock.now(), Channel.CHAT)
    report = await customer.called(presses(consent="1", question="1"))
    assert (report.ending, said(report)) == (Ending.ALREADY_DONE, ["hello", "identification", "goodbye.closed"])
    assert await customer.answers() == []


async def test_a_survey_past_its_deadline_is_not_asked(customer: Customer) -> None:
    customer.clock.time = customer.invitation.expires_at
    report = await customer.called(presses(consent="1", question="1"))
    assert (report.ending, said(report)[-1]) == (Ending.ALREADY_DONE, "goodbye.closed")


# --- other lines and languages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{"in_band_keys": True}, {"echo": 0.3}, {"in_band_keys": True, "echo": 0.3}])
async def test_keys_as_tones_and_an_echo_of_ourselves(customer: Customer, how: dict[str, float]) -> None:
    line = RecordingLine(**how)  # type: ignore[arg-type]
    report = await customer.called(presses(consent="1", question="2", question_leverans="3", reason="4"), line=line)
    assert report.ending is Ending.FINISHED
    assert [answer.rating for answer in await customer.answers()] == [Rating.OK, Rating.OK, Rating.DALIGT]
    async with customer.store.look() as tx:
        surveyed = await tx.surveyed(customer.invitation.id)
    assert surveyed is not None
    assert surveyed.reasons == (("leverans", "bemotandet", ""),)


async def test_a_call_in_english(store: SqlStore) -> None:
    customer = await customer_in(store, language="en")
    report = await customer.called(presses(consent="1", question="1"))
    assert report.ending is Ending.FINISHED
    assert report.transcript[0].text == "Hello!"


# --- why we talk ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("occasion", "first_words"),
    [
        (Occasion.INTERRUPTED, ["hello", "identification", "again.interrupted"]),
        (Occasion.RECHECK, ["hello", "identification", "again.recheck"]),
        (Occasion.INBOUND, ["inbound.identification", "inbound.why"]),
        (Occasion.INBOUND_RECHECK, ["inbound.identification", "again.recheck"]),
    ],
)
async def test_the_first_words_tell_why_we_talk(customer: Customer, occasion: Occasion, first_words: list[str]) -> None:
    customer.policy = replace(customer.policy, occasion=occasion)
    report = await customer.called(presses(consent="1", question="1"))
    assert report.ending is Ending.FINISHED
    assert said(report)[: len(first_words) + 3] == [*first_words, "counts.3", "disclosure", "consent.full"]


async def test_whoever_calls_us_is_spoken_to_at_once(customer: Customer) -> None:
    customer.policy = replace(customer.policy, greets_first=True, occasion=Occasion.INBOUND)
    report = await customer.called(presses(consent="1", question="1"))
    assert (report.transcript[0].prompt, report.transcript[0].seconds) == ("inbound.identification", 0)


async def test_who_rings_us_hears_words_that_fit(customer: Customer) -> None:
    customer.policy = replace(customer.policy, occasion=Occasion.INBOUND)
    asks = ScriptedEars([("vem är det", Trust.ACCEPT)])
    report = await customer.called(once(consent_full=lambda line: line.say(noise(0.8))), asks)
    assert said(report)[5:9] == ["[vem är det]", "inbound.identification", "inbound.who", "consent.short"]
    skips = await customer.called(presses(consent="1", question="#"))
    assert said(skips)[-1] == "inbound.goodbye"


async def test_a_fault_of_ours_asks_who_rang_us_to_ring_again(customer: Customer) -> None:
    customer.policy = replace(customer.policy, occasion=Occasion.INBOUND)
    line = Stoppable(RecordingLine())

    def stop(_: RecordingLine, entry: Entry) -> None:
        if entry.prompt == "consent.full":
            line.cut_short()

    report = await customer.called(stop, line=line)  # type: ignore[arg-type]
    assert (report.ending, said(report)[-1]) == (Ending.TECHNICAL, "inbound.technical")
