"""Where customers turn, and read about their data: the same on the page, in mails and in the chat."""

import re
from html import unescape

import pytest

from omdome.config import Config
from omdome.invitation_mails import mail_writer
from omdome.policies import contact_line, privacy_page_of
from omdome.settings import Organisation, Telegram, Web
from omdome.speech import speech_of
from tests.delivery.invitations import about

THEIRS = "https://www.example.se/gdpr"
OURS = "https://omdome.example.se/personuppgifter"
TELEGRAM = Telegram(enabled=True, bot_username="ExempelOmdomeBot")
ON_THE_WEB = Web(enabled=True, public_url="https://omdome.example.se")


def config(web: Web) -> Config:
    own = Organisation(name="Exempelkommunen", contact_phone="070-174 06 05", privacy_url=THEIRS)
    return Config(organisation=own, telegram=TELEGRAM, web=web)


def mail(settings: Config) -> str:
    writer = mail_writer(settings)
    assert writer is not None
    return unescape(str(writer.payload(about())["html"]))


def test_no_line_is_broken_inside_a_phone_number() -> None:
    settings = config(ON_THE_WEB)
    assert contact_line(settings) == "070-174\N{NO-BREAK SPACE}06\N{NO-BREAK SPACE}05"
    assert contact_line(settings) in mail(settings)


@pytest.mark.parametrize(("web", "page"), [(ON_THE_WEB, OURS), (Web(enabled=False), THEIRS)])
def test_the_words_about_personal_data_lead_to_one_page_everywhere(web: Web, page: str) -> None:
    """To ours, which tells how long data is kept and links on to theirs, wherever there is one."""
    settings = config(web)
    assert privacy_page_of(settings) == speech_of(settings).privacy_url == page
    [link] = re.findall(r'<a href="([^"]*)"[^>]*>Så hanterar vi dina uppgifter', mail(settings))
    assert link == page
