"""[sms] and [[webhooks]] as configured: what is told of mistakes, that the documented examples hold, and `sms`."""

import asyncio
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from typer.testing import CliRunner

from delivery.sms import Sms
from delivery.webhooks import read_secret
from omdome.cli import app
from omdome.config import CHECKOUT, ConfigError, load_config, parse_config
from omdome.console import Problem
from omdome.credentials import Credentials
from omdome.probing import probe_all
from omdome.readiness import State, features
from omdome.sms import gateway_of
from omdome.wiring import SystemClock
from tests.delivery.other_systems import broken_system, other_system, says

EXAMPLES = [
    block
    for block in re.findall(r"```toml\n(.*?)```", (CHECKOUT / "docs" / "sms.md").read_text("utf-8"), re.DOTALL)
    if "[sms]" in block
]
WEBHOOK_SECRET = "whsec_" + "QUJD" * 8
HOOK = '[[webhooks]]\nname = "{name}"\nurl = "{url}"\n'


def judged(name: str, text: str, **secrets: str) -> tuple[State, str]:
    found = features(parse_config(text), Credentials(**secrets))
    feature = next(each for each in found if each.name == name)
    return feature.state, f"{feature.why} → {feature.advice}"


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_documented_gateway_can_be_used_as_it_stands(example: str) -> None:
    state, said = judged("SMS", example, sms_secret="aGVtbGlndA==")
    host = tomllib.loads(example)["sms"]["url"].split("/")[2]
    assert (state, said) == (State.ON, f"through {host}, at most 2 parts → ")


@pytest.mark.parametrize("example", EXAMPLES)
async def test_a_documented_gateway_is_sent_the_message(example: str) -> None:
    async with other_system() as system:
        url = re.sub(r"https://[^/]+", system.url, tomllib.loads(example)["sms"]["url"])
        config = parse_config(re.sub(r"(?m)^url = .*$", lambda _: f'url = "{url}"', example))
        gateway = gateway_of(config, Credentials(sms_secret="aGVtbGlndA=="), SystemClock())
        assert gateway is not None
        await gateway.send(Sms("+46701740605", 'Hej "å"'))
    sent = system.paths[0] + system.bodies[0].decode()
    assert "46701740605" in sent
    assert "Hej%20%22%C3%A5%22" in sent or 'Hej \\"å\\"' in sent
    assert "aGVtbGlndA" in sent + system.headers[0].get("Authorization", "")


def test_without_a_gateway_nothing_is_wrong() -> None:
    assert judged("SMS", "") == (State.OFF, 'not asked for → set [sms] gateway = "http", see docs/sms.md')
    assert judged("SMS", '[sms]\ngateway = "file"')[0] is State.ON


def test_mistakes_are_told_together() -> None:
    state, said = judged("SMS", '[sms]\ngateway = "http"\nurl = "http://sms.example.se/"\nbody = "to={number}"')
    assert state is State.BROKEN
    assert said == (
        "url would go unencrypted; write https:// (http:// is for this machine only); "
        "body has {number}, which is no placeholder; known are {to}, {text}, {sender}, {secret}; "
        "neither url nor body has {to}, where the customer's number goes; "
        "neither url nor body has {text}, where the message goes → correct [sms]; docs/sms.md has whole examples"
    )


def test_a_broken_expression_is_told_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"config.toml:2: \[sms\] dead_when: .*no regular expression"):
        parse_config('[sms]\ndead_when = "(21211"\n')


def test_a_message_may_not_take_longer_than_its_row_is_leased() -> None:
    state, said = judged("SMS", EXAMPLES[0] + "timeout_seconds = 120\n", sms_secret="aGVtbGlndA==")
    assert state is State.BROKEN
    assert said.startswith("timeout_seconds must be less than [workers] outbox_lease_seconds")


async def test_whom_we_call_is_tried_without_sending_anything(tmp_path: Path) -> None:
    async with broken_system(says()) as closed:
        pass
    async with other_system() as system:
        text = f'[sms]\ngateway = "http"\nurl = "{system.url}/sms"\nbody = "to={{to}}&text={{text}}"\n'
        text += HOOK.format(name="a", url=closed) + HOOK.format(name="b", url=system.url.replace("http:", "https:"))
        (tmp_path / "config.toml").write_text(text, "utf-8")
        probes = await probe_all(load_config(tmp_path / "config.toml"), Credentials(webhook_secret=WEBHOOK_SECRET))
    assert [(probe.name, probe.well, probe.said) for probe in probes[1:]] == [
        ("SMS gateway", True, "connected; nothing was sent"),
        ("webhook a", False, f"no connection to {closed[7:]}"),
        (
            "webhook b",
            False,
            f"no trusted TLS connection to {system.url[7:]}; is its certificate signed by a known CA?",
        ),
    ]
    assert system.paths == []


