"""`voice models …`: the Vosk models that calls are heard with."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import MISUSE, Problem, config_of, console, escaped, run_async, say, say_json

if TYPE_CHECKING:
    from rich.progress import Progress

    from voice.vosk_engine.catalogue import PublicModel
    from voice.vosk_engine.speech_model import SpeechModel

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def models() -> None:
    """Speech models for the engine `vosk`: what is installed, and how to get one."""


@app.command("list")
def list_(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Show the installed models, and which one hears callers of each language.

    A grammar model listens for the words that answer a question; a free one writes down all it hears. Both transcribe
    comments.
    """
    from voice.vosk_engine.speech_model import installed

    folder = _folder(ctx)
    found = installed(folder)
    rows = [_row(model, used=_is_first(model, found)) for model in found]
    if as_json:
        say_json(rows)
        return
    if not rows:
        say(f"No speech model in {escaped(str(folder))}. Swedish: `python -m omdome voice models fetch sv`.")
        return
    from rich.table import Table

    table = Table("model", "language", "words", "rate", "size", "used", box=None, pad_edge=False)
    for row in rows:
        used = f"for {row['language']}" if row["used"] else ""
        size = f"{int(str(row['bytes'])) / 1e6:.0f} MB"
        table.add_row(str(row["name"]), str(row["language"]), str(row["words"]), f"{row['rate']} Hz", size, used)
    console().print(table)


@app.command()
def fetch(
    ctx: typer.Context,
    language: Annotated[str, typer.Argument(help="sv: the public Swedish model, 304 MB, MIT licence.")],
) -> None:
    """Download a language's public model, check it and install it.

    When it is interrupted, the same command goes on from there. The address of a copy of your own goes into
    \\[voice] model_mirror_url.
    """
    from voice.vosk_engine.catalogue import PUBLIC_MODELS, public_model
    from voice.vosk_engine.download import DownloadError, Wanted, download

    wanted = public_model(language)
    if wanted is None:
        known = ", ".join(model.language for model in PUBLIC_MODELS)
        raise Problem(
            f"no public model of {language!r} is known here, only of {known}; "
            "get one by hand and give it to `voice models add`",
            MISUSE,
        )
    folder = _folder(ctx)
    address = wanted.address(config_of(ctx).voice.model_mirror_url)
    with _alone(folder):
        if (folder / wanted.name).is_dir():
            say(f"{wanted.name} is already installed.")
            return
        archive = folder / ".downloads" / f"{wanted.name}.zip"
        try:
            if not archive.exists():
                with _progress() as progress:
                    task = progress.add_task(wanted.name, total=wanted.bytes)
                    run_async(
                        download(
                            Wanted(address=address, bytes=wanted.bytes, sha256=wanted.sha256),
                            archive,
                            lambda done: progress.update(task, completed=done),
                        )
                    )
        except DownloadError as error:
            raise Problem(f"{error}\n{_by_hand(wanted)}") from error
        _install(archive, folder, "")
        archive.unlink()


@app.command()
def add(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(help="A model's zip or unpacked directory.")],
    language: Annotated[str, typer.Option(help="Such as sv, where the model's name doesn't tell.")] = "",
) -> None:
    """Install a Vosk model that you have."""
    from voice.vosk_engine.catalogue import PUBLIC_MODELS
    from voice.vosk_engine.download import Wanted, is_file

    if not path.exists():
        raise Problem(f"{path}: no such file or directory", MISUSE)
    folder = _folder(ctx)
    public = next((model for model in PUBLIC_MODELS if path.name == f"{model.name}.zip"), None)
    if public and not is_file(path, Wanted(address="", bytes=public.bytes, sha256=public.sha256)):
        raise Problem(
            f"{path}: not the published {path.name} of {public.bytes:,} bytes: cut short or changed. "
            f"sha256 should be {public.sha256}"
        )
    with _alone(folder):
        _install(path, folder, language)


@app.command()
def remove(ctx: typer.Context, name: Annotated[str, typer.Argument(help="As `voice models list` shows it.")]) -> None:
    """Delete an installed model."""
    from voice.vosk_engine.installing import InstallationError
    from voice.vosk_engine.installing import remove as take_away

    folder = _folder(ctx)
    with _alone(folder):
        try:
            take_away(name, folder)
        except InstallationError as error:
            raise Problem(str(error), MISUSE) from error
    say(f"{escaped(name)} is removed.")


def _install(source: Path, folder: Path, language: str) -> None:
    from voice.vosk_engine.installing import InstallationError, install
    from voice.vosk_engine.trial import load_once

    try:
        with _progress() as progress:
            task = progress.add_task("unpacking", total=None)

            def check(model: "SpeechModel") -> None:
                progress.update(task, description="trying it out")
                run_async(load_once(model))

            model = install(
                source, folder, language, lambda done, whole: progress.update(task, completed=done, total=whole), check
            )
    except InstallationError as error:
        raise Problem(str(error)) from error
    say(f"{model.name} is installed and will be used for {model.language!r} from the next start.")


def _folder(ctx: typer.Context) -> Path:
    config = config_of(ctx)
    return config.path(config.voice.speech_models_dir)


def _row(model: "SpeechModel", *, used: bool) -> dict[str, object]:
    return {
        "name": model.name,
        "language": model.language,
        "words": "grammar" if model.dynamic else "free",
        "rate": model.rate,
        "bytes": model.bytes,
        "used": used,
        "directory": str(model.directory),
    }


def _is_first(model: "SpeechModel", found: list["SpeechModel"]) -> bool:
    return bool(model.language) and next(each for each in found if each.language == model.language) == model


def _by_hand(wanted: "PublicModel") -> str:
    return (
        f"By hand: download {wanted.address()} ({wanted.bytes:,} bytes) where that works, bring it here, and run\n"
        f"  python -m omdome voice models add {wanted.name}.zip\n"
        "Or set [voice] model_mirror_url to the address of a copy that this machine can reach."
    )


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One change of the folder at a time, on this machine."""
    from omdome.only_one import TakenError, only_one

    try:
        with only_one(folder / ".lock"):
            yield
    except TakenError as error:
        raise Problem(f"another `voice models` command is at work: {error}") from error
    except OSError as error:
        raise Problem(f"{error.filename or folder}: can't be written ({error.strerror})") from error


def _progress() -> "Progress":
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console(stderr=True), transient=True)
