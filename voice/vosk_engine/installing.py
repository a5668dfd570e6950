"""Models put in place and taken away: whole or not at all, whatever happens in between."""

import re
import shutil
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from voice.vosk_engine.speech_model import NoModelError, SpeechModel, inspect, language_of

Progress = Callable[[int, int], None]  #: told how many bytes of how many are in place

_STAGING = ".installing-"
_LEAVING = ".removing-"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MOST_FILES = 10_000
_SPARE = 50_000_000  #: bytes that are to stay free


class InstallationError(Exception):
    """A model can't be installed or removed. The message says why; nothing has changed."""


def install(
    source: Path,
    models_dir: Path,
    language: str = "",
    progress: Progress = lambda _done, _all: None,
    check: Callable[[SpeechModel], None] = lambda _model: None,
) -> SpeechModel:
    """Put the model in `source`, a zip or a directory, into `models_dir`.

    `language` is needed where the model's name doesn't tell. `check` is called with the model before it is put in
    place, and refuses it with NoModelError. Raises InstallationError. One at a time: the caller holds
    a lock on `models_dir`. What an earlier one left behind when it was killed is removed.
    """
    _sweep(models_dir)
    models_dir.mkdir(parents=True, exist_ok=True)
    staging = Path(mkdtemp(prefix=_STAGING, dir=models_dir))
    try:
        put = _copy if source.is_dir() else _unpack
        put(source, staging / _name_of(source), progress)
        model = _found(staging / _name_of(source), source)
        name = _final_name(model.directory.name, language)
        target = models_dir / name
        if target.exists():
            raise InstallationError(f"{name} is already installed; remove it first: `voice models remove {name}`")
        check(model)
        model.directory.rename(target)
    except NoModelError as error:
        raise InstallationError(str(error).replace(str(model.directory), str(source))) from error
    except OSError as error:
        raise InstallationError(f"{error.filename or models_dir}: {error.strerror}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return replace(model, directory=target, name=name, language=language_of(name))


def remove(name: str, models_dir: Path) -> None:
    """Take away an installed model. Raises InstallationError where there is none of that name."""
    directory = models_dir / name
    if not _NAME.fullmatch(name) or not directory.is_dir():
        raise InstallationError(f"no model {name!r} in {models_dir}")
    leaving = Path(mkdtemp(prefix=_LEAVING, dir=models_dir))
    directory.rename(leaving / name)  # gone at once, also where deleting it is interrupted
    shutil.rmtree(leaving, ignore_errors=True)


def _sweep(models_dir: Path) -> None:
    for prefix in (_STAGING, _LEAVING):
        for left in models_dir.glob(prefix + "*"):
            shutil.rmtree(left, ignore_errors=True)


def _found(directory: Path, source: Path) -> SpeechModel:
    """The model in `directory`: right there, or in a directory of its own, as zips have it."""
    inner = [each for each in sorted(directory.iterdir()) if each.is_dir()]
    try:
        return inspect(inner[0] if len(inner) == 1 else directory)
    except NoModelError as error:
        raise InstallationError(str(error).replace(str(directory), str(source))) from error


def _final_name(own: str, language: str) -> str:
    """What its directory is to be called: its own name, where it tells the language."""
    if language and language_of(own) != language:
        own = f"vosk-model-{language}-{own}"
    if not _NAME.fullmatch(own):
        raise InstallationError(f"{own!r} is no name for a model: rename it to something like vosk-model-sv-1")
    if not language_of(own):
        raise InstallationError(f"the name {own!r} doesn't tell the model's language: say it with --language")
    return own


def _name_of(source: Path) -> str:
    resolved = source.resolve()
    return resolved.parent.name if resolved.name == "model" else resolved.name.removesuffix(".zip")


def _copy(source: Path, target: Path, progress: Progress) -> None:
    try:
        whole = inspect(source).bytes
    except NoModelError as error:
        raise InstallationError(str(error)) from error
    _require_room(target.parent, whole)
    done = 0

    def copy(file: str, to: str) -> str:
        nonlocal done
        shutil.copyfile(file, to)
        done += Path(to).stat().st_size
        progress(done, whole)
        return to

    shutil.copytree(source, target, copy_function=copy)


def _unpack(source: Path, target: Path, progress: Progress) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            for member in members:
                _require_harmless(member, source)
            if len(members) > _MOST_FILES:
                raise InstallationError(f"{source}: {len(members)} files; a model has a few dozen")
            whole = sum(member.file_size for member in members)
            _require_room(target.parent, whole)
            target.mkdir()
            done = 0
            for member in members:
                archive.extract(member, target)
                done += member.file_size
                progress(done, whole)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InstallationError(f"{source}: no zip that can be unpacked ({error}); it may be cut short") from error


def _require_harmless(member: zipfile.ZipInfo, source: Path) -> None:
    """Refuse what would come to lie outside, or be a link to there."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or ":" in member.filename
    if outside or stat.S_ISLNK(member.external_attr >> 16):
        raise InstallationError(f"{source}: refused, for {member.filename!r} would lie outside the model")


def _require_room(directory: Path, more: int) -> None:
    free = shutil.disk_usage(directory).free
    if free < more + _SPARE:
        raise InstallationError(f"{directory.parent}: {free / 1e6:,.0f} MB free, {more / 1e6:,.0f} MB needed")
