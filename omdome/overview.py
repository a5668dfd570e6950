"""What the program shows of itself: what is configured, what is missing for going live, which command does what."""

from urllib.parse import urlsplit

import typer
from rich.table import Table
from rich.text import Text

from omdome.config import Config, config_path
from omdome.console import Asked, config_of, console, credentials, escaped, say
from omdome.readiness import Feature, State, features

_MARKS = {State.ON: "[green]● on[/]", State.OFF: "[dim]○ off[/]", State.BROKEN: "[red]✗ broken[/]"}

LOOPBACK = ("127.0.0.1", "localhost", "::1")

#: what a newcomer may want, and what does it
_TASKS = [
    ("See it work, without any token", "demo"),
    ("Hold the survey in this terminal", "chat"),
    ("Be called: by microphone, or by keypad", "call --microphone"),
    ("Check the configuration", "check-config"),
    ("Import closed cases", "cases import FILE"),
    ("Make a test case for yourself", "try-me"),
    ("Run the service", "run"),
    ("See how it fares", "status"),
    ("Links and QR codes for closing letters", "invitations export"),
    ("See the mails that customers get", "invitations preview"),
    ("See the text messages, and how long they are", "sms preview"),
    ("Let a manager in to the report", "report link NAME"),
    ("Let a case system or a program in", "token create NAME --scope cases:write"),
    ("Look at a week's digest", "digest --week 2026-W47 --dry-run --open"),
    ("Everything else", "--help"),
]


def show_overview(ctx: typer.Context) -> None:
    """Print the page that `python -m omdome` alone shows. Raises ConfigError when the configuration doesn't hold."""
    say("[bold]Omdöme[/] asks three questions after every closed case and tells managers about it every Monday.\n")
    config = config_of(ctx)
    found = features(config, credentials())
    show_features(ctx, config, found)
    say()
    show_steps(config, found)
    say("\n[bold]What do you want to do?[/]   [dim]python -m omdome …[/]")
    table = Table.grid(padding=(0, 2))
    for task, command in _TASKS:
        table.add_row(Text("  " + task, no_wrap=True), Text(command, style="cyan"))
    console().print(table)


def show_features(ctx: typer.Context, config: Config, found: list[Feature]) -> None:
    """Print what is on, off and broken, and why."""
    asked = ctx.find_root().obj
    path = config_path(asked.config if isinstance(asked, Asked) else None)
    say(f"[bold]{escaped(config.organisation.name)}[/]   [dim]{escaped(str(path))}[/]")
    table = Table.grid(padding=(0, 2))
    for feature in found:
        why = Text(feature.why)
        if feature.state is State.BROKEN or (feature.state is State.OFF and feature.advice):
            why.append(f" → {feature.advice}", style="red" if feature.state is State.BROKEN else "dim")
        table.add_row(Text.from_markup("  " + _MARKS[feature.state]), Text(feature.name), why)
    console().print(table)


def show_steps(config: Config, found: list[Feature]) -> None:
    """Print what is still to be done before real customers can be asked."""
    steps = missing_steps(config, found)
    if not steps:
        host = urlsplit(config.web.public_url).hostname
        if host in LOOPBACK:
            say(f"[green]Ready to try here:[/] python -m omdome run   [dim]customers can't reach {host}[/]")
        else:
            say("[green]Ready to go live:[/] python -m omdome run")
        return
    say("[bold]Missing for going live[/]   [dim]docs/operations.md has each step in full[/]")
    for number, step in enumerate(steps, start=1):
        say(f"  {number}. {escaped(step)}")


def missing_steps(config: Config, found: list[Feature]) -> list[str]:
    """What stands between this configuration and real customers, in the order to do it."""
    state = {feature.name: feature for feature in found}
    faults = [f"{feature.name}: {feature.advice}" for feature in found if feature.state is State.BROKEN]
    steps = [fault for fault in faults if not fault.endswith(": set [mail] host")]  # that has a step of its own
    if config.organisation.name == type(config.organisation)().name:
        steps.append("set [organisation] name to what your customers call you")
    if not config.organisation.privacy_url:
        steps.append("set [organisation] privacy_url: the invitation must link to who asks, why, and where to object")
    if state["selection"].state is State.OFF:
        bot = state["Telegram bot"].advice
        steps.append(f"say where customers can answer: set [web] public_url, for the survey page; or {bot}")
    if state["mail"].state is State.OFF and _wants_mail(config):
        steps.append(f"for invitations, digests and alerts by mail, {state['mail'].advice}")
    if config.sms.gateway == "file" and "sms" in config.contact.order:
        steps.append('set [sms] gateway = "http": nobody gets what is written to a file')
    back = state["calling back"]
    if state["calls"].state is State.ON and back.state is State.OFF and config.sip.answers:
        steps.append(f"let customers ring back the number that calls them: {back.advice}")
    if not config.digest.recipients:
        steps.append("say who gets the digest: write a [[digest.recipients]] table")
    return steps


def _wants_mail(config: Config) -> bool:
    """Somebody is to get mail; not where all is by SMS or Telegram."""
    written_to = "mail" in config.contact.order and config.sms.gateway == "off"
    return written_to or any("mail" in recipient.via for recipient in config.digest.recipients)
