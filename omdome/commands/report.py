"""`report`: a way in to the managers' page."""

from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import MISUSE, Problem, config_of, credentials, run_async, say, say_json

if TYPE_CHECKING:
    from models.digest import Recipient
    from omdome.config import Config

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The managers' page at /rapport.")


@app.callback()
def report() -> None:
    """The managers' page at /rapport."""


@app.command()
def link(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose: a name among the digest's recipients in config.toml.")],
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Print a one-time link for a recipient of the digest, who then sees what the configuration lets them see.

    It is personal: whoever has it signs in as them.
    """
    from omdome.report import report_is_on, report_url, sign_in_of
    from omdome.wiring import open_application
    from survey.links import sign_in_link
    from workflow.sign_in import put_link

    config = config_of(ctx)
    recipient = _recipient(config, name)
    if not report_is_on(config):
        raise Problem("the managers' page is off: set [web] enabled and report", MISUSE)

    async def make() -> str:
        async with open_application(config, credentials()) as opened, opened.store.step() as tx:
            return await put_link(tx, recipient, sign_in_of(config), opened.clock.now())

    # without a public address it can still be opened on this machine
    base = report_url(config) or f"http://{config.web.host}:{config.web.port}"
    made = sign_in_link(base, run_async(make()))
    if as_json:
        say_json({"recipient": name, "link": made, "days": config.report.link_days})
        return
    say(f"For {name}, once, within {config.report.link_days} days:\n\n  {made}\n")


@app.command()
def revoke(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose: a name among the digest's recipients in config.toml.")],
) -> None:
    """End all links and sessions of a recipient: a phone that was lost, a mail that was passed on.

    Who is taken out of config.toml, or gets another address there, is signed out without this.
    """
    from omdome.wiring import open_application
    from workflow.sign_in import revoke as revoked

    config = config_of(ctx)
    recipient = _recipient(config, name)

    async def end() -> int:
        async with open_application(config, credentials()) as opened, opened.store.step() as tx:
            return await revoked(tx, recipient)

    say(f"{name}: links and sessions ended: {run_async(end())}")


def _recipient(config: "Config", name: str) -> "Recipient":
    from omdome.report import recipients_by_name

    recipients = recipients_by_name(config)
    if name not in recipients:
        known = ", ".join(recipients) or "none in the configuration"
        raise Problem(f"{name}: there is no such recipient of the digest; there is {known}", MISUSE)
    return recipients[name]
