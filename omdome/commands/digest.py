"""`digest`: one week's digest, looked at or sent."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import MISUSE, Problem, complain, config_of, credentials, run_async, say, say_json

if TYPE_CHECKING:
    from models.counts import IsoWeek
    from models.digest import Digest, Recipient
    from models.texts import Texts
    from omdome.config import Config


def digest(
    ctx: typer.Context,
    week: Annotated[str, typer.Option(help="ISO week, 2026-W47. Default: the last one that is over.")] = "",
    recipient: Annotated[str, typer.Option(help="Whose copy, by name. Default: a general one.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look, as without --send.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Give it to `run` to send: each week once.")] = False,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser, as it would be mailed.")] = False,
    to: Annotated[Path | None, typer.Option("--to", "-o", help="Write it: .html .txt .json .xlsx .csv .png")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All its figures, for scripts.")] = False,
) -> None:
    """Show a week's digest, finished or not; or send it.

    Without --send nothing is sent, stored or marked as sent.
    """
    config = config_of(ctx)
    if send and (dry_run or show or to or as_json):
        raise Problem("--send only sends: leave out --dry-run, --open, --to and --json", MISUSE)
    wanted = _week(week, config, sending=send)
    if send:
        _send(config, wanted, recipient)
        return
    from omdome.texts import load_texts

    whose = _whose(config, recipient)
    texts = load_texts(whose.language)
    made = run_async(_figures(config, wanted, whose, texts))
    if to is not None:
        from omdome.digest_files import write_digest

        write_digest(made, texts, to)
        say(f"Written: {to}")
    if show:
        _open(made, texts)
    if as_json:
        from survey.digest_json import to_json

        say_json(to_json(made))
    elif not (show or to):
        from delivery.digest_text import digest_text

        sys.stdout.write(digest_text(made, texts) + "\n")


def _week(text: str, config: "Config", *, sending: bool) -> "IsoWeek":
    """Refuses what would say of the future that nobody answered; an unfinished week may be looked at."""
    from models.counts import IsoWeek
    from omdome.wiring import SystemClock

    today = SystemClock().now().astimezone(config.organisation.timezone).date()
    if not text:
        return IsoWeek.of(today).shifted(-1)
    try:
        week = IsoWeek.parse(text)
    except ValueError as error:
        raise Problem(f"--week: {error}", MISUSE) from error
    if today < week.monday:
        raise Problem(f"--week: {week} doesn't begin until {week.monday}", MISUSE)
    if sending and today <= week.sunday:
        raise Problem(f"--send: {week} isn't over until {week.sunday} is; send it after that", MISUSE)
    return week


def _whose(config: "Config", name: str) -> "Recipient":
    """The recipient of this name; without one, a general copy of the whole."""
    from models.digest import Recipient
    from omdome.policies import recipients_of

    if not name:
        return Recipient(name="", mail="", language=config.organisation.language)
    for each in recipients_of(config):
        if each.name == name:
            return each
    known = ", ".join(each.name for each in config.digest.recipients) or "none in the configuration"
    raise Problem(f"--recipient {name}: there is no such recipient; there is {known}", MISUSE)


async def _figures(config: "Config", week: "IsoWeek", whose: "Recipient", texts: "Texts") -> "Digest":
    from omdome.digests import figures, unheard_of
    from omdome.wiring import open_application

    async with open_application(config, credentials()) as app:
        if missing := await unheard_of(app, whose.units, week):
            complain(missing)
        return await figures(app, week, whose, texts)


def _open(made: "Digest", texts: "Texts") -> None:
    """Show it in the browser, from a folder that only its owner can read."""
    import tempfile
    import webbrowser

    from omdome.digest_files import write_digest

    page = Path(tempfile.mkdtemp(prefix="omdome-")) / f"{made.week}.html"
    write_digest(made, texts, page)
    say(f"{page} (delete it when you have read it)")
    if not webbrowser.open(page.as_uri()):
        raise Problem("there is no browser here; open that file yourself")


def _send(config: "Config", week: "IsoWeek", name: str) -> None:
    from omdome.policies import recipients_of
    from omdome.sending import send_now
    from omdome.wiring import open_application

    whom = [_whose(config, name)] if name else recipients_of(config)
    if not whom:
        raise Problem("nobody gets the digest: write a [[digest.recipients]] table", MISUSE)

    async def put() -> list[str]:
        async with open_application(config, credentials()) as app:
            return await send_now(app, week, whom)

    new = run_async(put())
    for each in whom:
        if each.name in new:
            say(f"{each.name}: in the outbox; `run` sends it, `status` shows how it went")
        else:
            say(f"{each.name}: has been given {week} already; each week goes out once")
