"""Settings as the rooms want them: plain frozen values. Nothing else reads the configuration on a room's behalf."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from models.case import AddressKind
from models.conversation import FollowUp, Script
from models.digest import DigestPolicy, Recipient, ReportRole
from models.selection import SelectionMethod, SelectionPolicy
from omdome.config import Config, comparable
from omdome.credentials import Credentials
from survey.calendar import ContactHours
from survey.digest_times import DigestSchedule

if TYPE_CHECKING:
    from bot.application import TelegramSettings
    from delivery.mail import SmtpServer
    from delivery.message import Sending
    from intake.rows import RowRules
    from workflow.contact_plan import ContactPolicy
    from workflow.inbox import InboxPolicy
    from workflow.outbox import OutboxPolicy
    from workflow.selecting import InvitationPolicy

_VIA = {"mail": AddressKind.MAIL, "telegram": AddressKind.CHAT}


def languages_of(config: Config) -> tuple[str, ...]:
    """The languages of the survey, the organisation's own first."""
    own = config.organisation.language
    return (own, *(language for language in config.organisation.languages if language != own))


def database_url_of(config: Config, credentials: Credentials) -> str:
    """The database's address, its SQLite path made absolute, its password put in."""
    url = config.storage.url
    if url.startswith("sqlite:///"):
        return f"sqlite:///{config.path(url.removeprefix('sqlite:///'))}"
    if not credentials.database_password:
        return url
    from urllib.parse import quote

    before, at, after = url.rpartition("@")
    return f"{before}:{quote(credentials.database_password, safe='')}{at}{after}"


def database_file_of(config: Config) -> Path | None:
    """The SQLite database's file; None with PostgreSQL."""
    url = config.storage.url
    return config.path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def row_rules_of(config: Config, now: datetime) -> "RowRules":
    from intake.rows import RowRules

    return RowRules(
        zone=config.organisation.timezone,
        now=now,
        region=config.intake.phone_region,
        languages=languages_of(config),
    )


def columns_of(config: Config) -> Mapping[str, Sequence[str]]:
    columns: dict[str, Sequence[str]] = config.intake.columns.model_dump()
    return columns


def selection_of(config: Config) -> SelectionPolicy:
    rules = config.selection
    return SelectionPolicy(
        method=SelectionMethod(rules.method),
        share=rules.share,
        number=rules.number,
        period=rules.period,
        seed=rules.seed,
        exclude_units=frozenset(rules.exclude_units),
        exclude_subjects=frozenset(rules.exclude_subjects),
        exclude_auto_closed=rules.exclude_auto_closed,
        test_customers=frozenset(comparable(each, config.intake.phone_region) for each in rules.test_customers),
        min_days_between=rules.min_days_between,
        max_days_since_closed=rules.max_days_since_closed,
        require_address=rules.require_address,
    )


def invitations_of(config: Config) -> "InvitationPolicy":
    from workflow.selecting import InvitationPolicy

    return InvitationPolicy(
        zone=config.organisation.timezone,
        expires_after_days=config.survey.expires_after_days,
        reminder_after_days=config.survey.reminder_after_days,
        languages=languages_of(config),
        in_chats=config.telegram.enabled,
    )


def page_url_of(config: Config) -> str:
    """Where customers find the survey page, without "/" at its end; "" where they find none."""
    web = config.web
    return web.public_url.rstrip("/") if web.enabled and web.survey_page else ""


def privacy_page_of(config: Config) -> str:
    """Where customers read how their data is handled: on our own page (it links on), else on the organisation's."""
    page = page_url_of(config)
    return f"{page}/personuppgifter" if page else config.organisation.privacy_url


def contact_line(config: Config) -> str:
    """How customers reach the organisation: phone / mail; "" if nothing is known."""
    own = config.organisation
    return " / ".join(filter(None, (own.contact_phone, own.contact_mail)))


def can_be_opened(config: Config) -> bool:
    """Whether there is a channel in which customers can answer by themselves: something to link to."""
    return config.telegram.enabled or bool(page_url_of(config))


def calls_are_made(config: Config) -> bool:
    """Whether `run` calls customers."""
    return bool(config.contact.phone_after_days and config.sip.host)


def can_be_answered(config: Config) -> bool:
    """Whether there is a channel in which customers can answer."""
    return can_be_opened(config) or calls_are_made(config)


