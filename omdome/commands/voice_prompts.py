"""`voice prompts …`: what the phone says, and how it sounds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import ATTENTION, MISUSE, Problem, config_of, console, escaped, say, say_json

if TYPE_CHECKING:
    from voice.prompts.shaping import Measured
    from voice.prompts.sources import Prompt, PromptFolders

app = typer.Typer(add_completion=False, no_args_is_help=True)

Language = Annotated[
    str, typer.Option("--language", "--lang", help="The language, a folder under locales/. Default: yours.")
]
Keys = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY]...", help="Which prompts; confirm means all of confirm.*.")
]


@app.callback()
def prompts() -> None:
    """What the phone says: your recordings, else those that come with Omdöme, else what espeak-ng says."""


@app.command("list")
def list_prompts(
    ctx: typer.Context,
    keys: Keys = None,
    lang: Language = "",
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Every prompt: where its audio comes from, how long and how loud it is, and whether its text has changed since."""
    folders, found = _prompts(ctx, lang, keys)
    measures = {prompt.key: _measured(prompt) for prompt in found}
    if as_json:
        say_json([_row(prompt, measures[prompt.key]) for prompt in found])
    else:
        _show(found, measures)
        say(f"\n{_summary(found)} [dim]Your recordings go to {escaped(str(folders.studio))}[/]")
    if any(prompt.path is None or prompt.broken for prompt in found):
        raise typer.Exit(ATTENTION)


@app.command()
def render(
    ctx: typer.Context,
    keys: Keys = None,
    lang: Language = "",
    force: Annotated[bool, typer.Option("--force", help="Also what has good audio already.")] = False,
) -> None:
    """Say with espeak-ng what has no audio, or says an old text. Your recordings are kept, and used first."""
    from voice.prompts.sources import Source
    from voice.prompts.synthesis import GET_ESPEAK, SynthesisError, find_synthesiser
    from voice.prompts.synthesis import render as rendered

    folders, found = _prompts(ctx, lang, keys)
    wanted = [prompt for prompt in found if force or prompt.path is None]
    if not wanted:
        say(f"Nothing to render: {_summary(found)}")
        return
    synthesiser = find_synthesiser()
    if synthesiser is None:
        raise Problem(f"{_number(len(wanted))} to render, but espeak-ng is not installed: {GET_ESPEAK}")
    from rich.progress import track

    try:
        for prompt in track(wanted, "Rendering", console=console(stderr=True)):
            rendered(prompt, folders, synthesiser)
    except (SynthesisError, OSError) as error:
        raise Problem(f"{prompt.key}: {error}") from error
    say(f"{_number(len(wanted))} rendered into {escaped(str(folders.cache))}.")
    if hidden := [prompt.key for prompt in wanted if prompt.source in (Source.STUDIO, Source.SHIPPED)]:
        say(f"[dim]{len(hidden)} of them have other audio, which is used first.[/]")


@app.command()
def record(
    ctx: typer.Context,
    keys: Keys = None,
    lang: Language = "",
    every: Annotated[
        bool, typer.Option("--all", help="Also what you have recorded and that still says its text.")
    ] = False,
) -> None:
    """Record prompts with the microphone: each is shown, recorded, played back, and kept or done again."""
    from omdome.prompt_recording import record_prompts
    from voice.audio_files import AudioFileError
    from voice.lines.sound_devices import SoundcardError, chosen
    from voice.prompts.importing import make_studio
    from voice.prompts.recording import SoundcardStudio
    from voice.prompts.sources import Source

    folders, found = _prompts(ctx, lang, keys)
    wanted = [prompt for prompt in found if every or keys or prompt.stale or prompt.source is not Source.STUDIO]
    if not wanted:
        say("Every prompt is recorded, and says its text. --all records them again.")
        return
    try:
        make_studio(folders)
    except AudioFileError as error:
        raise Problem(str(error)) from error
    sound = config_of(ctx).voice
    studio = SoundcardStudio(chosen(sound.input_device), chosen(sound.output_device))
    try:
        kept = record_prompts(wanted, folders, studio, console().input)
    except SoundcardError as error:
        raise Problem(str(error)) from error
    except EOFError:
        raise Problem("recording needs a terminal, where Enter starts and stops it") from None
    say(f"{_number(kept)} recorded into {escaped(str(folders.studio))}.")


