"""config.toml, read and checked as a whole: either a `Config` that holds, or every fault at once."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from omdome.channel_settings import (
    Bounces,
    Contact,
    MailServer,
    Sip,
    Sms,
    Telegram,
    Voice,
    Webhook,
)
from omdome.config_faults import explain, not_toml
from omdome.settings import (
    Accessibility,
    Alerts,
    Digest,
    Intake,
    Log,
    Organisation,
    Privacy,
    Report,
    Section,
    Selection,
    Storage,
    Survey,
    Web,
    Workers,
)

CHECKOUT = Path(__file__).resolve().parent.parent


class ConfigError(Exception):
    """The configuration can't be used. `problems` has one line for each fault: where, what, and what would be right."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Config(Section):
    """Every setting. `home` is the folder that relative paths start from: where config.toml is."""

    organisation: Organisation = Organisation()
    storage: Storage = Storage()
    intake: Intake = Intake()
    selection: Selection = Selection()
    survey: Survey = Survey()
    telegram: Telegram = Telegram()
    voice: Voice = Voice()
    sip: Sip = Sip()
    web: Web = Web()
    accessibility: Accessibility = Accessibility()
    contact: Contact = Contact()
    alerts: Alerts = Alerts()
    digest: Digest = Digest()
    report: Report = Report()
    webhooks: Annotated[tuple[Webhook, ...], Field(strict=False)] = ()
    mail: MailServer = MailServer()
    bounces: Bounces = Bounces()
    sms: Sms = Sms()
    privacy: Privacy = Privacy()
    workers: Workers = Workers()
    log: Log = Log()
    _home: Path = CHECKOUT

    @property
    def home(self) -> Path:
        return self._home

    def path(self, setting: str) -> Path:
        """A path setting, made absolute."""
        return self._home / Path(setting).expanduser()

    @model_validator(mode="after")
    def _names_agree(self) -> "Config":
        unknown = [name for name in self.digest.targets if name not in self.survey.questions]
        if unknown:
            raise ValueError(f"[digest.targets] {', '.join(unknown)}: no such question; see [survey] questions")
        for recipient in self.digest.recipients:
            if recipient.language and recipient.language not in self.organisation.languages:
                raise ValueError(
                    f'[[digest.recipients]] {recipient.name}: language "{recipient.language}" is not among '
                    "[organisation] languages"
                )
        return self

    @model_validator(mode="after")
    def _test_customers_are_addresses(self) -> "Config":
        for entry in self.selection.test_customers:
            try:
                comparable(entry, self.intake.phone_region)
            except ValueError as error:
                raise ValueError(f'[selection] test_customers: "{entry}" is no address; {error}') from None
        return self


def comparable(customer: str, region: str) -> str:
    """A test customer ("@domain", a mail or a phone number) as cases have it. Raises ValueError, saying what is right.

    `region` is the country of numbers written without one.
    """
    if "@" in customer:
        address = customer.strip().casefold()
        if "." not in address.rpartition("@")[2] or " " in address:
            raise ValueError('write a mail address, or "@" and the domain, such as "@example.se"')
        return address
    from intake.values import read_phone  # which takes a while to import

    return read_phone(customer, region)


def config_path(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the configuration is: `given`, else OMDOME_CONFIG, else config.toml beside the checkout's rooms."""
    if given is not None:
        return given
    named = environment.get("OMDOME_CONFIG", "").strip()
    return Path(named) if named else CHECKOUT / "config.toml"


def load_config(path: Path | None = None) -> Config:
    """Read and check the configuration at `path` (None: see `config_path`). Raises ConfigError with every fault."""
    found = config_path(path)
    try:
        text = found.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            [f"{found}: can't be read ({error.strerror}); name another with --config or OMDOME_CONFIG"]
        ) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{found}: is not UTF-8 text; save it as UTF-8"]) from None
    config = parse_config(text, found.name)
    config._home = found.resolve().parent
    return config


def parse_config(text: str, name: str = "config.toml") -> Config:
    """Check the text of a configuration; `name` starts each fault's line. Raises ConfigError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([not_toml(str(error), name)]) from None
    try:
        return Config.model_validate(table)
    except ValidationError as error:
        raise ConfigError(explain(error.errors(), Config, text, name)) from None
