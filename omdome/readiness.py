"""What is on, what is off and why, and what is missing: the same judgement for check-config, run and the overview."""

import re
from dataclasses import dataclass
from enum import StrEnum

from omdome.config import Config
from omdome.credentials import Credentials
from omdome.policies import can_be_answered
from omdome.texts import languages, load_texts


class State(StrEnum):
    ON = "on"
    OFF = "off"  #: as configured; `advice` says how to turn it on
    BROKEN = "broken"  #: turned on, but it can't work: `run` refuses


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that Omdöme can do. `why` explains the state, `advice` says what would change it ("" if nothing)."""

    name: str
    state: State
    why: str
    advice: str = ""


def features(config: Config, credentials: Credentials) -> list[Feature]:
    """Every feature, in the order of the data's way. Looks at settings and secrets only, not at the network."""
    from omdome.contact_readiness import (  # which judge by this room's words
        calling_back_feature,
        calls_feature,
        contact_feature,
        page_feature,
    )
    from omdome.report_readiness import report_feature

    return [
        _texts(config),
        _storage(config, credentials),
        _folder(config),
        _api(config, credentials),
        _metrics(config),
        _selection(config),
        page_feature(config),
        _telegram(config, credentials),
        contact_feature(config),
        calls_feature(config),
        calling_back_feature(config),
        _alerts(config),
        _digest(config),
        report_feature(config),
        _mail(config, credentials),
        _bounces(config, credentials),
        _sms(config, credentials),
        _webhooks(config, credentials),
        _privacy(config),
    ]


def broken(config: Config, credentials: Credentials) -> list[Feature]:
    return [feature for feature in features(config, credentials) if feature.state is State.BROKEN]


def _texts(config: Config) -> Feature:
    name, spoken = "languages", config.organisation.languages
    for language in spoken:
        if language not in languages():
            advice = f"take {language} out of [organisation] languages, or write its texts"
            return Feature(name, State.BROKEN, f"there is no locales/{language}/", advice)
        texts = load_texts(language)
        keys = [f"questions.{each}.{part}" for each in config.survey.questions for part in ("name", "ask", "about")]
        keys += [f"questions.reasons.{reason}" for reason in config.survey.reasons]
        if lacking := [key for key in keys if not texts.has(key)]:
            why = f"locales/{language}/questions.toml lacks {', '.join(key.split('.', 1)[1] for key in lacking)}"
            return Feature(name, State.BROKEN, why, "write them there, or correct [survey] questions and reasons")
    return Feature(name, State.ON, ", ".join(spoken))


def _storage(config: Config, credentials: Credentials) -> Feature:
    url = config.storage.url
    if credentials.database_password and url.startswith("sqlite"):
        return Feature(
            "storage", State.BROKEN, "OMDOME_DATABASE_PASSWORD is set, but SQLite has no password", "unset it"
        )
    return Feature("storage", State.ON, url)


def _folder(config: Config) -> Feature:
    folder = config.intake.watched_folder
    if not folder:
        return Feature("watched folder", State.OFF, "no folder is named", "set [intake] watched_folder")
    if not config.path(folder).is_dir():
        return Feature(
            "watched folder",
            State.BROKEN,
            f"{config.path(folder)} is no folder",
            "make it, or correct [intake] watched_folder",
        )
    return Feature("watched folder", State.ON, f"{folder}, every {config.intake.watch_interval_seconds} s")


def _api(config: Config, credentials: Credentials) -> Feature:
    name, token = "API", credentials.api_token
    if not config.web.case_api:
        hint = "set [web] case_api = true, and make a token: omdome token create NAME --scope cases:write"
        return Feature(name, State.OFF, "not asked for", hint)
    if not config.web.enabled:
        return Feature(name, State.BROKEN, "the web server is off", "set [web] enabled = true")
    if 0 < len(token) < 16:
        why = "OMDOME_API_TOKEN is shorter than 16 characters"
        return Feature(
            name, State.BROKEN, why, f"set it to what this makes: {MAKE_SECRET}; or use `omdome token create`"
        )
    tokens = "OMDOME_API_TOKEN and `omdome token list`" if token else "`omdome token list`"
    return Feature(name, State.ON, f"http://{config.web.host}:{config.web.port}/api/, for {tokens}")


def _metrics(config: Config) -> Feature:
    if not config.web.metrics:
        hint = "set [web] metrics = true, and make a token: omdome token create prometheus --scope metrics"
        return Feature("metrics", State.OFF, "not asked for", hint)
    if not config.web.enabled:
        return Feature("metrics", State.BROKEN, "the web server is off", "set [web] enabled = true")
    return Feature(
        "metrics", State.ON, f"http://{config.web.host}:{config.web.port}/metrics, for a token of scope metrics"
    )


_BOT_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")  # what aiogram takes
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what setWebhook takes
MAKE_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"  # noqa: S105 - how to make one


def _selection(config: Config) -> Feature:
    if not can_be_answered(config):
        advice = "set [web] public_url, turn the Telegram bot on, or have calls made: [sip] host, phone_after_days"
        return Feature("selection", State.OFF, "there is no channel to ask in", advice)
    rules = config.selection
    how = {
        "all": "every closed case",
        "share": f"{rules.share:.0%} of closed cases, at random",
        "fixed": f"{rules.number} cases per {rules.period} and unit, at random",
    }[rules.method]
    often = f", a respondent at most every {rules.min_days_between} days" if rules.min_days_between else ""
    return Feature("selection", State.ON, how + often)


