"""`check-config`: is the configuration right, what is on, what is off, and why?"""

from dataclasses import asdict
from typing import Annotated

import typer

from omdome.console import MISUSE, config_of, credentials, say, say_json


def check_config(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Check the configuration, and explain what is on, what is off and why.

    Exit code: 0 it holds, 2 it doesn't, or something that is turned on can't work.
    """
    from omdome.overview import missing_steps, show_features, show_steps
    from omdome.readiness import State, features

    config = config_of(ctx)
    found = features(config, credentials())
    broken = any(feature.state is State.BROKEN for feature in found)
    if as_json:
        say_json({"ok": not broken, "features": [asdict(f) for f in found], "missing": missing_steps(config, found)})
    else:
        show_features(ctx, config, found)
        say()
        show_steps(config, found)
    raise typer.Exit(MISUSE if broken else 0)
