"""`cases`: closed cases in, decisions, and draws that can be checked."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from omdome.console import (
    ATTENTION,
    MISUSE,
    Problem,
    config_of,
    console,
    credentials,
    escaped,
    run_async,
    say,
    say_json,
)

if TYPE_CHECKING:
    from rich.progress import Progress

    from intake.files import CaseFile
    from models.selection import StoredDraw
    from omdome.imports import FileReport, OnRead
    from workflow.selecting import SelectionReport

app = typer.Typer(add_completion=False, help="Import closed cases, decide who is asked, check draws.")

_PROBLEMS_SHOWN = 50
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


@app.command("import")
def import_(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="CSV or JSON Lines exports of the case system.")],
    kind: Annotated[
        Literal["auto", "csv", "jsonl"], typer.Option("--format", help="Default: as the file's name says.")
    ] = "auto",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check only; store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import closed cases. A second run of the same file changes nothing.

    Exit code: 0 every row went in, 1 some could not be used, 2 a file could not be read at all.
    """
    suffix = "" if kind == "auto" else f".{kind}"
    with _progress() as bar:
        reports = run_async(_import_all(ctx, files, suffix, dry_run, _moving(bar)))
    if as_json:
        say_json({"dry_run": dry_run, "files": [report.plain() for report in reports]})
    else:
        for report in reports:
            _show_import(report)
    if any(report.unusable for report in reports):
        raise typer.Exit(MISUSE)
    raise typer.Exit(ATTENTION if any(report.bad_rows for report in reports) else 0)


async def _import_all(
    ctx: typer.Context, files: list[Path], suffix: str, dry_run: bool, on_read: "OnRead"
) -> list["FileReport"]:
    from omdome.imports import import_file
    from omdome.policies import columns_of, row_rules_of
    from omdome.wiring import SystemClock, open_application

    config = config_of(ctx)
    columns, rules = columns_of(config), row_rules_of(config, SystemClock().now())
    if dry_run:
        return [await import_file(None, path, columns, rules, suffix=suffix, on_read=on_read) for path in files]
    async with open_application(config, credentials()) as opened:
        return [await import_file(opened.store, path, columns, rules, suffix=suffix, on_read=on_read) for path in files]


def _progress() -> "Progress":
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    screen = console(stderr=True)
    return Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)


def _moving(bar: "Progress") -> "OnRead":
    tasks = {}

    def on_read(cases: "CaseFile", position: int) -> None:
        if cases not in tasks:
            tasks[cases] = bar.add_task(escaped(cases.name), total=cases.size)
        bar.update(tasks[cases], completed=position)

    return on_read


def _show_import(report: "FileReport") -> None:
    name = escaped(report.file)
    if report.unusable:
        say(f"[red]✗[/] {name}: {escaped(report.unusable)}")
        return
    encoding = "Windows-1252" if report.encoding == "cp1252" else "UTF-8"
    mark = "[red]✗[/]" if report.bad_rows else "[green]✓[/]"
    say(f"{mark} {name} ({encoding}): {report.good_rows + report.bad_rows} rows")
    if report.stored is None:
        say(f"    {report.good_rows} can be imported (dry run: nothing was stored)")
    else:
        for change, number in report.stored.items():
            if number:
                say(f"    {number} {change.value.replace('_', ' ')}")
    if report.bad_rows:
        say(f"    {report.bad_rows} could not be used:")
    for problem in report.problems[:_PROBLEMS_SHOWN]:
        say(f"      {escaped(str(problem))}")
    if report.bad_rows > _PROBLEMS_SHOWN:
        say(f"      … and {report.bad_rows - _PROBLEMS_SHOWN} more (--json shows the first 1000)")


@app.command()
def decide(
    ctx: typer.Context,
    now: Annotated[
        str, typer.Option(help="Decide as if it were then, such as 2026-12-01T06:00. For a fixed number: is it over?")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Decide about the imported cases: who is asked, who is not, and why. The running service does it by itself."""
    with console(stderr=True).status("deciding …"):
        report = run_async(_decide(ctx, now))
    if as_json:
        say_json(report.plain())
        return
    say(f"{report.asked} asked, {report.in_chat} of them in a chat that we already know")
    for reason, number in report.not_asked.items():
        if number:
            say(f"    {number} not asked: {reason.value.replace('_', ' ')}")
    if report.waiting:
        say(f"    {report.waiting} wait until their week or month is over")
    if report.draws:
        say(f"    {report.draws} draws stored; see: python -m omdome cases draws")
    if report.asked > report.in_chat:
        say("Links for the others: python -m omdome invitations export")


async def _decide(ctx: typer.Context, now: str) -> "SelectionReport":
    from omdome.deciding import decide_now
    from omdome.wiring import open_application

    config = config_of(ctx)
    at = _moment(now, config.organisation.timezone) if now else None
    async with open_application(config, credentials()) as opened:
        return await decide_now(opened, at or opened.clock.now())


def _moment(text: str, zone: object) -> datetime:
    from datetime import UTC, tzinfo

    assert isinstance(zone, tzinfo)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Problem(f'--now "{text}": write a local time such as 2026-12-01T06:00', MISUSE) from None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


@app.command()
def draws(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the stored draws."""
    found = run_async(_draws(ctx))
    if as_json:
        say_json([_plain_draw(stored) for stored in found])
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), header_style="bold")
    for heading in ("number", "drawn at", "method", "period", "unit", "drawn", "of", "seed", "frame's hash"):
        table.add_column(heading)
    for stored in found:
        draw = stored.draw
        drawn_at = draw.drawn_at.isoformat(timespec="minutes")
        cells = (stored.number, drawn_at, draw.method.value, draw.period, draw.unit, draw.drawn, draw.frame_size)
        table.add_row(*(escaped(str(cell)) for cell in cells), escaped(draw.seed), draw.frame_hash[:12])
    console().print(table)


async def _draws(ctx: typer.Context) -> list["StoredDraw"]:
    from omdome.wiring import open_application

    async with open_application(config_of(ctx), credentials()) as opened, opened.store.look() as tx:
        return await tx.draws()


def _plain_draw(stored: "StoredDraw") -> dict[str, object]:
    from dataclasses import asdict

    return {"number": stored.number, **asdict(stored.draw), "drawn_at": stored.draw.drawn_at.isoformat()}


@app.command()
def redraw(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="The draw's number; see `cases draws`.")],
    check: Annotated[bool, typer.Option("--check", help="Say only whether it was drawn as stored.")] = False,
    as_json: AsJson = False,
) -> None:
    """Redo a draw from what is stored: its seed and its frame. docs/adr/0006-selection.md says how to do it by hand.

    Exit code: 0 it was drawn as stored, 1 it wasn't, or cases of its frame have been deleted since.
    """
    from omdome.deciding import redo

    found = run_async(redo(config_of(ctx), credentials(), number))
    if as_json:
        frame = [{"key": key, "drawn": key in found.drawn} for key in found.frame]
        say_json({**_plain_draw(found.stored), "faults": found.faults, "frame": frame})
    else:
        if not check:
            for key in sorted(found.drawn):
                typer.echo(key)  # as it stands: its tab is part of it
        for fault in found.faults:
            console(stderr=True).print(f"[red]✗[/] draw {number}: {escaped(fault)}")
        if not found.faults:
            draw = found.stored.draw
            told = f"[green]✓[/] draw {number}: {draw.drawn} of {draw.frame_size}, as stored"
            console(stderr=not check).print(told)
    raise typer.Exit(ATTENTION if found.faults else 0)
