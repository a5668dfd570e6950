"""`invitations preview`: the mails that customers get, to look at."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import Problem, config_of, console, credentials, escaped, run_async

if TYPE_CHECKING:
    from delivery.invitation_mail import InvitationMails
    from models.case import ClosedCase
    from omdome.config import Config

SAMPLE_URL = "https://omdome.example.se"


def preview(
    ctx: typer.Context,
    case_id: Annotated[
        str, typer.Option("--case", help="About this case, as the case system has it. Default: an invented one.")
    ] = "",
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("out/invitations"),
) -> None:
    """Write the invitation, its reminders and the asking again after a fix, in every language: .eml and .html.

    Nothing is sent. The links are a sample's: nobody can answer with them.
    """
    from omdome.invitation_preview import invented_case, previews
    from omdome.links import write_private
    from omdome.policies import sending_of
    from omdome.wiring import SystemClock

    config, now = config_of(ctx), SystemClock().now()
    writer = _writer(config)
    sending = sending_of(config)
    if not sending.from_mail:
        from dataclasses import replace

        sending = replace(sending, from_mail="omdome@example.se")
    case = run_async(mailed_case(config, case_id)) if case_id else invented_case(now)
    expires_after = timedelta(days=config.survey.expires_after_days)
    files = previews(writer, sending, case, expires_after, now)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_private(out / name, content.decode())
    except OSError as error:
        raise Problem(f"{error.filename}: can't be written ({error.strerror})") from None
    console(stderr=True).print(f"[green]✓[/] {len(files)} files in {escaped(str(out))}: {', '.join(_kinds(files))}")


def _writer(config: "Config") -> "InvitationMails":
    """As configured; with an invented survey page where there is nowhere to lead to yet."""
    from omdome.invitation_mails import mail_writer

    writer = mail_writer(config)
    if writer is None:
        web = config.web.model_copy(update={"enabled": True, "survey_page": True, "public_url": SAMPLE_URL})
        writer = mail_writer(config.model_copy(update={"web": web}))
        console(stderr=True).print(f"\\[web] public_url isn't set: the links lead to {SAMPLE_URL}, which is nowhere")
    assert writer is not None
    return writer


def _kinds(files: "dict[str, bytes]") -> list[str]:
    return sorted({name.rpartition(".")[0] for name in files})


async def mailed_case(config: "Config", case_id: str) -> "ClosedCase":
    """The case's newest closing. Raises Problem if there is none, or nobody would get a mail about it."""
    from omdome.wiring import open_application

    async with open_application(config, credentials()) as app, app.store.look() as tx:
        closings = await tx.closings(case_id)
    if not closings:
        raise Problem(f"there is no case {case_id}")
    if not closings[0].case.mail:
        raise Problem(f"case {case_id} has no mail address: nobody would get this mail")
    return closings[0].case
