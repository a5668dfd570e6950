"""`check-config`: is the configuration right, what is on, what is off, and why?"""

from dataclasses import asdict
from typing import Annotated

import typer

from omdome.console import ATTENTION, MISUSE, config_of, credentials, escaped, run_async, say, say_json


def check_config(
    ctx: typer.Context,
    connect: Annotated[bool, typer.Option(help="Try the database, Telegram and the mail server too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Check the configuration, and explain what is on, what is off and why.

    Exit code: 0 it holds; 1 something can't be reached (--connect); 2 it doesn't hold, or something that is turned on
    can't work.
    """
    from omdome.overview import missing_steps, show_features, show_steps
    from omdome.phone_readiness import phone_features
    from omdome.readiness import State, features

    config, secrets = config_of(ctx), credentials()
    found = [*features(config, secrets), *phone_features(config, secrets)]
    broken = any(feature.state is State.BROKEN for feature in found)
    if not as_json:
        show_features(ctx, config, found)
        say()
        show_steps(config, found)
    probes = []
    if connect and not broken:
        from omdome.probing import probe_all

        probes = run_async(probe_all(config, secrets))
    if as_json:
        plain = {"features": [asdict(f) for f in found], "missing": missing_steps(config, found)}
        say_json({"ok": not broken, **plain, "probes": [asdict(probe) for probe in probes]})
    else:
        for probe in probes:
            say(f"  {'[green]✓[/]' if probe.well else '[red]✗[/]'} {probe.name}: {escaped(probe.said)}")
    if broken:
        raise typer.Exit(MISUSE)
    raise typer.Exit(0 if all(probe.well for probe in probes) else ATTENTION)
