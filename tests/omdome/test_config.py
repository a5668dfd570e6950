"""config.toml: complete, commented, strict; every fault told with its place and what would be right."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from intake.columns import DEFAULT_COLUMNS
from models.selection import SelectionPolicy
from omdome.channel_settings import Webhook
from omdome.config import CHECKOUT, Config, ConfigError, config_path, load_config, parse_config
from omdome.policies import selection_of
from omdome.settings import Recipient, Section

#: lists of tables, shown as commented examples
EXAMPLES = {"digest.recipients", "webhooks"}
#: tables whose keys are anybody's
OPEN_TABLES = {"digest.targets", "sms.headers"}
TEXT = (CHECKOUT / "config.toml").read_text(encoding="utf-8")


def with_examples_uncommented(text: str) -> str:
    return re.sub(r"^# (?=\[\[|[a-z_]+ = )", "", text, flags=re.MULTILINE)


def settings_of(model: type[Section], prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, Section):
            found |= settings_of(annotation, f"{prefix}{name}.")
        else:
            found[prefix + name] = field.default
    return found


def flat(table: dict[str, object], prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, dict) and prefix + key not in OPEN_TABLES:
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text)
    return caught.value.problems


def test_every_setting_stands_in_config_toml_with_its_default() -> None:
    assert load_config(CHECKOUT / "config.toml") == Config()
    written = flat(tomllib.loads(TEXT))
    assert set(settings_of(Config)) - set(written) == EXAMPLES


def test_settings_stand_in_the_order_of_the_models() -> None:
    order = [name for name in settings_of(Config) if name not in EXAMPLES]
    written = [name for name in flat(tomllib.loads(TEXT)) if name not in EXAMPLES]
    assert written == order


def test_every_setting_has_a_comment_unless_its_name_says_it_all() -> None:
    plain = {"department", "unit", "subject", "phone", "mail", "handler", "handler_mail", "contractor"}
    keys = re.findall(r"^(?:# )?([a-z_]+) = (.*)$", TEXT, flags=re.MULTILINE)
    assert len(keys) > 80
    bare = {key for key, rest in keys if "  # " not in rest}
    assert bare <= plain


def test_the_examples_show_every_setting_and_hold() -> None:
    config = parse_config(with_examples_uncommented(TEXT))
    (recipient,) = config.digest.recipients
    assert recipient.mail == "ledning@example.se"
    shown = tomllib.loads(with_examples_uncommented(TEXT))["digest"]["recipients"][0]
    assert set(shown) == set(Recipient.model_fields)
    (webhook,) = tomllib.loads(with_examples_uncommented(TEXT))["webhooks"]
    assert set(webhook) == set(Webhook.model_fields)
    assert config.digest.targets == {"bemotande": 85}


def test_selection_settings_are_those_of_the_policy() -> None:
    policy = {field.name for field in fields(SelectionPolicy)}
    assert set(Config().selection.model_dump()) == policy | {"interval_seconds"}


def test_column_names_are_those_that_intake_knows() -> None:
    assert Config().intake.columns.model_dump() == DEFAULT_COLUMNS


def test_every_fault_is_told_at_once_in_order_with_its_line() -> None:
    assert faults(
        '[survey]\nreminder_after_dayz = 3\ncontact_weekends = "ja"\n[telegramm]\n[selection]\nshare = 2.5\n'
    ) == [
        "config.toml:2: [survey] reminder_after_dayz: unknown key; did you mean reminder_after_days?",
        'config.toml:3: [survey] contact_weekends: is "ja"; must be true or false, without quotes',
        "config.toml:4: [telegramm]: unknown section; did you mean telegram?",
        "config.toml:6: [selection] share: is 2.5; must be 1.0 or less",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[organisation]\nzone = "Sverige"', 'write a zone of the tz database, such as "Europe/Stockholm"'),
        ('[intake]\nphone_region = "XX"', 'is "XX"; no country has that code'),
        ("[intake.columns]\ncase_id = []", "must have at least 1"),
        ('[selection]\ntest_customers = ["anna"]', '"anna" is no address; write one whole phone number'),
        ('[selection]\ntest_customers = ["anna@"]', '"anna@" is no address; write a mail address'),
        ('[survey]\ncontact_from = "9"', 'write a local time as "07:00"'),
        ('[survey]\ncontact_from = "21:00"', "contact_from must be earlier than contact_until"),
        ("[survey]\nreminder_after_days = 14", "reminder_after_days must be fewer than expires_after_days"),
        ('[survey]\nquestions = ["a", "a"]', "a stands twice; each may stand once"),
        ('[organisation]\nlanguage = "fi"', 'language = "fi" is not among languages'),
        ('[telegram]\nmode = "push"', "must be one of 'polling' or 'webhook'"),
        ('[telegram]\nwebhook_url = "http://x.se"', "nothing but https"),
        ('[telegram]\nbot_username = "@bot"', "without @"),
        ('[sip]\nhost = "sip:pbx.example.se"', "write a host name or an IPv4 address alone"),
        ('[sip]\nusername = "anna@pbx"', "write the user name alone"),
        ('[sip]\ncaller_id = "070-174 06 05"', "write a whole number in international form"),
        ('[sip]\ntransport = "ws"', "must be one of 'udp', 'tcp' or 'tls'"),
        ('[sip]\ntransport = "tls"\nhost = "192.0.2.7"', "host must be a name where transport is tls"),
        ('[sip]\ntransport = "tls"\nlisten_port = 5061', "listen_port must be 0 where transport is tls"),
        ('[sip]\ncalls_from = ["192.0.2.7/28"]', "write an IPv4 address or network"),
        ("[sip]\nsrtp = true", 'srtp needs transport = "tls"'),
        ('[sip]\ncodecs = ["opus"]', "must be one of 'pcma' or 'pcmu'"),
        ("[sip]\nrtp_last_port = 30010", "at least 4 × calls_at_once above rtp_first_port"),
        ('[sip]\npassword = "abc"', "OMDOME_SIP_PASSWORD"),
        ("[web]\nport = 70000", "must be 65535 or less"),
        ('[web]\npublic_url = "http://omdome.example.se"', "http only for trials on this machine"),
        ('[web]\npublic_url = "https://example.se/enkat"', "without anything after the name"),
        ('[web]\npublic_url = "omdome.example.se"', "write where the pages are reached"),
        ("[intake.columns]\nphone = 3", 'must be a list, such as ["…", "…"]'),
        ('[storage]\nurl = "mysql://x"', "write sqlite:///path or postgresql://user@host/database"),
        ("[digest.targets]\nbemötande = 3", "is not TOML"),
        ("[web]\nport = 8080\n[web]\n", "config.toml:3: [web] stands twice"),
        ("[digest.targets]\n[digest.targets]", "config.toml:2: [digest.targets] stands twice"),
        ("[digest.targets]\nhastighet = 80", "hastighet: no such question; see [survey] questions"),
        ('[[digest.recipients]]\nname = "x"\nmail = "x"', '[[digest.recipients]] 1 mail: is "x"; write a mail address'),
        (
            '[[digest.recipients]]\nname = "x"\nmail = "x@y.se"\nlanguage = "fi"',
            "is not among [organisation] languages",
        ),
    ],
)
def test_a_wrong_value_is_told_with_what_would_be_right(text: str, fault: str) -> None:
    (told,) = faults(text)
    assert fault in told


def test_customers_are_known_however_their_numbers_are_written() -> None:
    config = parse_config('[selection]\ntest_customers = ["070-174 06 05", "Test@Example.se", "@prov.example.se"]')
    assert selection_of(config).test_customers == {"+46701740605", "test@example.se", "@prov.example.se"}


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ('[telegram]\ntoken = "1:abc"', "OMDOME_TELEGRAM_TOKEN"),
        ('[telegram]\nwebhook_secret = "abc"', "OMDOME_TELEGRAM_WEBHOOK_SECRET"),
        ('[web]\napi_token = "abc"', "OMDOME_API_TOKEN"),
        ('[mail]\npassword = "abc"', "OMDOME_SMTP_PASSWORD"),
        ('[storage]\nurl = "postgresql://omdome:abc@db/omdome"', "OMDOME_DATABASE_PASSWORD"),
    ],
)
def test_secrets_are_refused_and_not_repeated(text: str, variable: str) -> None:
    (told,) = faults(text)
    assert "secrets don't go in this file" in told
    assert variable in told
    assert "abc" not in told


def test_where_the_configuration_is(tmp_path: Path) -> None:
    assert config_path(tmp_path / "a.toml", {"OMDOME_CONFIG": "b.toml"}) == tmp_path / "a.toml"
    assert config_path(None, {"OMDOME_CONFIG": "b.toml"}) == Path("b.toml")
    assert config_path(None, {}) == CHECKOUT / "config.toml"
    (tmp_path / "mine.toml").write_text('[intake]\nwatched_folder = "in"\n')
    config = load_config(tmp_path / "mine.toml")
    assert config.path(config.intake.watched_folder) == tmp_path / "in"


def test_a_file_that_is_missing_or_no_text_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"can't be read \(No such file or directory\); name another with --config"):
        load_config(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes("[organisation]\nname = 'Norrköping'".encode("latin-1"))
    with pytest.raises(ConfigError, match="is not UTF-8 text; save it as UTF-8"):
        load_config(tmp_path / "latin.toml")


def test_every_setting_is_used_somewhere() -> None:
    """A setting that nothing reads would be a promise that nothing keeps."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (CHECKOUT / "omdome").rglob("*.py")
        if path.name not in ("settings.py", "config.py")
    )
    otherwise = {f"intake.columns.{name}" for name in DEFAULT_COLUMNS} | {"organisation.zone"}  # as a whole; timezone
    unused = [name for name in settings_of(Config) if name not in otherwise and f".{name.split('.')[-1]}" not in code]
    assert unused == []
