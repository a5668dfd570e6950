"""Which engine hears a call, and what happens where it can't be had."""

from pathlib import Path

import pytest

from omdome.calls import engine_of, open_recognizers
from omdome.config import Config, parse_config
from omdome.console import Problem
from tests.omdome.conftest import Installation
from tests.omdome.test_call_command import held_call
from voice.answer_words.engine import AnswerWordsEngine

MODEL = "vosk-model-small-sv-rhasspy-0.15"


def installation_of(folder: Path, engine: str) -> Config:
    config = parse_config(f'[voice]\nengine = "{engine}"')
    config._home = folder
    return config


def with_a_model_that_does_not_load(folder: Path) -> None:
    model = folder / "data" / "speech_models" / MODEL
    for name in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/HCLG.fst", "graph/words.txt"):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_text("--sample-frequency=16000\n")


def test_a_language_that_the_configured_engine_does_not_know_goes_by_keypad(installation: Installation) -> None:
    installation.configure('[voice]\nengine = "answer_words"\n')
    assert engine_of(installation_of(installation.folder, "answer_words"), "en") is None
    held = held_call(installation, "--language", "en", "--replies", "key:1", "key:1", "key:1")
    assert [answer["rating"] for answer in held["answers"]] == ["bra"] * 3


async def test_an_engine_asked_for_by_name_is_that_or_a_problem(tmp_path: Path) -> None:
    for engine, language, said in (("answer_words", "en", "knows Swedish only"), ("vosk", "en", "voice models add")):
        with pytest.raises(Problem, match=said):
            async with open_recognizers(installation_of(tmp_path, "auto"), language, engine):
                pass


async def test_swedish_is_heard_though_the_model_does_not_load(tmp_path: Path) -> None:
    with_a_model_that_does_not_load(tmp_path)
    config = installation_of(tmp_path, "auto")
    assert engine_of(config, "sv") == "vosk"
    async with open_recognizers(config, "sv") as recognizers:
        assert isinstance(recognizers, AnswerWordsEngine)
