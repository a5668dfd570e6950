"""What the survey is held with, made from the configuration: its rules, its texts and its lexicons."""

from datetime import timedelta

from bot.speech import Speech
from omdome.config import Config
from omdome.lexicons import load_lexicon
from omdome.policies import contact_line, hours_of, languages_of, privacy_page_of, script_of
from omdome.texts import load_texts
from workflow.alerts import AlertPolicy
from workflow.converse import SurveyPolicy


def survey_of(config: Config) -> SurveyPolicy:
    reminder_days = config.survey.reminder_after_days
    return SurveyPolicy(
        questions=config.survey.questions,
        script=script_of(config),
        zone=config.organisation.timezone,
        hours=hours_of(config),
        reminder_after=timedelta(days=reminder_days) if reminder_days else None,
        alerts=_alerts_of(config),
        webhooks=tuple(hook.name for hook in config.webhooks),
    )


def _alerts_of(config: Config) -> AlertPolicy:
    """None is planned that nothing could deliver."""
    rules, ways = config.alerts, bool(config.mail.host) or config.telegram.enabled
    delay = timedelta(minutes=rules.delay_minutes)
    return AlertPolicy(poor=rules.poor and ways, praise=rules.praise and ways, delay=delay)


def speech_of(config: Config) -> Speech:
    """Reads locales; raises TextsError or LexiconError, which say what is wrong with which file."""
    organisation, languages = config.organisation, languages_of(config)
    return Speech(
        texts={language: load_texts(language) for language in languages},
        lexicons={language: load_lexicon(language) for language in languages},
        policy=survey_of(config),
        language=organisation.language,
        organisation=organisation.name,
        contact=contact_line(config),
        privacy_url=privacy_page_of(config),
    )
