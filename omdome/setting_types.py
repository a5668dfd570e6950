"""What a setting may be: the checks behind the types of `omdome.settings`, each saying what would be right."""

import re
from datetime import date, time
from ipaddress import IPv4Network
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field


def _local_time(value: object) -> time:
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    if isinstance(value, str) and len(value) == 5:
        try:
            return time.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError('write a local time as "07:00"')


def _day(value: str) -> str:
    try:
        if value:
            date.fromisoformat(value)
    except ValueError:
        raise ValueError('write a day as "2026-11-21"') from None
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError('write a zone of the tz database, such as "Europe/Stockholm"')
    return value


def _mail(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if value and not (local and at and "." in domain and " " not in value):
        raise ValueError('write a mail address, such as "namn@example.se"')
    return value


def _web_address(value: str) -> str:
    if value and not value.startswith(("https://", "http://")):
        raise ValueError('write the whole address, such as "https://www.example.se/sida"')
    return value.rstrip("/") if value.count("/") == 3 else value


def _public_url(value: str) -> str:
    address = urlsplit(value)
    near = address.hostname in ("127.0.0.1", "localhost", "::1")
    bare = address.netloc and not (address.path.strip("/") or address.query or address.fragment or "@" in value)
    if value and not (bare and (address.scheme == "https" or (near and address.scheme == "http"))):
        raise ValueError(
            'write where the pages are reached, without anything after the name: "https://omdome.example.se" '
            "(http only for trials on this machine, such as http://127.0.0.1:8080)"
        )
    return value.rstrip("/")


def _https(value: str) -> str:
    if value and not value.startswith("https://"):
        raise ValueError("Telegram calls nothing but https: write the whole address, starting with https://")
    return value


def _bot_username(value: str) -> str:
    if value and not value.replace("_", "").isalnum():
        raise ValueError('write the name alone, without @ or t.me/, such as "ExempelOmdomeBot"')
    return value


def _without_password(value: str) -> str:
    scheme, _, rest = value.partition("://")
    if ":" in rest.rpartition("@")[0]:
        raise ValueError("secrets don't go in this file; leave the password out and set OMDOME_DATABASE_PASSWORD")
    if scheme not in ("sqlite", "postgresql"):
        raise ValueError("write sqlite:///path or postgresql://user@host/database")
    return value


def _region(value: str) -> str:
    if value != "SE":  # that one exists, and the list of all takes a while to import
        from phonenumbers import SUPPORTED_REGIONS

        if value not in SUPPORTED_REGIONS:
            raise ValueError("no country has that code; write one of ISO 3166, such as SE")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return value


def _network(value: str) -> str:
    try:
        return str(IPv4Network(value))
    except ValueError:
        raise ValueError('write an IPv4 address or network, such as "192.0.2.7" or "192.0.2.0/28"') from None


def _host_name(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", value):
        raise ValueError('write a host name or an IPv4 address alone, such as "pbx.example.se"')
    return value


def _sip_name(value: str) -> str:
    if value and not re.fullmatch(r"\+?[A-Za-z0-9._-]{1,64}", value):
        raise ValueError("write the user name alone: letters, digits, and . _ -")
    return value


def _phone_number(value: str) -> str:
    if value:
        import phonenumbers

        try:
            known = value.startswith("+") and phonenumbers.is_valid_number(phonenumbers.parse(value))
        except phonenumbers.NumberParseException:
            known = False
        if not known or not value[1:].isdecimal():
            raise ValueError('write a whole number in international form without spaces, such as "+46701740605"')
    return value


def unique(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands twice; each may stand once")
    return values


Word = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Word, ...], Field(strict=False), AfterValidator(unique)]
Day = Annotated[str, AfterValidator(_day)]
LocalTime = Annotated[time, BeforeValidator(_local_time)]
Mail = Annotated[str, AfterValidator(_mail)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
Positive = Annotated[int, Field(ge=1)]
Days = Annotated[int, Field(ge=0)]
Zone = Annotated[str, AfterValidator(_zone)]
DatabaseAddress = Annotated[Word, AfterValidator(_without_password)]
Region = Annotated[str, Field(pattern="^[A-Z]{2}$"), AfterValidator(_region)]
BotUsername = Annotated[str, AfterValidator(_bot_username)]
HttpsAddress = Annotated[str, AfterValidator(_https)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Network = Annotated[str, AfterValidator(_network)]
HostName = Annotated[str, AfterValidator(_host_name)]
SipName = Annotated[str, AfterValidator(_sip_name)]
PhoneNumber = Annotated[str, AfterValidator(_phone_number)]
