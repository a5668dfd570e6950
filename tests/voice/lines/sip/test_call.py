"""Whole calls over SIP: real signalling, real sound, real ears, a real store; only the prompts are short."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models.rating import Rating
from models.survey import Channel, Disposition
from storage.database import SqlStore
from tests.voice.call_world import CALLS, Customer, customer_in
from tests.voice.call_world import prompts as prompts_of
from tests.voice.lines.conftest import PhoneMaking
from tests.voice.lines.sip.far_ends import DebianBaresip, OurTelephone
from tests.voice.lines.sip.hearing import found
from voice.answer_words.engine import AnswerWordsEngine
from voice.audio_files import wav
from voice.call import CallReport, Ending, hold_call
from voice.lines.sip.line import SipLine
from voice.lines.sip.targets import on_this_machine
from voice.recognition import Recognizer
from voice.transcript import Entry, Who

PROMPTS = prompts_of(seconds=0.2)
REPLIES = Path(__file__).parents[4] / "demo" / "replies"
WORDS = {"bemotande": "bra", "tillganglighet": "okej", "leverans": "daligt"}
KEYS = {"consent": "1", "question": "2", "confirm": "1", "reason": "2"}


@pytest.fixture
async def customer(store: SqlStore) -> Customer:
    return await customer_in(store)


async def called(
    customer: Customer,
    start_phone: PhoneMaking,
    address: str,
    recognizer: Recognizer | None,
    watch: Callable[[Entry], None],
) -> CallReport:
    line = await (await start_phone()).dial(on_this_machine(address))
    assert isinstance(line, SipLine), line
    policy = replace(CALLS, greets_first=True)
    return await hold_call(line, recognizer, PROMPTS, customer.interview(), policy, watch)


def asked(entry: Entry) -> tuple[str, str]:
    """What kind of prompt asks, and about which question; "" for one that doesn't ask."""
    kind, _, rest = entry.prompt.partition(".")
    asks = entry.who is Who.WE and kind in KEYS and not rest.startswith("choice")
    return (kind, rest.partition(".")[0]) if asks else ("", "")


async def test_a_survey_by_speech(customer: Customer, start_phone: PhoneMaking, tmp_path: Path) -> None:
    with OurTelephone(tmp_path / "far") as far:

        def reply(entry: Entry) -> None:
            kind, question = asked(entry)
            if kind:
                word = WORDS.get(question) if kind == "question" else None
                far.then(str(REPLIES / f"{word}.wav") if word else f"key:{KEYS[kind]}")

        report = await called(customer, start_phone, far.address, await AnswerWordsEngine().recognizer(), reply)
        assert (report.ending, report.disposition) == (Ending.FINISHED, Disposition.COMPLETED)
        answers = await customer.answers()
        assert [answer.rating for answer in answers] == [Rating.BRA, Rating.OK, Rating.DALIGT]
        assert {answer.channel for answer in answers} == {Channel.PHONE}
        assert found(PROMPTS.sound, far.heard()) > 0.6


async def test_a_survey_by_keys_with_a_phone_that_nobody_here_made(
    customer: Customer, start_phone: PhoneMaking, tmp_path: Path
) -> None:
    silence = tmp_path / "silence.wav"
    silence.write_bytes(wav(bytes(16000 * 120)))
    with DebianBaresip(tmp_path / "far", plays=silence) as far:

        def press(entry: Entry) -> None:
            kind, _ = asked(entry)
            if kind:  # not before the question can have been heard
                asyncio.get_running_loop().call_later(1.0, far.do, "sndcode", KEYS[kind])

        report = await called(customer, start_phone, far.address, None, press)
        assert (report.ending, report.disposition) == (Ending.FINISHED, Disposition.COMPLETED)
        assert [answer.rating for answer in await customer.answers()] == [Rating.OK] * 3
    assert found(PROMPTS.sound, far.heard()) > 0.6


async def test_whoever_hangs_up_has_answered_what_they_answered(
    customer: Customer, start_phone: PhoneMaking, tmp_path: Path
) -> None:
    with OurTelephone(tmp_path / "far") as far:

        def reply(entry: Entry) -> None:
            kind, question = asked(entry)
            if kind:
                far.then("hang-up" if question == "tillganglighet" else f"key:{KEYS[kind]}")

        report = await called(customer, start_phone, far.address, None, reply)
        assert report.ending is Ending.HUNG_UP
        assert [answer.rating for answer in await customer.answers()] == [Rating.OK]
