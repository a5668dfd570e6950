"""`token`: who may call the API, and for what."""

import re
from typing import Annotated

import typer

from models.access import Scope
from omdome.console import MISUSE, Problem, complain, config_of, credentials, run_async, say, say_json

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Let other systems call the API.")

_NAME = re.compile(r"[^\W_][\w .-]{0,63}")


@app.callback()
def token() -> None:
    """Let other systems call the API: each with a token of its own, which may do no more than it needs to."""


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Who gets it, such as ärendesystemet.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; give it once for each.")],
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Make a token. It is shown now and never again: only its hash is stored."""
    from omdome.wiring import open_application
    from workflow.api_tokens import digest_of, new_token

    config = config_of(ctx)
    if not _NAME.fullmatch(name):
        raise Problem(f"{name}: a name has at most 64 letters, digits, blanks, dots and hyphens", MISUSE)
    made, scopes = new_token(), sorted(set(scope))

    async def put() -> bool:
        async with open_application(config, credentials()) as opened, opened.store.step() as tx:
            return await tx.put_api_token(name, digest_of(made), scopes, opened.clock.now())

    if not run_async(put()):
        raise Problem(f"{name}: there is, or has been, a token of that name; take another", MISUSE)
    if as_json:
        say_json({"name": name, "scopes": scopes, "token": made})
        return
    say(f"For {name} ({', '.join(scopes)}), shown only now:\n\n  {made}\n")
    if Scope.COMMENTS_READ in scopes and Scope.CASES_READ not in scopes:
        complain("comments:read is of use only together with cases:read")
    if Scope.METRICS in scopes and not config.web.metrics:
        complain("metrics are off: set [web] metrics = true")
    if set(scopes) - {Scope.METRICS} and not config.web.case_api:
        complain("the API is off: set [web] case_api = true")


@app.command("list")
def list_(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """List all tokens, without themselves: what they may do, when they were last used (to the hour), if they work."""
    from dataclasses import asdict

    from omdome.wiring import open_application
    from workflow.store_parts import ApiToken

    config, secrets = config_of(ctx), credentials()

    async def read() -> list[ApiToken]:
        async with open_application(config, secrets) as opened, opened.store.look() as tx:
            return await tx.api_tokens()

    found = run_async(read())
    if as_json:
        say_json([asdict(each) for each in found])
        return
    if secrets.api_token:
        say("OMDOME_API_TOKEN: cases:write, cases:read; from the environment")
    if not found:
        say("There are none; make one with: token create NAME --scope cases:write")
    zone = config.organisation.timezone
    for each in found:
        used = f"last used {each.last_used_at.astimezone(zone):%Y-%m-%d %H:00}" if each.last_used_at else "never used"
        state = f"revoked {each.revoked_at.astimezone(zone):%Y-%m-%d}" if each.revoked_at else used
        say(f"{each.name}: {', '.join(each.scopes)}; {state}")


@app.command()
def revoke(ctx: typer.Context, name: Annotated[str, typer.Argument(help="As `token list` shows it.")]) -> None:
    """Make a token useless, at once and for good."""
    from omdome.wiring import open_application

    config = config_of(ctx)

    async def end() -> tuple[bool, list[str]]:
        async with open_application(config, credentials()) as opened, opened.store.step() as tx:
            done = await tx.revoke_api_token(name, opened.clock.now())
            return done, [each.name for each in await tx.api_tokens() if each.revoked_at is None]

    done, others = run_async(end())
    if not done:
        raise Problem(f"{name}: no such token works; there is {', '.join(others) or 'none'}", MISUSE)
    say(f"{name}: revoked")
