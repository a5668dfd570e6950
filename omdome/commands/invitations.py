"""`invitations export`: links and QR codes for the case system's closing letter."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from omdome.console import MISUSE, Problem, config_of, console, credentials, escaped, run_async

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.case import StoredCase
    from models.survey import Invitation
    from omdome.config import Config

    Found = Sequence[tuple[Invitation, StoredCase]]

app = typer.Typer(add_completion=False, help="Invitations that go out with the case system's own letters.")


@app.callback()
def invitations() -> None:
    """Invitations that go out with the case system's own letters."""


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

    Whoever holds a link can answer in its customer's place: treat the files as you treat the letters.
    """
    config = config_of(ctx)
    if not config.telegram.bot_username:
        raise Problem("[telegram] bot_username is not set; links can't be made without the bot's name", MISUSE)
    if qr != "none" and (out is None or out.suffix.lower() == ".csv"):
        raise Problem("--qr needs a folder to write to: --out FOLDER", MISUSE)
    found = run_async(_unopened(config, _day(since, config)))
    if out is None:
        from omdome.links import links_as_csv

        sys.stdout.write(links_as_csv(found, config.telegram.bot_username, config.organisation.timezone))
        return
    try:
        written = _write(found, out, qr, config)
    except OSError as error:
        raise Problem(f"{error.filename}: can't be written ({error.strerror})") from None
    console(stderr=True).print(f"[green]✓[/] {len(found)} invitations: {escaped(str(written))}")


def _write(found: "Found", out: Path, qr: str, config: "Config") -> Path:
    from omdome.links import image_names, link_to, links_as_csv, write_image, write_private

    bot, zone = config.telegram.bot_username, config.organisation.timezone
    if out.suffix.lower() == ".csv":
        write_private(out, links_as_csv(found, bot, zone))
        return out
    out.mkdir(parents=True, exist_ok=True)
    names = image_names(found, zone, qr) if qr != "none" else None
    if names is not None:
        from rich.progress import track

        screen = console(stderr=True)
        pairs = list(zip(found, names, strict=True))
        for (invitation, _), name in track(pairs, "QR codes", console=screen, disable=not screen.is_terminal):
            write_image(out / name, link_to(bot, invitation.token))
    written = out / "invitations.csv"
    write_private(written, links_as_csv(found, bot, zone, names))
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