@app.command("import")
def import_prompts(
    ctx: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, help="Recordings named by their prompts, <key>.wav or .mp3 …, or folders of them."),
    ],
    key: Annotated[str, typer.Option(metavar="KEY", help="Which prompt it is, for one file of another name.")] = "",
    lang: Language = "",
    force: Annotated[
        bool, typer.Option("--force", help="Also what holds no speech, or is far too long for its text.")
    ] = False,
) -> None:
    """Make recordings (WAV, MP3, OGG, M4A, FLAC) your prompts: trimmed, -23 LUFS, telephone band, 8 and 16 kHz."""
    from voice.audio_files import AudioFileError
    from voice.prompts.importing import import_recording, make_studio

    folders, found = _prompts(ctx, lang, None)
    texts = {prompt.key: prompt.text for prompt in found}
    recordings = [inner for file in files for inner in (sorted(file.iterdir()) if file.is_dir() else [file])]
    recordings = [file for file in recordings if file.is_file() and file.suffix.lower() != ".txt"]
    if key and len(recordings) != 1:
        raise Problem(f"--key names one prompt, but there are {len(recordings)} files", MISUSE)
    try:
        make_studio(folders)
    except AudioFileError as error:
        raise Problem(str(error)) from error
    failed = 0
    for file in recordings:
        name = key or file.stem
        try:
            if name not in texts:
                raise AudioFileError(f"{file}: there is no prompt {name!r}. {_near(name, list(texts))}")
            how = import_recording(file, name, texts[name], folders, force=force)
        except AudioFileError as error:
            failed += 1
            console(stderr=True).print(f"[red]✗[/] {escaped(str(error))}")
            continue
        faults = "".join(f"\n    [yellow]{escaped(complaint)}[/]" for complaint in how.complaints)
        say(f"[green]✓[/] {escaped(name)}  [dim]{how.seconds:.1f} s, {how.lufs:.0f} LUFS before[/]{faults}")
    say(f"{len(recordings) - failed} of {len(recordings)} imported into {escaped(str(folders.studio))}.")
    if failed:
        raise typer.Exit(ATTENTION)


def _prompts(ctx: typer.Context, lang: str, keys: list[str] | None) -> tuple["PromptFolders", list["Prompt"]]:
    """The folders of a language and its prompts, or those that are asked for."""
    from omdome.calls import prompt_folders_of
    from omdome.texts import TextsError, load_texts
    from voice.prompts.library import wordings_of
    from voice.prompts.sources import find_prompts

    config = config_of(ctx)
    language = lang or config.organisation.language
    try:
        wordings = wordings_of(load_texts(language), config.organisation.name)
    except TextsError as error:
        raise Problem(str(error), MISUSE) from error
    folders = prompt_folders_of(config, language)
    found = find_prompts(wordings, folders)
    if not keys:
        return folders, found
    for key in keys:
        if not any(_is_of(prompt.key, key) for prompt in found):
            raise Problem(f"there is no prompt {key!r}. {_near(key, list(wordings))}", MISUSE)
    return folders, [prompt for prompt in found if any(_is_of(prompt.key, key) for key in keys)]


def _is_of(key: str, asked: str) -> bool:
    return key == asked or key.startswith(asked + ".")


def _near(key: str, keys: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, keys, n=1)
    return f"Did you mean {near[0]!r}?" if near else "`python -m omdome voice prompts list` shows them"


def _measured(prompt: "Prompt") -> "Measured | None":
    from voice.audio_files import AudioFileError, read_audio
    from voice.prompts.shaping import PHONE_RATE, measured
    from voice.prompts.synthesis import samples_of

    if prompt.path is None:
        return None
    try:
        return measured(samples_of(read_audio(prompt.path)), PHONE_RATE)
    except AudioFileError:  # one of ours; yours are passed over when they are broken
        return None


def _row(prompt: "Prompt", how: "Measured | None") -> dict[str, object]:
    return {
        "key": prompt.key,
        "text": prompt.text,
        "source": prompt.source,
        "stale": prompt.stale,
        "broken": prompt.broken or None,
        "file": str(prompt.path) if prompt.path else None,
        "seconds": round(how.seconds, 2) if how else None,
        "lufs": round(how.lufs, 1) if how else None,
        "peak_dbfs": round(how.peak_dbfs, 1) if how else None,
    }


def _show(found: list["Prompt"], measures: dict[str, "Measured | None"]) -> None:
    from rich.table import Table

    table = Table("Prompt", "Text", "Audio", box=None, pad_edge=False)
    table.add_column("Seconds", justify="right")
    table.add_column("LUFS", justify="right")
    for prompt in found:
        how = measures[prompt.key]
        source = "[red]missing[/]" if how is None else str(prompt.source)
        if prompt.broken:
            source += f" [red](broken: {escaped(prompt.broken)})[/]"
        if prompt.stale:
            source += " [yellow](stale: the text has changed since)[/]"
        length, level = (f"{how.seconds:.1f}", f"{how.lufs:.1f}") if how else ("", "")
        table.add_row(escaped(prompt.key), escaped(prompt.text), source, length, level)
    console().print(table)


def _number(prompts: int) -> str:
    return f"{prompts} prompt" if prompts == 1 else f"{prompts} prompts"


def _summary(found: list["Prompt"]) -> str:
    from collections import Counter

    counts = Counter(str(prompt.source) for prompt in found)
    return f"{_number(len(found))}: " + ", ".join(f"{number} {source}" for source, number in counts.items()) + "."
