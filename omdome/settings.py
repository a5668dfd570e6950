"""The settings, one class a section, in the order of the data's way. `config.toml` says what each is for.

Values are strict: a number in quotes is refused. Names carry their unit.
"""

from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from omdome.setting_types import (
    DatabaseAddress,
    Day,
    Days,
    LocalTime,
    Mail,
    Positive,
    PublicUrl,
    Region,
    WebAddress,
    Word,
    Words,
    Zone,
    unique,
)


class Section(BaseModel):
    """A table of config.toml: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Organisation(Section):
    name: Word = "Exempelkommunen"
    zone: Zone = "Europe/Stockholm"
    language: Word = "sv"
    languages: Words = ("sv", "en")
    contact_mail: Mail = ""
    contact_phone: str = ""
    privacy_url: WebAddress = ""

    @model_validator(mode="after")
    def _language_is_offered(self) -> "Organisation":
        if self.language not in self.languages:
            raise ValueError(f'language = "{self.language}" is not among languages; add it there')
        return self

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Storage(Section):
    url: DatabaseAddress = "sqlite:///data/omdome.db"
    backup_folder: Word = "data/backups"


class Columns(Section):
    """Which headers mean what. Each setting is one field of `models.case.ClosedCase`."""

    case_id: Annotated[Words, Field(min_length=1)] = (
        "case_id",
        "ärendenummer",
        "ärendeid",
        "ärende-id",
        "diarienummer",
        "ärende",
    )
    opened_at: Words = ("opened_at", "öppnat", "öppnad", "skapat", "skapad", "inkom", "registrerat")
    closed_at: Annotated[Words, Field(min_length=1)] = (
        "closed_at",
        "avslutat",
        "avslutad",
        "avslutsdatum",
        "stängt",
        "stängd",
    )
    department: Words = ("department", "förvaltning")
    unit: Words = ("unit", "verksamhet", "enhet")
    subject: Words = ("subject", "ämne", "ärendetyp")
    handler: Words = ("handler", "handläggare")
    handler_mail: Words = ("handler_email", "handler_mail", "handläggare e-post", "handläggarens e-post")
    contractor: Words = ("contractor", "entreprenör", "utförare")
    intake_channel: Words = ("intake_channel", "inkanal", "kanal", "kontaktväg")
    customer_type: Words = ("customer_type", "kundtyp", "kundkategori")
    phone: Words = ("phone", "telefon", "telefonnummer", "mobil", "mobiltelefon")
    mail: Words = ("email", "mail", "e-post", "e-postadress")
    language: Words = ("language", "språk")
    auto_closed: Words = ("auto_closed", "autostängt", "automatiskt avslutat")


class Intake(Section):
    watched_folder: str = ""
    watch_interval_seconds: Positive = 60
    watched_settle_seconds: Positive = 10
    watched_move: bool = True
    phone_region: Region = "SE"
    columns: Columns = Columns()


class Selection(Section):
    """The fields of `models.selection.SelectionPolicy`, and how often it is applied."""

    method: Literal["all", "share", "fixed"] = "all"
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    number: Positive = 50
    period: Literal["week", "month"] = "month"
    seed: str = ""
    exclude_units: Words = ()
    exclude_subjects: Words = ()
    exclude_auto_closed: bool = True
    test_customers: Words = ()
    min_days_between: Days = 90
    max_days_since_closed: Days = 30
    require_address: bool = False
    interval_seconds: Positive = 300


class Survey(Section):
    questions: Annotated[Words, Field(min_length=1, max_length=9)] = ("bemotande", "tillganglighet", "leverans")
    follow_up: Literal["first", "each", "never"] = "first"
    reasons: Words = ("ingen_aterkoppling", "inte_atgardat", "svart_att_na", "bemotandet", "annat")
    reminder_after_days: Days = 3
    expires_after_days: Positive = 14
    contact_from: LocalTime = time(9)
    contact_until: LocalTime = time(20)
    contact_weekends: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> "Survey":
        if self.contact_from >= self.contact_until:
            raise ValueError("contact_from must be earlier than contact_until")
        if self.reminder_after_days >= self.expires_after_days:
            raise ValueError("reminder_after_days must be fewer than expires_after_days")
        return self


class Web(Section):
    enabled: bool = True
    host: Word = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: PublicUrl = ""
    survey_page: bool = True
    report: bool = True
    case_api: bool = False
    metrics: bool = False
    trusted_proxies: Annotated[int, Field(ge=0, le=9)] = 0
    max_body_bytes: Positive = 20_000_000


class Report(Section):
    """The managers' page."""

    link_days: Positive = 8
    session_hours: Positive = 12


class Accessibility(Section):
    """What the statement at /tillganglighet says."""

    reviewed: Day = ""
    shortcomings: Words = ()
    complaint_url: WebAddress = "https://www.digg.se/tdosanmalan"


class Alerts(Section):
    poor: bool = True
    praise: bool = True
    delay_minutes: Annotated[int, Field(ge=0)] = 30


class Recipient(Section):
    """One who gets the digest. `name` is the subscription's, `mail` says which registered chat is theirs.

    `role` is what they may see on the managers' page.
    """

    name: Word
    mail: Annotated[Mail, Field(min_length=1)]
    via: Annotated[
        tuple[Literal["mail", "telegram"], ...], Field(strict=False, min_length=1), AfterValidator(unique)
    ] = ("mail",)
    units: Words = ()
    language: str = ""
    identified: bool = False
    role: Literal["manager", "analyst", "admin"] = "manager"


class Digest(Section):
    enabled: bool = True
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday"] = "monday"
    time: LocalTime = time(7)
    catch_up_weeks: Positive = 4
    recent_weeks: Positive = 4
    base_weeks: Positive = 26
    trend_weeks: Positive = 26
    false_discovery_rate: Annotated[float, Field(gt=0, lt=1)] = 0.10
    unchanged_within_percent: Annotated[int, Field(ge=0, le=50)] = 10
    min_group: Positive = 7
    min_foretag: Positive = 10
    min_ranking: Positive = 20
    telegram_chart: bool = True
    unsubscribe_mail: Mail = ""
    targets: dict[str, Annotated[int, Field(ge=1, le=100)]] = {}
    recipients: Annotated[tuple[Recipient, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _each_recipient_once(self) -> "Digest":
        names = [recipient.name for recipient in self.recipients]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"recipients: {', '.join(twice)} stands twice; each name may stand once")
        return self


class Privacy(Section):
    """Retention in days per kind of `workflow.ports.PrivacyStore.purge`, and of files; 0 keeps for ever."""

    replies_days: Days = 365
    comments_days: Days = 365
    contacts_days: Days = 180
    cases_days: Days = 1095
    queues_days: Days = 30
    chats_days: Days = 730
    watched_files_days: Days = 30
    protection_officer: str = ""
    purge_time: LocalTime = time(3, 30)


class Workers(Section):
    rest_seconds: Annotated[float, Field(gt=0)] = 0.5
    inbox_lease_seconds: Positive = 30
    outbox_lease_seconds: Positive = 120
    grace_seconds: Positive = 20


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"
