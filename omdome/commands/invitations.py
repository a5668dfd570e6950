"""`invitations export`: links for the closing letter. `show`: how a customer was turned to. `preview`: the mails."""

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from omdome.commands.invitation_preview import preview
from omdome.console import MISUSE, Problem, config_of, console, credentials, escaped, run_async, say_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.case import StoredCase
    from models.survey import Invitation
    from omdome.config import Config

    Found = Sequence[tuple[Invitation, StoredCase]]
    Links = Callable[[str], Sequence[str]]

app = typer.Typer(
    add_completion=False,
    help="Links for the case system's own letters, the mails to customers, and how those were reached.",
)


@app.callback()
def invitations() -> None:
    """Links for the case system's own letters, the mails to customers, and how those were reached."""


@app.command()
def show(
    ctx: typer.Context,
    case_id: Annotated[str, typer.Argument(help="As the case system has it.")],
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Show whether a case's customer was asked, how they were turned to, and what came of it; never an address."""
    from omdome.invitation_history import history_of, show_history
    from omdome.policies import contact_of
    from omdome.wiring import open_application

    config = config_of(ctx)

    async def read() -> "list[dict[str, Any]]":
        async with open_application(config, credentials()) as opened, opened.store.look() as tx:
            return await history_of(tx, case_id, contact_of(config), opened.clock.now())

    found = run_async(read())
    if not found:
        raise Problem(f"there is no case {case_id}")
    if as_json:
        say_json(found)
    else:
        show_history(found)


app.command()(preview)


@app.command()
def export(
    ctx: typer.Context,
    out: Annotated[
        Path | None, typer.Option(help="A .csv file, or a folder (needed for QR codes). Default: standard output.")
    ] = None,
    qr: Annotated[Literal["none", "png", "svg"], typer.Option(help="Also write a QR code for each link.")] = "none",
    since: Annotated[str, typer.Option(help="Invitations made on this local day or later, such as 2026-11-21.")] = "",
) -> None:
    """Write links for those who were invited and have no chat with us yet: case_id, closed_at, link, expires.

    The link leads to the survey page if \\[web] public_url is set, else to Telegram. With both there is a column
    telegram_link, too.

    Whoever holds a link can answer in its customer's place: treat the files as you treat the letters.
    """
    config = config_of(ctx)
    from omdome.links import links_of

    links = partial(links_of, config)
    if not links(""):
        raise Problem("neither [web] public_url nor [telegram] bot_username is set: a link would lead nowhere", MISUSE)
    if qr != "none" and (out is None or out.suffix.lower() == ".csv"):
        raise Problem("--qr needs a folder to write to: --out FOLDER", MISUSE)
    found = run_async(_unopened(config, _day(since, config)))
    if out is None:
        from omdome.links import links_as_csv

        sys.stdout.write(links_as_csv(found, links, config.organisation.timezone))
        return
    try:
        written = _write(found, out, qr, links, config)
    except OSError as error:
        raise Problem(f"{error.filename}: can't be written ({error.strerror})") from None
    console(stderr=True).print(f"[green]✓[/] {len(found)} invitations: {escaped(str(written))}")


def _write(found: "Found", out: Path, qr: str, links: "Links", config: "Config") -> Path:
    from omdome.links import image_names, links_as_csv, write_image, write_private

    zone = config.organisation.timezone
    if out.suffix.lower() == ".csv":
        write_private(out, links_as_csv(found, links, zone))
        return out
    out.mkdir(parents=True, exist_ok=True)
    names = image_names(found, zone, qr) if qr != "none" else None
    if names is not None:
        from rich.progress import track

        screen = console(stderr=True)
        pairs = list(zip(found, names, strict=True))
        for (invitation, _), name in track(pairs, "QR codes", console=screen, disable=not screen.is_terminal):
            write_image(out / name, links(invitation.token)[0])
    written = out / "invitations.csv"
    write_private(written, links_as_csv(found, links, zone, names))
    return written


def _day(text: str, config: "Config") -> datetime:
    """The start of a local day; the beginning of time for ""."""
    if not text:
        return datetime(1970, 1, 1, tzinfo=UTC)
    try:
        found = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=config.organisation.timezone)
    except ValueError:
        raise Problem(f'--since "{text}": write a day such as 2026-11-21', MISUSE) from None
    return found.astimezone(UTC)


async def _unopened(config: "Config", since: datetime) -> "Found":
    from omdome.wiring import open_application

    async with open_application(config, credentials()) as opened, opened.store.look() as tx:
        now = opened.clock.now()
        found = await tx.unopened_invitations(since)
    return [pair for pair in found if pair[0].expires_at > now]
