"""config.toml's sections of the ways to a customer and to other systems. See `omdome.settings`."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from omdome.setting_types import (
    BotUsername,
    Days,
    HostName,
    HttpsAddress,
    Mail,
    Network,
    Pattern,
    PhoneNumber,
    Positive,
    Region,
    SipName,
    WebAddress,
    Word,
    unique,
)
from omdome.settings import Section


class Telegram(Section):
    enabled: bool = False
    bot_username: BotUsername = ""
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: HttpsAddress = ""
    api_base_url: WebAddress = "https://api.telegram.org"
    messages_per_second: Positive = 30
    messages_per_chat_per_second: Annotated[float, Field(gt=0)] = 1
    poll_timeout_seconds: Annotated[int, Field(ge=1, le=50)] = 25
    request_timeout_seconds: Positive = 15


class Voice(Section):
    """The phone. Secrets there are none, and every path may lack what it names until it is wanted."""

    engine: Literal["auto", "vosk", "answer_words"] = "auto"
    speech_models_dir: Word = "data/speech_models"
    model_mirror_url: WebAddress = ""
    vosk_workers: Annotated[int, Field(ge=1, le=16)] = 1
    vosk_recognizers: Annotated[int, Field(ge=1, le=16)] = 2
    studio_prompts: Word = "data/studio_prompts"
    prompt_cache: Word = "data/prompt_cache"
    no_input_seconds: Annotated[float, Field(ge=2, le=30)] = 5.0
    answering_machines: bool = True
    input_device: str = ""
    output_device: str = ""
    headset: bool = False
    recording: bool = False
    recording_days: Annotated[int, Field(ge=1, le=3650)] = 30


class Sip(Section):
    """The organisation's own exchange or trunk, for calls to telephones. Its password is OMDOME_SIP_PASSWORD."""

    host: HostName = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 5060
    transport: Literal["udp", "tcp", "tls"] = "udp"
    ca_file: str = ""
    srtp: bool = False
    domain: HostName = ""
    username: SipName = ""
    auth_username: SipName = ""
    registers: bool = False
    caller_id: PhoneNumber = ""
    countries: Annotated[tuple[Region, ...], Field(strict=False), AfterValidator(unique)] = ()
    codecs: Annotated[
        tuple[Literal["pcma", "pcmu"], ...], Field(strict=False, min_length=1), AfterValidator(unique)
    ] = ("pcma", "pcmu")
    ring_seconds: Annotated[int, Field(ge=5, le=120)] = 30
    listen_port: Annotated[int, Field(ge=0, le=65535)] = 0
    calls_from: Annotated[tuple[Network, ...], Field(strict=False), AfterValidator(unique)] = ()
    answers: bool = True
    calls_at_once: Annotated[int, Field(ge=1, le=80)] = 4
    pause_seconds: Annotated[float, Field(ge=0, le=600)] = 2.0
    rtp_first_port: Annotated[int, Field(ge=1024, le=65534)] = 30000
    rtp_last_port: Annotated[int, Field(ge=1025, le=65535)] = 30999

    @model_validator(mode="after")
    def _has_ports(self) -> "Sip":
        if self.rtp_last_port - self.rtp_first_port < 4 * self.calls_at_once:
            raise ValueError("rtp_last_port must be at least 4 × calls_at_once above rtp_first_port")
        return self

    @model_validator(mode="after")
    def _is_secure(self) -> "Sip":
        if self.transport == "tls":
            if self.host.replace(".", "").isdecimal():
                raise ValueError("host must be a name where transport is tls: its certificate is made out to one")
            if self.listen_port:
                raise ValueError("listen_port must be 0 where transport is tls: calls come in where we registered")
        elif self.srtp:
            raise ValueError('srtp needs transport = "tls": without it anybody can read the keys')
        return self


class Contact(Section):
    """How customers are reached who have no chat with us."""

    order: Annotated[tuple[Literal["mail", "sms"], ...], Field(strict=False), AfterValidator(unique)] = ("mail", "sms")
    phone_after_days: Days = 0
    max_attempts: Positive = 3
    min_hours_between: Annotated[int, Field(ge=0)] = 24


class Sms(Section):
    """How text messages go out. The gateway's secret is OMDOME_SMS_SECRET, put in for {secret}."""

    gateway: Literal["off", "http", "file"] = "off"
    sender: str = ""
    file: Word = "data/sms.log"
    url: WebAddress = ""
    method: Literal["POST", "GET", "PUT"] = "POST"
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    body_type: Literal["form", "json"] = "form"
    dead_when: Pattern = ""
    failed_when: Pattern = ""
    max_parts: Annotated[int, Field(ge=1, le=6)] = 2
    timeout_seconds: Positive = 30


class Bounces(Section):
    """The mailbox that undelivered mail comes back to. Its password is OMDOME_BOUNCES_PASSWORD."""

    imap_host: str = ""
    imap_port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str = ""
    folder: Word = "INBOX"
    interval_seconds: Positive = 300


class MailServer(Section):
    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    sender: Mail = ""
    sender_name: str = ""
    reply_to: Mail = ""
    timeout_seconds: Positive = 30


class Webhook(Section):
    """Who is told of each finished survey. Signed with OMDOME_WEBHOOK_SECRET."""

    name: Word
    url: WebAddress
    comments: bool = False
