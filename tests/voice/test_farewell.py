"""How calls end: refusals that aren't lost, machines that are left alone, and what is ours to break."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from models.conversation import Accepted, Event, HungUp, OptedOut, Rated, Replied, Session
from models.rating import Interpretation, Rating, ReplyKind
from models.survey import Channel, Disposition
from storage.database import SqlStore
from tests.voice.call_world import Customer, ScriptedEars, customer_in, once, presses, said
from tests.voice.speech import silence, spoken
from tests.voice.test_tones import sines
from voice import farewell, interview
from voice.call import Ending
from voice.interview import InterviewLostError, StoredInterview
from voice.lines.recording import RecordingLine
from voice.recognition import Trust
from voice.transcript import Entry
from workflow.converse import Spoken

BEEP = sines(0.4, (1000, -20))


@pytest.fixture
async def customer(store: SqlStore) -> Customer:
    return await customer_in(store)


async def opted_out(customer: Customer) -> bool:
    async with customer.store.look() as tx:
        return bool(await tx.opted_out(customer.case.addresses))


# --- nine ------------------------------------------------------------------------------------------------------------


def says_no_then(*acts: Callable[[RecordingLine], None]) -> Callable[[RecordingLine, Entry], None]:
    def refused(line: RecordingLine) -> None:
        for act in acts:
            act(line)

    return once(consent_full=lambda line: line.press("2"), goodbye_refused=refused)


LATE = {
    "another key in the goodbye, then nine": (
        lambda line: line.press("2", after=0.55),
        lambda line: line.press("9", after=2.0),
    ),
    "another key after it, then nine": (lambda line: line.press("1"), lambda line: line.press("9", after=1.0)),
    "okay, then nine": (lambda line: line.say(spoken("okej")), lambda line: line.press("9", after=1.2)),
    "okay, then in words": (
        lambda line: line.say(spoken("okej")),
        lambda line: line.say(spoken("ring inte mer"), after=0.9),
    ),
}


@pytest.mark.parametrize("late", LATE)
async def test_the_last_word_after_a_no_is_waited_for(customer: Customer, late: str) -> None:
    ears = ScriptedEars([("okej", Trust.ACCEPT), ("ring inte mer", Trust.ACCEPT)])
    report = await customer.called(says_no_then(*LATE[late]), ears)
    assert (report.ending, said(report)[-1]) == (Ending.OPTED_OUT, "goodbye.opted_out")
    assert await opted_out(customer)


async def test_nine_after_we_gave_up_before_anybody_agreed(customer: Customer) -> None:
    caller = once(goodbye_no_answer=lambda line: line.press("9", after=2.5))
    assert (await customer.called(caller)).ending is Ending.OPTED_OUT
    assert await opted_out(customer)


async def test_but_not_for_ever(customer: Customer) -> None:
    report = await customer.called(says_no_then(lambda line: line.press("12121212121212121212")))
    assert report.ending is Ending.DECLINED
    assert not await opted_out(customer)


async def test_nine_after_another_key_in_the_identification(customer: Customer) -> None:
    report = await customer.called(once(identification=lambda line: line.press("19", after=0.6)))
    assert report.ending is Ending.OPTED_OUT
    assert await opted_out(customer)


async def test_nine_instead_of_hello(customer: Customer) -> None:
    customer.policy = replace(customer.policy, greets_first=True)
    line = RecordingLine()
    line.press("9", after=0.3)
    report = await customer.called(presses(), line=line)
    assert (report.ending, said(report)) == (Ending.OPTED_OUT, ["[9]", "goodbye.opted_out"])
    assert await opted_out(customer)


# --- the store is away ---


def away(customer: Customer, kind: type[Event], times: int) -> StoredInterview:
    """A store that is away the first so many times that an event of this kind is to be stored."""
    one, tried = customer.interview(), []

    class Away(StoredInterview):
        async def take(self, event: Event, engine: str = "", *, seen: Session | None = None) -> Spoken:
            tried.extend([event] if isinstance(event, kind) else [])
            if isinstance(event, kind) and len(tried) <= times:
                raise InterviewLostError("busy")
            return await StoredInterview.take(self, event, engine, seen=seen)

    return Away(**{each.name: getattr(one, each.name) for each in fields(one)})


@pytest.mark.parametrize("times", [1, 2])
async def test_a_refusal_is_tried_again_while_we_say_goodbye(
    customer: Customer, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(farewell, "RETRY_SECONDS", (0.0, 0.0))
    report = await customer.called(presses(consent="9"), interview=away(customer, OptedOut, times))
    assert (report.ending, report.disposition) == (Ending.OPTED_OUT, Disposition.REFUSED)
    assert not report.refusal_unsaved
    assert await opted_out(customer)


@pytest.mark.parametrize("pressed", [{"consent": "9"}, {"consent": "2", "goodbye_refused": "9"}])
async def test_a_refusal_that_cannot_be_stored_is_for_somebody_to_see_to(
    customer: Customer, pressed: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(farewell, "RETRY_SECONDS", (0.0, 0.0))
    report = await customer.called(presses(**pressed), interview=away(customer, OptedOut, 99))
    assert (report.ending, report.refusal_unsaved) == (Ending.OPTED_OUT, True)
    assert said(report)[-1] == "goodbye.opted_out"
    (told,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert f"invitation {customer.invitation.id}" in told.getMessage()
    assert customer.case.phone not in caplog.text


async def test_a_refusal_in_words_counts_though_the_survey_has_moved_on_in_the_chat(customer: Customer) -> None:
    one = customer.interview()
    seen = await one.session()
    for event in (Accepted(), Rated("bemotande", Rating.BRA)):
        await one.take(event)
    said_so = Replied("ring inte mer", Interpretation(ReplyKind.OPT_OUT, confidence=1.0))
    await one.take(said_so, "ears/1", seen=seen)
    assert await opted_out(customer)


async def test_who_hangs_up_while_the_store_is_away_has_hung_up(customer: Customer) -> None:
    caller = once(consent_full=lambda line: line.press("1"), question_bemotande_full=lambda line: line.leave())
    report = await customer.called(caller, interview=away(customer, HungUp, 99))
    assert (report.ending, said(report)[-1]) == (Ending.HUNG_UP, "[hung up]")


async def test_a_store_that_does_not_answer_is_away(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interview, "STORE_SECONDS", 0.05)
    busy, over = asyncio.Event(), asyncio.Event()

    async def another() -> None:
        async with customer.store.step():
            busy.set()
            await over.wait()

    other = asyncio.create_task(another())
    await busy.wait()
    report = await customer.called(presses(consent="1"))
    over.set()
    await other
    assert (report.ending, said(report)[-1]) == (Ending.TECHNICAL, "goodbye.technical")
    assert (await customer.called(presses(consent="1", question="1"))).ending is Ending.FINISHED


async def test_who_has_refused_elsewhere_is_reported_as_such(customer: Customer) -> None:
    async with customer.store.step() as tx:
        await tx.opt_out(customer.case.addresses, customer.clock.now(), Channel.CHAT)
    report = await customer.called(presses())
    assert (report.ending, report.disposition) == (Ending.ALREADY_DONE, Disposition.REFUSED)


# --- machines --------------------------------------------------------------------------------------------------------


@pytest.fixture
def outbound(customer: Customer) -> Customer:
    customer.policy = replace(customer.policy, greets_first=True)
    return customer


async def test_a_beep_after_a_greeting_like_a_persons_ends_the_introduction(outbound: Customer) -> None:
    line = RecordingLine()
    line.say(spoken("hej det är anna") + silence(1.0) + spoken("tala nu") + silence(0.4) + BEEP, after=0.5)
    report = await outbound.called(presses(consent="1"), line=line)
    assert report.ending is Ending.MACHINE
    assert "consent.full" not in said(report)


async def test_whoever_is_understood_is_a_person_whatever_beeps_in_the_kitchen(outbound: Customer) -> None:
    def act(line: RecordingLine, entry: Entry) -> None:
        if entry.prompt == "consent.full":
            line.say(spoken("ring inte mer")[: 320 * 60] + BEEP + spoken("mer"))

    report = await outbound.called(act, ScriptedEars([("ring inte mer", Trust.ACCEPT)]))
    assert report.ending is Ending.OPTED_OUT


async def test_what_only_machines_say_is_no_consent(outbound: Customer) -> None:
    phrases = frozenset({"lämna ett meddelande"})
    outbound.policy = replace(outbound.policy, greeting=replace(outbound.policy.greeting, phrases=phrases))
    caller = once(consent_full=lambda line: line.say(spoken("det går bra att lämna ett meddelande")))
    heard = ScriptedEars([("det går bra att lämna ett meddelande", Trust.ACCEPT)])
    assert (await outbound.called(caller, heard)).ending is Ending.MACHINE


# --- what is ours to break -------------------------------------------------------------------------------------------


async def test_a_line_that_cannot_be_hung_up_keeps_no_recogniser(customer: Customer) -> None:
    class Stuck(RecordingLine):
        async def hang_up(self) -> None:
            raise OSError("stuck")

    class Closing(ScriptedEars):
        closed = False

        async def close(self) -> None:
            self.closed = True
            raise ValueError("a fault")

    ears = Closing([])
    report = await customer.called(presses(consent="1", question="1"), ears, Stuck())
    assert report.ending is Ending.FINISHED
    assert ears.closed
