"""`voice recordings …`: recorded calls, which are somebody's voice."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from omdome.console import MISUSE, Problem, config_of, console, credentials, run_async, say, say_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import tzinfo

    from omdome.config import Config
    from omdome.recordings import Recorded
    from omdome.wiring import Application

    Chosen = list[tuple[Recorded, str]]

Found = TypeVar("Found")

app = typer.Typer(add_completion=False, no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="As `list` shows them.")]
Case = Annotated[str, typer.Option("--case", metavar="ID", help="All about this case, as the case system has it.")]


@app.callback()
def recordings() -> None:
    """Calls that were recorded, after a yes of those who were called: to listen to, to give out, to delete."""


@app.command("list")
def list_recordings(
    ctx: typer.Context,
    names: Names = None,
    case_id: Case = "",
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Which there are, about which case, and until when they are kept."""
    config = config_of(ctx)
    rows = [_row(each, case, config) for each, case in _chosen(config, names, case_id)]
    if as_json:
        say_json(rows)
    elif rows:
        _show(rows, config.organisation.timezone)
    else:
        on = "" if config.voice.recording else ", and none is made: [voice] recording = false"
        say(f"There are no recordings{on}.".replace("[", "\\["))


@app.command()
def export(
    ctx: typer.Context,
    to: Annotated[Path, typer.Option("--to", "-o", help="A folder; made if there is none.", show_default=False)],
    names: Names = None,
    case_id: Case = "",
) -> None:
    """Copy the sound (WAV: we to the left, the caller to the right) and the transcripts, for their owner alone.

    Whoever gets a copy answers for it: nothing deletes it by rule.
    """
    chosen = _named(config_of(ctx), names, case_id)
    for recorded, _ in chosen:
        for file in (recorded.sound, recorded.words):
            if file.exists():
                _copy(file, to / file.name)
    say(f"{_count(len(chosen))} copied to {to}".replace("[", "\\["))


@app.command()
def delete(
    ctx: typer.Context,
    names: Names = None,
    case_id: Case = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Delete recordings, with their transcripts; the answers stay. `erase` deletes all that is a person's."""
    config = config_of(ctx)
    chosen = _named(config, names, case_id)
    if not yes:
        typer.confirm(f"Delete {_count(len(chosen))}? It can't be undone.", abort=True)
    from omdome.recordings import delete as delete_recordings

    async def gone(opened: "Application") -> int:
        return await delete_recordings(opened, [recorded for recorded, _ in chosen])

    say(f"Deleted: {_count(_opened(config, gone))}")


def _named(config: "Config", names: list[str] | None, case_id: str) -> "Chosen":
    """Those that were asked for by name or case; a Problem where nothing was, or one isn't there."""
    if not names and not case_id:
        raise Problem("say which recordings: by NAME, or all about one case with --case ID", MISUSE)
    chosen = _chosen(config, names, case_id)
    if not chosen:
        raise Problem(f"--case {case_id}: there is no recording of a call about it")
    return chosen


def _chosen(config: "Config", names: list[str] | None, case_id: str) -> "Chosen":
    """Each with the case that it is about, "" where nobody knows any more."""
    from omdome.recordings import case_of
    from omdome.recordings import recordings as all_recordings

    async def read(opened: "Application") -> "Chosen":
        async with opened.store.look() as tx:
            return [(each, await case_of(tx, each)) for each in all_recordings(opened)]

    found = _opened(config, read)
    if missing := set(names or ()) - {each.name for each, _ in found}:
        raise Problem(f"{', '.join(sorted(missing))}: there is no such recording; `voice recordings list` shows all")
    return [
        (each, case) for each, case in found if (not names or each.name in names) and (not case_id or case == case_id)
    ]


def _opened(config: "Config", work: "Callable[[Application], Awaitable[Found]]") -> Found:
    from omdome.wiring import open_application

    async def run() -> Found:
        async with open_application(config, credentials()) as opened:
            return await work(opened)

    return run_async(run())


def _row(recorded: "Recorded", case_id: str, config: "Config") -> dict[str, Any]:
    from omdome.recordings import kept_until

    return {
        "name": recorded.name,
        "began": recorded.began,
        "seconds": round(recorded.seconds, 1),
        "case_id": case_id,
        "kept_until": kept_until(recorded, config),
    }


def _show(rows: list[dict[str, Any]], zone: "tzinfo") -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), header_style="bold")
    for heading in ("recording", "begun", "seconds", "case", "kept until"):
        table.add_column(heading)
    for row in rows:
        began, until = (f"{row[moment].astimezone(zone):%Y-%m-%d %H:%M}" for moment in ("began", "kept_until"))
        table.add_row(row["name"], began, f"{row['seconds']:.0f}", row["case_id"] or "?", until)
    console().print(table)


def _copy(file: Path, to: Path) -> None:
    from omdome.call_files import write_private

    if to.exists():
        raise Problem(f"{to}: exists, and is not overwritten; name another folder with --to", MISUSE)
    try:
        write_private(to, file.read_bytes())
    except OSError as error:
        raise Problem(f"{to}: can't be written ({error.strerror})") from error


def _count(number: int) -> str:
    return f"{number} recording" if number == 1 else f"{number} recordings"
