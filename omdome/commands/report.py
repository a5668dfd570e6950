"""`report`: a way in to the managers' page."""

from typing import Annotated

import typer

from omdome.console import MISUSE, Problem, config_of, credentials, run_async, say, say_json

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
    from omdome.report import recipients_by_name, report_is_on, report_url, sign_in_of
    from omdome.wiring import open_application
    from workflow.sign_in import put_link

    config = config_of(ctx)
    recipients = recipients_by_name(config)
    if name not in recipients:
        known = ", ".join(recipients) or "none in the configuration"
        raise Problem(f"{name}: there is no such recipient of the digest; there is {known}", MISUSE)
    if not report_is_on(config):
        raise Problem("the managers' page is off: set [web] enabled and report", MISUSE)

    async def make() -> str:
        async with open_application(config, credentials()) as opened, opened.store.step() as tx:
            return await put_link(tx, name, sign_in_of(config), opened.clock.now())

    # without a public address it can still be opened on this machine
    base = report_url(config) or f"http://{config.web.host}:{config.web.port}"
    made = f"{base}/rapport/in/{run_async(make())}"
    if as_json:
        say_json({"recipient": name, "link": made, "days": config.report.link_days})
        return
    say(f"For {name}, once, within {config.report.link_days} days:\n\n  {made}\n")
