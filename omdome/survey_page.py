"""The survey page and the statements, as the configuration has them."""

from datetime import date
from typing import TYPE_CHECKING

from omdome.config import Config
from omdome.lexicons import load_lexicon
from omdome.policies import contact_line, languages_of, retention_of
from omdome.speech import survey_of
from omdome.texts import load_texts
from web.pages import Pages
from web.statements import Statements

if TYPE_CHECKING:
    from web.survey_page import SurveyPage
    from workflow.ports import Clock, Store


def pages_of(config: Config) -> Pages:
    """The frame of every page: one for the whole web server."""
    organisation = config.organisation
    texts = {language: load_texts(language) for language in languages_of(config)}
    return Pages(texts, organisation.language, organisation.name, config.web.public_url)


def survey_page_of(config: Config, store: "Store", clock: "Clock", pages: Pages) -> "SurveyPage":
    from web.survey_page import SurveyPage

    telegram = config.telegram
    return SurveyPage(
        pages=pages,
        store=store,
        clock=clock,
        policy=survey_of(config),
        lexicons={language: load_lexicon(language) for language in languages_of(config)},
        organisation=config.organisation.name,
        contact=contact_line(config),
        bot_username=telegram.bot_username if telegram.enabled else "",
        calls=config.contact.phone_after_days > 0,
        trusted_proxies=config.web.trusted_proxies,
    )


def statements_of(config: Config, pages: Pages) -> Statements:
    told = config.accessibility
    recorded = {"recordings": config.voice.recording_days} if config.voice.recording else {}
    return Statements(
        pages=pages,
        organisation=config.organisation.name,
        contact_mail=config.organisation.contact_mail,
        contact_phone=config.organisation.contact_phone,
        privacy_url=config.organisation.privacy_url,
        protection_officer=config.privacy.protection_officer,
        telegram=config.telegram.enabled,
        retention={**retention_of(config), **recorded},
        reviewed=date.fromisoformat(told.reviewed) if told.reviewed else None,
        shortcomings=told.shortcomings,
        complaint_url=told.complaint_url,
    )
