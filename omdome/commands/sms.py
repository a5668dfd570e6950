"""`sms`: what customers read in a text message, how long that is, and whether the gateway takes one."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from omdome.console import MISUSE, Problem, config_of, credentials, escaped, run_async, say, say_json

if TYPE_CHECKING:
    from delivery.sms import SmsGateway
    from omdome.config import Config

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Look at text messages, and try the gateway.")

_KINDS = ("invitation", "reminder", "begun", "recheck", "recheck_reminder")


@app.callback()
def sms() -> None:
    """Look at text messages, and try the gateway."""


@app.command()
def preview(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="Measure this text instead.")] = "",
    subject: Annotated[str, typer.Option(help="Of the invented case.")] = "Trasig gatlykta på Storgatan",
    language: Annotated[str, typer.Option(help="Of the invented customer. Default: the organisation's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Show every text message that a customer can get: its words, its alphabet, how many parts it makes, and why."""
    config = config_of(ctx)
    shown = [("text", text)] if text else _examples(config, subject, language or config.organisation.language)
    if as_json:
        say_json([{"kind": kind, "text": each} | _measured(each) for kind, each in shown])
        return
    for kind, each in shown:
        say(f"[bold]{kind.replace('_', ', ')}[/]   [dim]{escaped(_length(each))}[/]")
        say(f"{escaped(each)}\n")


def _examples(config: "Config", subject: str, language: str) -> list[tuple[str, str]]:
    from dataclasses import replace
    from datetime import UTC, datetime

    from models.case import ClosedCase
    from models.survey import Invitation, Purpose
    from omdome.policies import languages_of
    from omdome.sms import sms_writer
    from workflow.inviting import About

    writer = sms_writer(config)
    if writer is None:
        raise Problem("a message needs something to link to: set [web] public_url, or turn the Telegram bot on", MISUSE)
    if language not in languages_of(config):
        raise Problem(f"{language!r} is not among [organisation] languages", MISUSE)
    now = datetime.now(UTC)
    new = Invitation(id=1, case_number=1, token="X" * 22, language=language, created_at=now, expires_at=now)
    case = ClosedCase(case_id="1", closed_at=now, subject=subject, phone="+46701740605")
    first = About(invitation=new, case=case, purpose=Purpose.INVITATION, now=now)
    again = replace(first, purpose=Purpose.REMINDER)
    recheck = replace(case, recheck_of=1)
    each = [first, again, replace(again, begun=True), replace(first, case=recheck), replace(again, case=recheck)]
    return [(kind, writer.text(about)) for kind, about in zip(_KINDS, each, strict=True)]


def _measured(text: str) -> dict[str, Any]:
    from delivery.sms_length import measure

    length = measure(text)
    outside = list(length.outside)
    return {"alphabet": length.alphabet.value, "units": length.units, "parts": length.parts, "outside": outside}


def _length(text: str) -> str:
    """ "GSM-7, 146 of 160 characters: 1 part"."""
    from delivery.sms_length import Alphabet, measure

    length = measure(text)
    whole, part = (160, 153) if length.alphabet is Alphabet.GSM7 else (70, 67)
    said = f"{length.alphabet}, {length.units} of {whole} characters: 1 part"
    if length.parts > 1:
        said = f"{length.alphabet}, {length.units} characters of which {part} go into a part: {length.parts} parts"
    return said + (f"; because of {' '.join(length.outside)}, which GSM-7 lacks" if length.outside else "")


@app.command()
def send(
    ctx: typer.Context,
    number: Annotated[list[str], typer.Argument(help="A phone of your own, with or without spaces.")],
    text: Annotated[str, typer.Option(help="Default: that it is a test.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Send one message through the gateway, now, to see that it works. Costs what the gateway takes for it.

    Exit code: 0 the gateway took it, 1 it didn't, 2 wrong usage or configuration.
    """
    from intake.values import WrongValueError, read_phone
    from omdome.texts import load_texts

    config = config_of(ctx)
    gateway, through = _gateway(config)
    try:
        to = read_phone(" ".join(number), config.intake.phone_region)
    except WrongValueError as error:
        raise Problem(f"{' '.join(number)}: {error}", MISUSE) from error
    if not to:
        raise Problem("which number? write one such as 070-174 06 05", MISUSE)
    own = config.organisation
    text = text or load_texts(own.language)("sms.trial.text", organisation=own.name)
    say(f"To {to}, {through}:\n\n  {escaped(text)}\n\n[dim]{escaped(_length(text))}[/]")
    if not yes:
        typer.confirm("Send it?", abort=True)
    run_async(_send(gateway, to, text))
    say(f"[green]✓[/] handed over {through}" if config.sms.gateway == "http" else f"[green]✓[/] {through}")


def _gateway(config: "Config") -> "tuple[SmsGateway, str]":
    from omdome.readiness import State
    from omdome.sms import gateway_of, sms_feature
    from omdome.wiring import SystemClock

    secrets = credentials()
    gateway = gateway_of(config, secrets, SystemClock())
    if gateway is None:
        raise Problem('SMS is off: set [sms] gateway = "http", see docs/sms.md', MISUSE)
    feature = sms_feature(config, secrets)
    if feature.state is State.BROKEN:
        raise Problem(f"[sms] {feature.why}; {feature.advice}", MISUSE)
    return gateway, feature.why.partition(", at most")[0]


async def _send(gateway: "SmsGateway", to: str, text: str) -> None:
    from delivery.sms import Sms
    from workflow.ports import DeliveryError

    try:
        await gateway.send(Sms(to, text))
    except DeliveryError as error:
        raise Problem(str(error)) from error
