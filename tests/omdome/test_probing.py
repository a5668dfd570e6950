"""`check-config --connect` tries what is on, and says what is wrong with it."""

import asyncio

import pytest
from aiosmtpd.handlers import Debugging
from aiosmtpd.smtp import SMTP

from omdome.demo.telegram import TOKEN, FakeTelegram
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


async def test_everything_that_is_on_is_tried(installation: Installation) -> None:
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(lambda: SMTP(Debugging(), loop=loop), "127.0.0.1", 0)
    async with smtp, FakeTelegram().running() as telegram:
        port = smtp.sockets[0].getsockname()[1]
        installation.configure(configured(telegram.base_url, "NotTheName", port))
        told = await asyncio.to_thread(installation.run, "check-config", "--connect", OMDOME_TELEGRAM_TOKEN=TOKEN)
    assert told.returncode == 1
    assert "✓ storage: opened" in told.stdout
    assert "but [telegram] bot_username is NotTheName" in told.stdout
    assert "✓ mail: connected" in told.stdout


def test_what_does_not_answer_is_told(installation: Installation) -> None:
    installation.configure(configured(NOWHERE, "ProvBot"))
    told = installation.run("check-config", "--connect", OMDOME_TELEGRAM_TOKEN=TOKEN)
    assert told.returncode == 1
    assert f"✗ Telegram bot: {NOWHERE} doesn't answer (TelegramNetworkError)" in told.stdout
    assert "✗ mail: no connection to the mail server" in told.stdout


@pytest.mark.parametrize("arguments", [("check-config",), ("check-config", "--connect")])
def test_what_is_off_is_not_tried(installation: Installation, arguments: tuple[str, ...]) -> None:
    assert installation.run(*arguments).returncode == 0
