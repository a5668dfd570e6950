"""`status`: how it fares, for people and for scripts."""

from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import ATTENTION, Problem, config_of, console, credentials, escaped, run_async, say, say_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omdome.state import State


def status(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    seen: Annotated[bool, typer.Option(help="You have looked at the failures: only new ones need attention.")] = False,
) -> None:
    """Show queues, failures, answers and the next digest.

    Exit code: 0 all is well, 1 something needs attention, 2 the configuration doesn't hold.
    """
    from omdome.policies import database_file_of
    from omdome.state import mark_seen, read_state
    from omdome.wiring import open_application

    async def read() -> "State":
        async with open_application(config_of(ctx), credentials()) as opened:
            if seen:
                await mark_seen(opened)
            return await read_state(opened)

    file = database_file_of(config_of(ctx))
    if file is not None and not file.exists():
        raise Problem(f"there is no database {file} yet; `run`, or `cases import`, makes it")
    state = run_async(read())
    if as_json:
        say_json(state.plain())
    else:
        _show(state)
    raise typer.Exit(ATTENTION if state.attention else 0)


def _show(state: "State") -> None:
    from rich.table import Table

    running = ", ".join(f"{role} (last sign of life {beat})" for role, beat in state.running.items())
    rows = [
        ("service", running or "has not run yet"),
        ("last from Telegram", state.last_update or "nothing yet"),
        ("last 14 days", ", ".join(f"{count} {name}" for name, count in state.survey.items())),
        ("last 7 days' contacts", _contacts(state.contacts)),
        ("next contact", state.contact_next or "nobody waits for one"),
        ("answers this week", str(state.answers_this_week)),
        ("next digest", state.digest_next or "off"),
        ("last retention run", state.last_purge or "not yet"),
    ]
    if state.database_bytes is not None and state.free_disk_bytes is not None:
        free = f"{state.free_disk_bytes / 1e9:.1f} GB free"
        rows.append(("database", f"{state.database_bytes / 1e6:.1f} MB, {free}"))
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(name, escaped(value))
    console().print(table)
    say()
    console().print(_queue_table(state))
    say()
    for problem in state.attention:
        say(f"[red]✗[/] {escaped(problem)}")
    if not state.attention:
        say("[green]✓[/] all is well")


def _contacts(ways: "Mapping[str, Mapping[str, int]]") -> str:
    """ "mail: 12 sent, 1 dead address; sms: 3 sent"."""
    told = (
        f"{way}: " + ", ".join(f"{number} {outcome.replace('_', ' ')}" for outcome, number in outcomes.items())
        for way, outcomes in ways.items()
    )
    return "; ".join(told) or "none"


def _queue_table(state: "State") -> "object":
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), header_style="bold")
    for heading in ("queue", "waiting", "in work", "failed", "oldest", "newest error"):
        table.add_column(heading, justify="left" if heading in ("queue", "newest error") else "right")
    for name, queue in state.queues.items():
        oldest = f"{queue['oldest_seconds']:.0f} s" if queue["oldest_seconds"] else ""
        error = escaped(queue["errors"][0]) if queue["errors"] else ""
        table.add_row(name, str(queue["waiting"]), str(queue["leased"]), str(queue["failed"]), oldest, error)
    return table
