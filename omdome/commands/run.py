"""`run`: the service."""

from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import MISUSE, Problem, config_of, credentials, run_async

if TYPE_CHECKING:
    from omdome.service import Role
    from omdome.wiring import Application


def run(
    ctx: typer.Context,
    role: Annotated[
        str, typer.Option(help="all, or one part of it in a process of its own: bot, worker or web.")
    ] = "all",
) -> None:
    """Run the service: everything that the configuration turns on. SIGTERM or Ctrl-C finishes what is in flight.

    Exit code: 0 stopped as asked, 2 it can't run as configured (a port taken, another process polling, no token).
    """
    config, secrets = config_of(ctx), credentials()
    if role not in ("all", "bot", "worker", "web"):
        raise Problem(f"--role {role}: write all, bot, worker or web", MISUSE)
    from omdome.readiness import broken

    if faults := broken(config, secrets):
        told = "\n".join(f"{fault.name}: {fault.why}; {fault.advice}" for fault in faults)
        raise Problem(told, MISUSE)
    # only now, since these take a second or more to import
    from omdome.logs import start_logging
    from omdome.service import Role
    from omdome.supervision import FatalError
    from omdome.wiring import open_application

    start_logging(config.log, secrets.values())

    async def serve_it() -> None:
        async with open_application(config, secrets) as app:
            await _serve(app, Role(role))

    try:
        run_async(serve_it())
    except FatalError as error:
        raise Problem(str(error), MISUSE) from error


async def _serve(app: "Application", role: "Role") -> None:
    import asyncio

    from omdome.service import serve
    from omdome.supervision import stop_on_signals

    stop = asyncio.Event()
    stop_on_signals(stop)
    await serve(app, role, stop)
