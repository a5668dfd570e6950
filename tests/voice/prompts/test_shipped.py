"""The audio that comes with Omdöme: all of it, of what the texts say today, and fit to be heard."""

import pytest

from omdome.config import Config
from omdome.texts import load_texts
from voice.audio_files import read_audio
from voice.prompts.library import load_prompts, wordings_of
from voice.prompts.shaping import PHONE_RATE, measured
from voice.prompts.sources import SHIPPED, PromptFolders, Source, find_prompts
from voice.prompts.synthesis import samples_of

LANGUAGES = ("sv", "en")
MOST_BYTES = 7_000_000


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def prompts(language: str) -> tuple[dict[str, str], PromptFolders]:
    nowhere = SHIPPED / "none"
    return wordings_of(load_texts(language), Config().organisation.name), PromptFolders.of(language, nowhere, nowhere)


def test_a_fresh_machine_needs_no_synthesis(language: str) -> None:
    """A text was changed and this fails? `tools/prompts/render.py` renders it anew."""
    wordings, folders = prompts(language)
    others = [prompt.key for prompt in find_prompts(wordings, folders) if prompt.source is not Source.SHIPPED]
    assert others == []
    library = load_prompts(wordings, folders)
    assert library.text("identification") == wordings["identification"]


def test_every_prompt_is_level_whole_and_as_long_as_its_text(language: str) -> None:
    wordings, folders = prompts(language)
    for prompt in find_prompts(wordings, folders):
        assert prompt.path is not None
        how = measured(samples_of(read_audio(prompt.path)), PHONE_RATE)
        assert how.lufs == pytest.approx(-23, abs=1), prompt.key
        assert how.peak_dbfs < -2.8, prompt.key
        assert how.clipped == 0, prompt.key
        letters_a_second = len(prompt.text) / how.seconds
        assert 4 < letters_a_second < 22, prompt.key


def test_no_file_is_left_over(language: str) -> None:
    wordings, folders = prompts(language)
    assert {file.stem for file in folders.shipped.glob("*.wav")} == set(wordings)


def test_the_whole_is_small() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.rglob("*.wav")) < MOST_BYTES


def test_the_licence_is_beside_the_audio() -> None:
    notice = (SHIPPED / "NOTICE.md").read_text("utf-8")
    assert "Apache" in notice
    assert "Kokoro-82M" in notice
