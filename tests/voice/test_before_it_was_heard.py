"""Whole calls in which a caller answers before hearing what is asked, or goes on talking. Prompts take 2 s."""

from collections.abc import Callable

import pytest

from models.rating import Rating
from omdome.calls import clear_words_of
from storage.database import SqlStore
from tests.voice.call_world import Customer, ScriptedEars, customer_in, once, said
from tests.voice.speech import silence, spoken
from voice.lines.recording import RecordingLine
from voice.recognition import Expecting, Trust

ACCEPT, ASK_AGAIN, CONFIRM = Trust.ACCEPT, Trust.ASK_AGAIN, Trust.CONFIRM


@pytest.fixture
async def customer(store: SqlStore) -> Customer:
    customer = await customer_in(store)
    customer.prompt_seconds = 2.0
    return customer


def presses(keys: str, after: float | None = None) -> Callable[[RecordingLine], None]:
    return lambda line: line.press(keys, after=after)


def says(words: str) -> Callable[[RecordingLine], None]:
    return lambda line: line.say(spoken(words))


def leaves(line: RecordingLine) -> None:
    line.leave()


async def ratings(customer: Customer) -> list[Rating | None]:
    return [answer.rating for answer in await customer.answers()]


@pytest.mark.parametrize("after", [0.3, 0.6, 0.8])
async def test_a_one_for_good_is_no_yes_to_bad(customer: Customer, after: float) -> None:
    """ "Bra" was heard as an unsure "dåligt", and the caller presses 1 as soon as we begin to say so."""
    caller = once(
        consent_full=presses("1"),
        question_bemotande_full=says("bra"),
        confirm_daligt_full=presses("1", after),
        confirm_daligt_short=leaves,
    )
    await customer.called(caller, ScriptedEars([("dåligt", CONFIRM)]))
    assert await ratings(customer) == []


async def test_nor_while_we_ask_it_again(customer: Customer) -> None:
    caller = once(
        consent_full=presses("1"),
        question_bemotande_full=says("bra"),
        confirm_daligt_full=says("nä alltså"),
        confirm_daligt_short=presses("1", 2.6),
        confirm_daligt_keys=leaves,
    )
    await customer.called(caller, ScriptedEars([("dåligt", CONFIRM), ("", ASK_AGAIN)]))
    assert await ratings(customer) == []


async def test_a_yes_once_it_has_been_said_counts_before_its_end(customer: Customer) -> None:
    caller = once(
        consent_full=presses("1"),
        question_bemotande_full=says("dåligt"),
        confirm_daligt_full=presses("1", 1.0),
        reason_full=leaves,
    )
    await customer.called(caller, ScriptedEars([("dåligt", CONFIRM)]))
    assert await ratings(customer) == [Rating.DALIGT]


async def test_the_second_of_a_slow_double_press_is_no_reason(customer: Customer) -> None:
    def twice(line: RecordingLine) -> None:
        line.press("3")
        line.press("3", after=0.65)

    caller = once(consent_full=presses("1"), question_bemotande_full=twice, question_tillganglighet_full=leaves)
    await customer.called(caller)
    async with customer.store.look() as tx:
        surveyed = await tx.surveyed(customer.invitation.id)
    assert surveyed is not None
    assert await ratings(customer) == [Rating.DALIGT]
    assert surveyed.reasons == ()


@pytest.mark.parametrize("pause", [0.9, 1.2, 1.5])
async def test_not_good_with_a_pause_in_it_is_not_good(customer: Customer, pause: float) -> None:
    def hesitates(line: RecordingLine) -> None:
        line.say(spoken("det var inte"))
        line.say(spoken("bra"), after=pause)

    caller = once(consent_full=presses("1"), question_bemotande_full=hesitates, question_tillganglighet_full=leaves)
    for first in (("", ASK_AGAIN), ("det var inte", ACCEPT)):
        await customer.called(caller, ScriptedEars([first, ("bra", ACCEPT)]))
        assert [rating for rating in await ratings(customer) if rating] == []


def test_a_word_ends_a_turn_sooner_only_where_it_is_a_whole_answer() -> None:
    clear = clear_words_of("sv")
    assert "dåligt" in clear[Expecting.RATING]
    assert "ja" in clear[Expecting.YES_NO] - clear[Expecting.RATING]
    assert not clear.get(Expecting.REASON)  # "ett … stort problem" is not the first reason


async def test_own_words_have_their_pauses_and_answer_no_other_question(customer: Customer) -> None:
    def tells(line: RecordingLine) -> None:
        line.say(spoken("jag ringde tre gånger") + silence(0.9) + spoken("och det var dåligt"))

    over: list[bool] = []
    heard = ScriptedEars([("jag ringde tre gånger och det var dåligt skött", ACCEPT)], transcribes=True)
    caller = once(
        consent_full=presses("1"),
        question_bemotande_full=presses("3"),
        reason_full=tells,
        heard_reason=lambda line: over.append(line.idle),
        question_tillganglighet_full=leaves,
    )
    report = await customer.called(caller, heard)
    async with customer.store.look() as tx:
        surveyed = await tx.surveyed(customer.invitation.id)
    assert over == [True]  # nobody was interrupted
    assert surveyed is not None
    assert [text for _, _, text in surveyed.reasons] == ["jag ringde tre gånger och det var dåligt skött"]
    assert "question.tillganglighet.full" in said(report)
    assert await ratings(customer) == [Rating.DALIGT]
