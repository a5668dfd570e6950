"""Models are put in place whole or not at all, and nothing in a zip can reach outside."""

import os
import zipfile
from pathlib import Path

import pytest

from tests.voice.vosk_engine.test_speech_model import STATIC, write_model
from voice.vosk_engine.installing import InstallationError, install, remove
from voice.vosk_engine.speech_model import installed

NAME = "vosk-model-small-sv-rhasspy-0.15"


def zipped(directory: Path, archive: Path, below: str = "") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(directory.rglob("*")):
            file.write(path, f"{below}{path.relative_to(directory)}")
    return archive


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_model(tmp_path / "unpacked" / NAME)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def names(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir())


def test_a_zip_with_the_models_folder_in_it(source: Path, models: Path, tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []
    archive = zipped(source, tmp_path / "download.zip", f"{NAME}/")
    model = install(archive, models, progress=lambda *so_far: done.append(so_far))
    assert (model.name, model.language, model.directory) == (NAME, "sv", models / NAME)
    assert names(models) == [NAME]
    assert done[-1] == (model.bytes, model.bytes)
    assert archive.exists()


def test_a_zip_with_the_files_at_its_top_is_named_after_the_zip(source: Path, models: Path, tmp_path: Path) -> None:
    model = install(zipped(source, tmp_path / "vosk-model-sv-2.zip"), models)
    assert (model.name, names(models)) == ("vosk-model-sv-2", ["vosk-model-sv-2"])


def test_a_directory_is_copied(source: Path, models: Path) -> None:
    install(source, models)
    assert names(models) == [NAME]
    assert (source / "am/final.mdl").exists()


def test_a_name_that_tells_no_language_needs_one(source: Path, models: Path) -> None:
    directory = source.rename(source.parent / "svensk-modell")
    with pytest.raises(InstallationError, match="doesn't tell the model's language: say it with --language"):
        install(directory, models)
    assert install(directory, models, "sv").name == "vosk-model-sv-svensk-modell"
    assert installed(models)[0].language == "sv"


def test_it_is_not_installed_twice(source: Path, models: Path) -> None:
    install(source, models)
    with pytest.raises(InstallationError, match=f"already installed; remove it first: `voice models remove {NAME}`"):
        install(source, models)
    assert names(models) == [NAME]


@pytest.mark.parametrize(
    "member", ["../outside.txt", f"{NAME}/../../outside.txt", "/outside.txt", "C:\\outside.txt", "..\\outside.txt"]
)
def test_what_would_lie_outside_is_refused(source: Path, models: Path, tmp_path: Path, member: str) -> None:
    archive = zipped(source, tmp_path / "model.zip", f"{NAME}/")
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(member, "x")
    with pytest.raises(InstallationError, match="would lie outside the model"):
        install(archive, models)
    assert names(models) == []
    assert not list(tmp_path.rglob("outside.txt"))


def test_a_link_is_refused(source: Path, models: Path, tmp_path: Path) -> None:
    archive = zipped(source, tmp_path / "model.zip", f"{NAME}/")
    link = zipfile.ZipInfo(f"{NAME}/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(InstallationError, match="would lie outside the model"):
        install(archive, models)


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.99])
def test_a_zip_that_is_cut_short(source: Path, models: Path, tmp_path: Path, kept: float) -> None:
    archive = zipped(source, tmp_path / "model.zip", f"{NAME}/")
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(kept if kept > 1 else kept * len(whole))])
    with pytest.raises(InstallationError, match="it may be cut short"):
        install(archive, models)
    assert names(models) == []


def test_a_zip_with_a_damaged_file(source: Path, models: Path, tmp_path: Path) -> None:
    (source / "am/final.mdl").write_bytes(os.urandom(10_000))
    archive = zipped(source, tmp_path / "model.zip", f"{NAME}/")
    damaged = bytearray(archive.read_bytes())
    at = damaged.index(b"final.mdl") + 5_000
    damaged[at : at + 100] = bytes(100)
    archive.write_bytes(damaged)
    with pytest.raises(InstallationError, match="no zip that can be unpacked"):
        install(archive, models)
    assert names(models) == []


def test_a_zip_of_something_else(models: Path, tmp_path: Path) -> None:
    archive = zipped(write_model(tmp_path / "x", STATIC[1:]), tmp_path / "model.zip", f"{NAME}/")
    with pytest.raises(InstallationError, match=r"model\.zip/vosk-model-.*: no Vosk model: am/final.mdl is missing"):
        install(archive, models)


def test_a_zip_that_is_empty(models: Path, tmp_path: Path) -> None:
    with pytest.raises(InstallationError, match=r"final.mdl is missing"):
        install(zipped(tmp_path / "nothing", tmp_path / "empty.zip"), models)


def test_what_a_killed_installation_left_is_swept_away(source: Path, models: Path) -> None:
    write_model(models / ".installing-abc" / NAME)
    write_model(models / ".removing-abc" / NAME)
    assert installed(models) == []
    install(source, models)
    assert names(models) == [NAME]


def test_a_model_is_removed(source: Path, models: Path) -> None:
    install(source, models)
    remove(NAME, models)
    assert names(models) == []


@pytest.mark.parametrize("name", ["vosk-model-sv-2", "", ".", "..", "../models", ".lock"])
def test_only_models_are_removed(source: Path, models: Path, name: str) -> None:
    install(source, models)
    with pytest.raises(InstallationError, match="no model"):
        remove(name, models)
    assert names(models) == [NAME]