@pytest.mark.parametrize(
    ("text", "secret", "state", "said"),
    [
        ("", "", State.OFF, "nobody is told → write a [[webhooks]] table, see docs/webhooks.md"),
        (
            HOOK.format(name="ärenden", url="https://10.0.0.5/x") + "comments = true\n",
            WEBHOOK_SECRET,
            State.ON,
            "each finished survey is told to ärenden (with comments) → ",
        ),
        (
            HOOK.format(name="a", url="http://arenden.example.se/x"),
            WEBHOOK_SECRET,
            State.BROKEN,
            "a: url would go unencrypted; write https:// (http:// is for this machine only) → ",
        ),
        (HOOK.format(name="a", url=""), WEBHOOK_SECRET, State.BROKEN, "a: url is empty → "),
        (
            2 * HOOK.format(name="a", url="https://a.example.se/"),
            WEBHOOK_SECRET,
            State.BROKEN,
            "a stands twice; each name may stand once → ",
        ),
        (
            HOOK.format(name="a", url="https://a.example.se/"),
            "",
            State.BROKEN,
            "OMDOME_WEBHOOK_SECRET is not set; make one by: python3 -c ",
        ),
        (
            HOOK.format(name="a", url="https://a.example.se/"),
            "hemligt",
            State.BROKEN,
            "OMDOME_WEBHOOK_SECRET doesn't start with whsec_; make one by: ",
        ),
    ],
)
def test_webhooks_are_judged(text: str, secret: str, state: State, said: str) -> None:
    found, told = judged("webhooks", text, webhook_secret=secret)
    assert found is state
    assert told.startswith(said)
    assert "hemligt" not in told


def test_the_command_that_makes_a_key_makes_one() -> None:
    _, told = judged("webhooks", HOOK.format(name="a", url="https://a.example.se/"))
    code = re.search(r"python3 -c '(.*?)'", told)
    assert code
    made: list[str] = []
    exec(code[1], {"print": made.append})
    assert len(read_secret(made[0])) == 32


PAGE = '[web]\npublic_url = "https://omdome.example.se"\n'


def here(folder: Path, config: str, *arguments: str) -> Any:
    """The command in this process."""
    (folder / "config.toml").write_text(config, encoding="utf-8")
    return CliRunner().invoke(app, ["--config", str(folder / "config.toml"), *arguments])


def test_preview_shows_every_message_and_its_length(tmp_path: Path) -> None:
    shown = json.loads(here(tmp_path, PAGE, "sms", "preview", "--subject", "Potthål", "--json").stdout)
    assert [each["kind"] for each in shown] == ["invitation", "reminder", "begun", "recheck", "recheck_reminder"]
    assert {(each["alphabet"], each["parts"]) for each in shown} == {("GSM-7", 1)}
    assert all('"Potthål"' in each["text"] for each in shown)


def test_preview_says_why_a_text_is_long(installation: Any) -> None:
    told = installation.run("sms", "preview", "”Hej” " + "å" * 70)
    assert "UCS-2, 76 characters of which 67 go into a part: 2 parts; because of ”, which GSM-7 lacks" in told.stdout


def test_preview_needs_something_to_link_to(tmp_path: Path) -> None:
    told = here(tmp_path, "", "sms", "preview").exception
    assert isinstance(told, Problem)
    assert "set [web] public_url" in str(told)


def test_send_asks_first(installation: Any) -> None:
    installation.configure('[sms]\ngateway = "file"\n')
    refused = installation.run("sms", "send", "070-174 06 05")
    assert refused.returncode == 1
    assert not (installation.folder / "data" / "sms.log").exists()
    assert installation.run("sms", "send", "070-174", "06", "05", "--yes").returncode == 0, "as docs/sms.md writes it"
    line = json.loads((installation.folder / "data" / "sms.log").read_text("utf-8"))
    assert line["to"] == "+46701740605"


@pytest.mark.parametrize(
    ("config", "number", "told"),
    [
        ("", "070-174 06 05", 'SMS is off: set [sms] gateway = "http", see docs/sms.md'),
        ('[sms]\ngateway = "http"\n', "070-174 06 05", "[sms] url is empty"),
        ('[sms]\ngateway = "file"\n', "12", "12: write one whole phone number"),
        ('[sms]\ngateway = "file"\n', " ", "which number?"),
    ],
)
def test_send_tells_what_is_wrong(tmp_path: Path, config: str, number: str, told: str) -> None:
    problem = here(tmp_path, config, "sms", "send", number, "--yes").exception
    assert isinstance(problem, Problem)
    assert problem.code == 2
    assert told in str(problem)


async def test_send_tells_what_the_gateway_said(installation: Any) -> None:
    async with other_system() as system:
        system.answers.append(web.Response(status=402, text="no money for +46701740605"))
        body = 'body = "to={to}&text={text}"\n'
        installation.configure(f'[sms]\ngateway = "http"\nurl = "{system.url}/sms"\n{body}')
        told = await asyncio.to_thread(installation.run, "sms", "send", "070-174 06 05", "--yes")
    assert (told.returncode, told.stderr.strip()) == (1, "the SMS gateway answered 402")
