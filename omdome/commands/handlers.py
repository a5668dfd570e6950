"""`handlers`: which Telegram chat is whose."""

from typing import Annotated

import typer

from omdome.console import MISUSE, Problem, config_of, credentials, run_async, say, say_json

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Let handlers and managers get theirs in Telegram.")


@app.callback()
def handlers() -> None:
    """Let handlers and managers get what concerns them in Telegram instead of by mail."""


@app.command()
def link(
    ctx: typer.Context,
    mail: Annotated[str, typer.Argument(help="The handler's mail address, as the case system has it.")],
    qr: Annotated[bool, typer.Option(help="Show the link as a QR code too.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Make a personal link that binds a handler's mail address to the chat that opens it (first, within 30 days).

    Give it to nobody else: the chat will be told of that handler's cases, and gets the digests sent to that address.
    """
    from intake.values import WrongValueError, read_mail
    from omdome.wiring import open_application

    config = config_of(ctx)
    if not config.telegram.bot_username:
        raise Problem("links need the bot's name: set [telegram] bot_username", MISUSE)
    try:
        address = read_mail(mail)
    except WrongValueError as error:
        raise Problem(f"{mail}: {error}", MISUSE) from error

    async def make() -> str:
        from bot.registration import handler_link

        async with open_application(config, credentials()) as opened, opened.store.step() as tx:
            return await handler_link(tx, address, config.telegram.bot_username, opened.clock.now())

    made = run_async(make())
    if as_json:
        say_json({"mail": address, "link": made})
        return
    say(f"For {address}, within 30 days, in Telegram on their phone:\n\n  {made}\n")
    if qr:
        from omdome.qr import show_qr

        show_qr(made)
