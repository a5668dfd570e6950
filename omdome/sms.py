"""Text messages, as configured: the gateway, what is written, and whether it can work."""

from delivery.invitation_sms import InvitationSms
from delivery.sms import FileGateway, HttpGateway, SmsGateway, SmsSender
from delivery.sms_template import SmsTemplate, template_faults
from omdome.config import Config
from omdome.credentials import Credentials
from omdome.policies import languages_of, page_url_of
from omdome.readiness import Feature, State
from omdome.texts import load_texts
from survey.links import chat_link, page_link
from workflow.ports import Clock


def template_of(config: Config, credentials: Credentials) -> SmsTemplate:
    sms = config.sms
    return SmsTemplate(
        url=sms.url,
        method=sms.method,
        headers=sms.headers,
        body=sms.body,
        body_type=sms.body_type,
        sender=sms.sender,
        secret=credentials.sms_secret,
        timeout_seconds=sms.timeout_seconds,
    )


def gateway_of(config: Config, credentials: Credentials, clock: Clock) -> SmsGateway | None:
    """None where [sms] gateway is "off"."""
    match config.sms.gateway:
        case "http":
            return HttpGateway(template_of(config, credentials), config.sms.dead_when, config.sms.failed_when)
        case "file":
            return FileGateway(config.path(config.sms.file), clock)
    return None


def sender_of(config: Config, credentials: Credentials, clock: Clock) -> SmsSender | None:
    """The sender of outbox rows SMS; None where it is off."""
    gateway = gateway_of(config, credentials, clock)
    return SmsSender(gateway) if gateway else None


def sms_writer(config: Config) -> InvitationSms | None:
    """Words invitations and reminders; None where there is nothing to link to: neither a web page nor Telegram."""
    page, bot = page_url_of(config), config.telegram
    if not page and not (bot.enabled and bot.bot_username):
        return None

    def link(token: str) -> str:
        return page_link(page, token) if page else chat_link(bot.bot_username, token)

    return InvitationSms(
        texts={language: load_texts(language) for language in languages_of(config)},
        language=config.organisation.language,
        organisation=config.organisation.name,
        questions=config.survey.questions,
        link=link,
        max_parts=config.sms.max_parts,
    )


def sms_feature(config: Config, credentials: Credentials) -> Feature:
    """Whether text messages can go out, where they are to: `omdome.readiness` tells it."""
    name, sms = "SMS", config.sms
    if sms.gateway == "file":
        return Feature(name, State.ON, f"nobody gets it: messages are only written to {sms.file}")
    faults = template_faults(template_of(config, credentials))
    if sms.timeout_seconds >= config.workers.outbox_lease_seconds:
        faults.append("timeout_seconds must be less than [workers] outbox_lease_seconds, or a slow one is sent twice")
    if faults:
        return Feature(name, State.BROKEN, "; ".join(faults), "correct [sms]; docs/sms.md has whole examples")
    host = sms.url.split("/", 3)[2].partition("?")[0]
    return Feature(name, State.ON, f"through {host}, at most {sms.max_parts} part{'s' if sms.max_parts > 1 else ''}")