def _telegram(config: Config, credentials: Credentials) -> Feature:
    told, name = config.telegram, "Telegram bot"
    if not told.enabled:
        hint = "make a bot with @BotFather, then set [telegram] enabled, bot_username and OMDOME_TELEGRAM_TOKEN"
        return Feature(name, State.OFF, "not asked for", hint)
    if not credentials.telegram_token:
        return Feature(name, State.BROKEN, "it has no token", "set OMDOME_TELEGRAM_TOKEN to what @BotFather gave you")
    if not _BOT_TOKEN.fullmatch(credentials.telegram_token):
        return Feature(
            name, State.BROKEN, "OMDOME_TELEGRAM_TOKEN is no bot token", "it looks like 123456:AbC…: copy it whole"
        )
    if not told.bot_username:
        return Feature(name, State.BROKEN, "links need the bot's name", "set [telegram] bot_username")
    if told.mode == "webhook":
        return _webhook(config, credentials)
    return Feature(name, State.ON, f"@{told.bot_username}, polling")


def _webhook(config: Config, credentials: Credentials) -> Feature:
    name = "Telegram bot"
    if not config.telegram.webhook_url:
        return Feature(name, State.BROKEN, 'mode = "webhook" needs an address', "set [telegram] webhook_url")
    if not credentials.telegram_webhook_secret:
        return Feature(
            name,
            State.BROKEN,
            "without a secret anyone could answer for your customers",
            f"set OMDOME_TELEGRAM_WEBHOOK_SECRET, made by: {MAKE_SECRET}",
        )
    if not _WEBHOOK_SECRET.fullmatch(credentials.telegram_webhook_secret):
        return Feature(
            name,
            State.BROKEN,
            "OMDOME_TELEGRAM_WEBHOOK_SECRET isn't 1-256 of A-Z, a-z, 0-9, _ and -, which is all that Telegram takes",
            f"make one by: {MAKE_SECRET}",
        )
    if not config.web.enabled:
        return Feature(name, State.BROKEN, "the web server is off", "set [web] enabled = true")
    return Feature(name, State.ON, f"@{config.telegram.bot_username}, webhook at {config.telegram.webhook_url}")


def _alerts(config: Config) -> Feature:
    kinds = [word for word, on in (("dåligt", config.alerts.poor), ("praise", config.alerts.praise)) if on]
    if not kinds:
        return Feature("alerts to handlers", State.OFF, "not asked for", "set [alerts] poor or praise")
    if not (config.mail.host or config.telegram.enabled):
        return Feature(
            "alerts to handlers", State.OFF, "neither mail nor Telegram is on", "set [mail] host or [telegram] enabled"
        )
    return Feature(
        "alerts to handlers", State.ON, f"{' and '.join(kinds)}, {config.alerts.delay_minutes} min after the answer"
    )


def _digest(config: Config) -> Feature:
    digest, name = config.digest, "weekly digest"
    if not digest.enabled:
        return Feature(name, State.OFF, "not asked for", "set [digest] enabled = true")
    if not digest.recipients:
        return Feature(name, State.OFF, "nobody gets it", "write a [[digest.recipients]] table")
    for recipient in digest.recipients:
        if "mail" in recipient.via and not config.mail.host:
            return Feature(name, State.BROKEN, f"{recipient.name} wants mail, but mail is off", "set [mail] host")
        if "telegram" in recipient.via and not config.telegram.enabled:
            return Feature(
                name, State.BROKEN, f"{recipient.name} wants Telegram, but it is off", "set [telegram] enabled = true"
            )
    count = len(digest.recipients)
    return Feature(
        name, State.ON, f"{digest.weekday} {digest.time:%H:%M}, {count} recipient{'s' if count != 1 else ''}"
    )


def _mail(config: Config, credentials: Credentials) -> Feature:
    mail = config.mail
    if not mail.host:
        return Feature("mail", State.OFF, "no server is named", "set [mail] host and sender")
    if not mail.sender:
        return Feature("mail", State.BROKEN, "it has no sender", "set [mail] sender")
    if mail.username and not credentials.smtp_password:
        return Feature("mail", State.BROKEN, f"{mail.username} has no password", "set OMDOME_SMTP_PASSWORD")
    if credentials.smtp_password and mail.security == "none":
        return Feature(
            "mail", State.BROKEN, "the password would go unencrypted", 'set [mail] security = "starttls" or "tls"'
        )
    return Feature("mail", State.ON, f"{mail.host}:{mail.port}, {mail.security}, from {mail.sender}")


def _bounces(config: Config, credentials: Credentials) -> Feature:
    if not config.bounces.imap_host:
        why = "no mailbox is named: only the mail server's own refusals are heeded"
        return Feature("bounces", State.OFF, why, "set [bounces] imap_host and username")
    from omdome.bounces import bounces_feature  # which takes a while to import

    return bounces_feature(config, credentials)


def _sms(config: Config, credentials: Credentials) -> Feature:
    if config.sms.gateway == "off":
        return Feature("SMS", State.OFF, "not asked for", 'set [sms] gateway = "http", see docs/sms.md')
    from omdome.sms import sms_feature  # which takes a while to import

    return sms_feature(config, credentials)


def _webhooks(config: Config, credentials: Credentials) -> Feature:
    if not config.webhooks:
        return Feature("webhooks", State.OFF, "nobody is told", "write a [[webhooks]] table, see docs/webhooks.md")
    from omdome.webhooks import webhooks_feature  # which takes a while to import

    return webhooks_feature(config, credentials)


def _privacy(config: Config) -> Feature:
    keeps = config.privacy
    shortest = min((days for days in (keeps.replies_days, keeps.comments_days, keeps.contacts_days) if days), default=0)
    if not shortest:
        return Feature("retention", State.OFF, "personal data is kept for ever", "set [privacy] …_days")
    return Feature(
        "retention",
        State.ON,
        f"contacts {keeps.contacts_days}, words {keeps.replies_days}, cases {keeps.cases_days} days",
    )
