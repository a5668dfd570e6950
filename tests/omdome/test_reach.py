"""Where customers turn, and read about their data: the same on the page, in mails and in the chat."""

import re
from html import unescape

import pytest

from omdome.channel_settings import Telegram
from omdome.config import Config
from omdome.invitation_mails import mail_writer
from omdome.policies import contact_line, privacy_page_of
from omdome.settings import Organisation, Web
from omdome.speech import speech_of
from omdome.survey_page import pages_of
from omdome.texts import load_texts
from tests.delivery.invitations import about
from web.survey_view import View

THEIRS = "https://www.example.se/gdpr"
OURS = "https://omdome.example.se/personuppgifter"
TELEGRAM = Telegram(enabled=True, bot_username="ExempelOmdomeBot")
ON_THE_WEB = Web(enabled=True, public_url="https://omdome.example.se")


def config(web: Web) -> Config:
    own = Organisation(name="Exempelkommunen", contact_phone="070-174 06 05", privacy_url=THEIRS)
    return Config(organisation=own, telegram=TELEGRAM, web=web)


def mail(settings: Config, form: str = "html") -> str:
    writer = mail_writer(settings)
    assert writer is not None
    return unescape(str(writer.payload(about())[form]))


def test_no_line_is_broken_inside_a_phone_number() -> None:
    settings = config(ON_THE_WEB)
    assert '(<span style="white-space: nowrap">070-174 06 05</span>)' in mail(settings)
    own = settings.organisation.model_copy(update={"name": "Exempelkommunens kundcenter"})
    assert "070-174 06 05" in mail(settings.model_copy(update={"organisation": own}), "text")
    page = pages_of(settings).response(
        "survey_stopped.html", load_texts("sv"), view=View(heading="", lead=(f"<{contact_line(settings)}> & 12 34",))
    )
    assert '&lt;<span class="unbroken">070-174 06 05</span>&gt; &amp; 12 34' in str(page.text)


@pytest.mark.parametrize(("web", "page"), [(ON_THE_WEB, OURS), (Web(enabled=False), THEIRS)])
def test_the_words_about_personal_data_lead_to_one_page_everywhere(web: Web, page: str) -> None:
    """To ours, which tells how long data is kept and links on to theirs, wherever there is one."""
    settings = config(web)
    assert privacy_page_of(settings) == speech_of(settings).privacy_url == page
    [link] = re.findall(r'<a href="([^"]*)"[^>]*>Så hanterar vi dina uppgifter', mail(settings))
    assert link == page
