"""`try-me`: a test case for yourself."""

from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import MISUSE, Problem, config_of, credentials, escaped, run_async, say, say_json

if TYPE_CHECKING:
    from omdome.config import Config


def try_me(
    ctx: typer.Context,
    handler_mail: Annotated[str, typer.Option(help="Be the case's handler too: alerts go to this address.")] = "",
    language: Annotated[str, typer.Option(help="Of the survey. Default: the organisation's.")] = "",
    subject: Annotated[str, typer.Option(help="What the case was about.")] = "Provärende",
    mail: Annotated[str, typer.Option(help="Send the invitation to this address of yours, now.")] = "",
    phone: Annotated[str, typer.Option(help="Send the text message to this number of yours, now.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Make a closed test case, and show the link and the QR code that its customer would get.

    Its answers are stored, and its handler is told, like any other's; no figure and no digest counts them. With --mail
    or --phone the real invitation goes out at once, whatever the hour, and the address isn't stored.
    """
    from omdome.links import links_of
    from omdome.trial import make_trial
    from omdome.wiring import open_application

    config = config_of(ctx)
    if not (links := links_of(config, "")):
        raise Problem(
            "there is nowhere to answer: set [web] public_url, or [telegram] bot_username (see `check-config`)", MISUSE
        )
    wanted = language or config.organisation.language
    if wanted not in config.organisation.languages:
        raise Problem(f"--language {wanted}: write one of {', '.join(config.organisation.languages)}", MISUSE)

    to = _address(mail, "--mail", "@" in mail, config), _address(phone, "--phone", "@" not in phone, config)

    async def make() -> tuple[str, str]:
        async with open_application(config, credentials()) as app:
            case, invitation = await make_trial(app, wanted, subject, handler_mail)
            if any(to):
                from omdome.trial_messages import send_trial

                await send_trial(app, case, invitation, *to)
        return case.case_id, invitation.token

    case_id, token = run_async(make())
    links = links_of(config, token)
    sent = [address for address in to if address]
    if as_json:
        say_json({"case_id": case_id, "link": links[0], "links": links, "sent_to": sent})
        return
    from omdome.qr import show_qr

    say(f"Case {case_id} is closed. Its customer would get this link:\n")
    for link in links:
        say(f"  {link}", soft_wrap=True)
    say()
    show_qr(links[0])
    for address in sent:
        say(f"[green]✓[/] the invitation is handed over, to {escaped(address)}")
    say("Open it while `run` is running, and answer as a customer would.")
    if len(links) == 1 and config.telegram.bot_username and not config.telegram.enabled:
        say("The bot is off: set \\[telegram] enabled = true, and start it with `run` before you open the link.")


def _address(given: str, option: str, is_kind: bool, config: "Config") -> str:
    """The address as cases have it; "" if none was given."""
    from omdome.config import comparable

    if not given:
        return ""
    try:
        if is_kind and not given.startswith("@"):
            return comparable(given, config.intake.phone_region)
    except ValueError as error:
        raise Problem(f"{option} {given}: {error}", MISUSE) from None
    raise Problem(f"{option} {given}: that is another kind of address", MISUSE)
