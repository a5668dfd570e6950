"""`check-config --connect` tries what is on, and says what is wrong with it."""

import asyncio

from aiosmtpd.handlers import Debugging
from aiosmtpd.smtp import SMTP

from omdome.config import load_config
from omdome.credentials import Credentials
from omdome.demo.telegram import TOKEN, FakeTelegram
from omdome.probing import probe_all
from tests.omdome.conftest import Installation

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
    assert told["mail"] == (False, "no connection to the mail server")


def test_the_command_tells_and_its_exit_code_too(installation: Installation) -> None:
    well = installation.run("check-config", "--connect")
    assert (well.returncode, "✓ storage: opened" in well.stdout) == (0, True)
    (installation.folder / "a-file").write_text("where a folder should be")
    installation.configure('[storage]\nurl = "sqlite:///a-file/omdome.db"\n')
    ill = installation.run("check-config", "--connect")
    assert (ill.returncode, "✗ storage: [storage] url: can't make" in ill.stdout) == (1, True)
