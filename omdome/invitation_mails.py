"""What invitations by mail are written with, from the configuration."""

from delivery.invitation_letter import Asker
from delivery.invitation_mail import InvitationMails
from omdome.config import Config
from omdome.policies import contact_line, languages_of, page_url_of, privacy_page_of
from omdome.texts import load_texts


def asker_of(config: Config) -> Asker | None:
    """Who asks, and where customers answer; None where there is neither a survey page nor Telegram."""
    own, telegram = config.organisation, config.telegram
    public_url = page_url_of(config)
    bot_username = telegram.bot_username if telegram.enabled else ""
    if not (public_url or bot_username):
        return None
    contact = contact_line(config)
    return Asker(
        name=own.name,
        zone=own.timezone,
        questions=config.survey.questions,
        reach=f"{own.name} ({contact})" if contact else own.name,
        public_url=public_url,
        bot_username=bot_username,
        privacy_url=privacy_page_of(config),
    )


def mail_writer(config: Config) -> InvitationMails | None:
    """The writer of invitations and reminders by mail; None where an invitation would have nowhere to lead."""
    asker = asker_of(config)
    if asker is None:
        return None
    texts = {language: load_texts(language) for language in languages_of(config)}
    return InvitationMails(texts=texts, language=config.organisation.language, asker=asker)
