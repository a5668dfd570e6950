"""What kills Vosk's process is done to it on purpose: the call hears of it, and a later utterance works."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.voice.vosk_engine.conftest import KOREAN, QUICK, heard, heard_once_it_is_back
from voice.recognition import RecognizerLostError
from voice.vosk_engine.recognizers import VoskRecognizers
from voice.vosk_engine.speech_model import SpeechModel

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears(korean: SpeechModel, orders: Path) -> AsyncIterator[VoskRecognizers]:
    command = (sys.executable, "-m", "tests.voice.vosk_engine.breaking_worker", str(orders))
    recognizers = VoskRecognizers(korean, KOREAN, QUICK, command)
    await recognizers.start()
    yield recognizers
    await recognizers.close()


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ("grammar_without_words", "killed by signal 11"),
        ("grammar_that_is_no_json", "killed by signal 11"),
        ("set_grammar_after_audio", "killed by signal 6"),
        ("two_threads_on_one_recognizer", "killed by signal"),
        ("out_of_memory", ""),  # an exception, or the end of the process: both may come,
    ],
)
async def test_a_crash_of_vosk_costs_one_utterance(
    ears: VoskRecognizers, orders: Path, order: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    recognizer = await ears.recognizer()
    assert await heard_once_it_is_back(recognizer) == "좋아요"

    orders.write_text(order)  # noqa: ASYNC240 - a few bytes
    with pytest.raises(RecognizerLostError):
        await heard(recognizer)

    assert await heard_once_it_is_back(recognizer) == "좋아요"
    assert told in caplog.text
    await recognizer.close()