def contact_of(config: Config) -> "ContactPolicy":
    """How those without a chat are turned to, by the ways that can work as configured."""
    from models.survey import ContactWay
    from workflow.contact_plan import ContactPolicy

    rules, survey = config.contact, config.survey
    works = {"mail": bool(config.mail.host), "sms": config.sms.gateway != "off"}
    return ContactPolicy(
        ways=tuple(ContactWay(way) for way in rules.order if works[way] and can_be_opened(config)),
        zone=config.organisation.timezone,
        hours=hours_of(config),
        reminder_after=timedelta(days=survey.reminder_after_days) if survey.reminder_after_days else None,
        phone_after=timedelta(days=rules.phone_after_days) if rules.phone_after_days else None,
        max_attempts=rules.max_attempts,
        between=timedelta(hours=rules.min_hours_between),
    )


def script_of(config: Config) -> Script:
    return Script(reasons=config.survey.reasons, follow_up=FollowUp(config.survey.follow_up))


def digest_of(config: Config) -> DigestPolicy:
    rules = config.digest
    return DigestPolicy(
        organisation=config.organisation.name,
        questions=config.survey.questions,
        targets={question: percent / 100 for question, percent in rules.targets.items()},
        recent_weeks=rules.recent_weeks,
        base_weeks=rules.base_weeks,
        trend_weeks=rules.trend_weeks,
        min_group=rules.min_group,
        min_foretag=rules.min_foretag,
        min_ranking=rules.min_ranking,
        false_discovery_rate=rules.false_discovery_rate,
        unchanged_within=rules.unchanged_within_percent / 100,
    )


def schedule_of(config: Config) -> DigestSchedule:
    rules = config.digest
    return DigestSchedule(
        zone=config.organisation.timezone, weekday=rules.weekday, at=rules.time, catch_up=rules.catch_up_weeks
    )


def recipients_of(config: Config) -> list[Recipient]:
    return [
        Recipient(
            name=each.name,
            mail=each.mail,
            via=tuple(_VIA[way] for way in each.via),
            units=each.units,
            language=each.language or config.organisation.language,
            identified=each.identified,
            role=ReportRole(each.role),
        )
        for each in config.digest.recipients
    ]


def inbox_of(config: Config) -> "InboxPolicy":
    from workflow.inbox import InboxPolicy

    return InboxPolicy(lease=timedelta(seconds=config.workers.inbox_lease_seconds))


def outbox_of(config: Config) -> "OutboxPolicy":
    from workflow.outbox import OutboxPolicy

    return OutboxPolicy(lease=timedelta(seconds=config.workers.outbox_lease_seconds))


def smtp_of(config: Config, credentials: Credentials) -> "SmtpServer":
    from delivery.mail import SmtpServer

    mail = config.mail
    return SmtpServer(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        username=mail.username,
        password=credentials.smtp_password,
        timeout_seconds=mail.timeout_seconds,
    )


def sending_of(config: Config) -> "Sending":
    from delivery.message import Sending

    mail = config.mail
    name = mail.sender_name or config.organisation.name
    return Sending(from_mail=mail.sender, from_name=name, reply_to=mail.reply_to)


def hours_of(config: Config) -> ContactHours:
    rules = config.survey
    return ContactHours(start=rules.contact_from, until=rules.contact_until, weekends=rules.contact_weekends)


def retention_of(config: Config) -> Mapping[str, int]:
    """Days to keep, per kind of `PrivacyStore.purge`; 0 is for ever."""
    keeps = config.privacy
    return {
        "replies": keeps.replies_days,
        "comments": keeps.comments_days,
        "contacts": keeps.contacts_days,
        "cases": keeps.cases_days,
        "queues": keeps.queues_days,
        "chats": keeps.chats_days,
    }


def telegram_of(config: Config, credentials: Credentials) -> "TelegramSettings":
    from bot.application import TelegramSettings
    from bot.throttling import Limits

    rules = config.telegram
    return TelegramSettings(
        token=credentials.telegram_token,
        base_url=rules.api_base_url,
        limits=Limits(in_all=rules.messages_per_second, per_chat=rules.messages_per_chat_per_second),
        request_timeout_seconds=rules.request_timeout_seconds,
        poll_wait_seconds=rules.poll_timeout_seconds,
        rest_seconds=config.workers.rest_seconds,
        inbox=inbox_of(config),
        outbox=outbox_of(config),
    )
