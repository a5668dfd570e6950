"""espeak-ng, by its wheel and by its program where that is installed."""

import shutil

import numpy as np
import pytest

from voice.prompts.shaping import MASTER_RATE, measured
from voice.prompts.synthesis import Espeak, Synthesiser, SynthesisError, espeak_library, find_synthesiser

PROGRAM = shutil.which("espeak-ng")


@pytest.fixture(params=["library", "program"])
def synthesiser(request: pytest.FixtureRequest) -> Synthesiser:
    if request.param == "library":
        return espeak_library()
    if PROGRAM is None:
        pytest.skip("the program espeak-ng is not installed: apt-get install espeak-ng")
    return Espeak((PROGRAM,))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_it_speaks(synthesiser: Synthesiser, language: str) -> None:
    how = measured(synthesiser.speak("Det här är ett automatiskt samtal från Åmåls kommun.", language), MASTER_RATE)
    assert 2 < how.seconds < 7
    assert how.lufs > -35


def test_a_text_is_no_option(synthesiser: Synthesiser) -> None:
    said = synthesiser.speak("-f hemligt.txt --version", "sv")
    assert len(said) > MASTER_RATE
    assert np.abs(said).max() > 0.05


def test_an_unknown_language_is_named(synthesiser: Synthesiser) -> None:
    with pytest.raises(SynthesisError, match="xx-nowhere"):
        synthesiser.speak("Hej!", "xx-nowhere")


def test_one_is_found_here() -> None:
    assert find_synthesiser() is not None
