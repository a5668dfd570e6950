"""`check-config --connect` tries what is on, and says what is wrong with it."""

import asyncio

from aiosmtpd.handlers import Debugging
from aiosmtpd.smtp import SMTP

from models.case import ClosedCase
from models.selection import Decision, NotAsked
from omdome.config import load_config
from omdome.credentials import Credentials
from omdome.demo.telegram import TOKEN, FakeTelegram
from omdome.probing import probe_all
from omdome.wiring import open_application
from tests.omdome.conftest import Installation
from workflow.trunk import TRUNK, Trunk, trunk_text

NOWHERE = "http://127.0.0.1:9"


def configured(base_url: str, username: str, smtp_port: int = 9) -> str:
    return f"""
[telegram]
enabled = true
bot_username = "{username}"
api_base_url = "{base_url}"
request_timeout_seconds = 2
[mail]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
sender = "omdome@example.se"
timeout_seconds = 2
"""


async def probed(installation: Installation) -> dict[str, tuple[bool, str]]:
    config = load_config(installation.folder / "config.toml")
    return {
        probe.name: (probe.well, probe.said) for probe in await probe_all(config, Credentials(telegram_token=TOKEN))
    }


async def test_everything_that_is_on_is_tried(installation: Installation) -> None:
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(lambda: SMTP(Debugging(), loop=loop), "127.0.0.1", 0)
    async with smtp, FakeTelegram().running() as telegram:
        port = smtp.sockets[0].getsockname()[1]
        installation.configure(configured(telegram.base_url, "NotTheName", port))
        told = await probed(installation)
    assert told["storage"] == (True, "opened")
    assert told["mail"] == (True, "connected")
    well, said = told["Telegram bot"]
    assert not well
    assert said.endswith("but [telegram] bot_username is NotTheName")


async def test_what_does_not_answer_is_told(installation: Installation) -> None:
    installation.configure(configured(NOWHERE, "ProvBot"))
    told = await probed(installation)
    assert told["Telegram bot"] == (False, f"{NOWHERE} doesn't answer (TelegramNetworkError)")
    well, said = told["mail"]
    assert not well
    assert said.startswith(
        "127.0.0.1:9, none: no connection to the mail server: connection refused → [mail] host, port"
    )


def test_the_command_tells_and_its_exit_code_too(installation: Installation) -> None:
    well = installation.run("check-config", "--connect")
    assert (well.returncode, "✓ storage: opened" in well.stdout) == (0, True)
    (installation.folder / "a-file").write_text("where a folder should be")
    installation.configure('[storage]\nurl = "sqlite:///a-file/omdome.db"\n')
    ill = installation.run("check-config", "--connect")
    assert (ill.returncode, "✗ storage: [storage] url: can't make" in ill.stdout) == (1, True)


async def test_calls_that_do_not_get_through_are_told(installation: Installation) -> None:
    installation.configure(
        '[web]\npublic_url = "https://omdome.example.se"\n[contact]\nphone_after_days = 7\n[sip]\nhost = "10.0.0.5"\n'
    )
    well, said = (await probed(installation))["calls"]
    assert (well, "`voice doctor` tries" in said) == (True, True)
    async with open_application(load_config(installation.folder / "config.toml"), Credentials()) as app:
        now = app.clock.now()
        async with app.store.step() as tx:
            trunk = Trunk(troubled=("a", "b", "c"), since=now, until=now, rests=1, why="congestion, SIP 503")
            await tx.set_fact(TRUNK, trunk_text(trunk), now)
    well, said = (await probed(installation))["calls"]
    assert not well
    assert "calls to 3 numbers in a row have come to nothing (congestion, SIP 503)" in said


async def test_a_digest_for_a_unit_that_no_case_is_of_is_told(installation: Installation) -> None:
    installation.configure(
        '[[digest.recipients]]\nname = "Parkchefen"\nmail = "park@example.se"\nunits = ["park natur"]\n'
    )
    assert (await probed(installation))["units of digests"] == (True, "known")  # no case of any unit yet
    async with open_application(load_config(installation.folder / "config.toml"), Credentials()) as app:
        now = app.clock.now()
        async with app.store.step() as tx:
            await tx.put_cases([ClosedCase(case_id="A-1", closed_at=now, unit="Park Natur")], now)
            await tx.decide([Decision((await tx.undecided(1))[0].id, NotAsked.NO_ADDRESS)], now)
    assert (await probed(installation))["units of digests"] == (True, "known")
    installation.configure('[[digest.recipients]]\nname = "Parkchefen"\nmail = "park@example.se"\nunits = ["Parker"]\n')
    well, said = (await probed(installation))["units of digests"]
    assert not well
    assert said.startswith("no case of the unit 'Parker' has been seen")
    assert "Park Natur" in said
