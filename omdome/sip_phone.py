"""The phone over SIP, made from the configuration."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from ipaddress import IPv4Network

from intake.values import WrongValueError, read_phone
from omdome.config import Config
from omdome.console import MISUSE, Problem
from omdome.credentials import Credentials
from voice.lines.sip.line import SipLine
from voice.lines.sip.phone import SipMissingError, SipPhone
from voice.lines.sip.settings import SipAccount, SipPolicy
from voice.lines.sip.targets import Exchange, Target, TargetError, extension, number, on_this_machine
from voice.phone_check.judging_callee import ANYWHERE, of_callee
from workflow.ports import Clock

_SHORT = 7  #: digits and * at most in the exchange's own numbers


def sip_account_of(config: Config, credentials: Credentials) -> SipAccount:
    """Who we are to the organisation's exchange; Problem where none is named."""
    sip = config.sip
    if not sip.host:
        raise Problem("[sip] host: name the exchange that calls are to go through", MISUSE)
    return SipAccount(
        host=sip.host,
        port=sip.port,
        transport=sip.transport,
        ca_file=str(config.path(sip.ca_file)) if sip.ca_file else "",
        srtp=sip.srtp,
        domain=sip.domain,
        username=sip.username or "omdome",
        auth_username=sip.auth_username,
        password=credentials.sip_password,
        registers=sip.registers,
        caller_id=sip.caller_id,
        countries=countries_of(config),
        region=config.intake.phone_region,
        listen_port=sip.listen_port,
        calls_from=tuple(map(IPv4Network, sip.calls_from)),
        codecs=sip.codecs,
    )


def countries_of(config: Config) -> tuple[str, ...]:
    """Those whose numbers may be called, as "SE"."""
    return config.sip.countries or (config.intake.phone_region,)


def read_callee(typed: str, region: str) -> str:
    """Whom somebody wants to try the phone with, as it is dialled; "" stays "".

    That is `sip:…` as it was typed, "+46…" (numbers without a country are of `region`), or a short number of the
    exchange's own. Raises Problem for what is none of these.
    """
    callee = typed.strip()
    if callee.startswith("sip:") or (len(callee) <= _SHORT and callee.lstrip("*").isdecimal()):
        return callee
    try:
        return read_phone(callee, region)
    except WrongValueError as error:
        right = "070-174 06 05 or +46701740605, an extension such as 1001 or *43, or sip:NAME@127.0.0.1:PORT"
        raise Problem(f"{callee!r} can't be called: write a whole phone number such as {right}", MISUSE) from error


def check_callee(callee: str, countries: Collection[str]) -> None:
    """Raises Problem for one, as `read_callee` has it, that can't be called or never is."""
    never = of_callee(callee, callee, countries)
    if never and never.key == "emergency":
        raise Problem(f"{callee} is an emergency number: such are never called", MISUSE)
    _target(callee, ANYWHERE, countries)


def target_of(callee: str, phone: SipPhone) -> Target:
    """To be dialled on `phone`, which has started. Raises Problem as `check_callee` does."""
    if phone.exchange is None and not callee.startswith("sip:"):
        raise Problem(f"no call can be made over SIP: {phone.trouble}")
    return _target(callee, phone.exchange or ANYWHERE, phone.account.countries)


def _target(callee: str, exchange: Exchange, countries: Collection[str]) -> Target:
    try:
        if callee.startswith("sip:"):
            return on_this_machine(callee)
        return number(callee, exchange, countries) if callee.startswith("+") else extension(callee, exchange)
    except TargetError as error:
        raise Problem(str(error) if callee in str(error) else f"{callee}: {error}", MISUSE) from error


def sip_policy_of(config: Config) -> SipPolicy:
    sip = config.sip
    return SipPolicy(
        ring_seconds=sip.ring_seconds,
        calls_at_once=sip.calls_at_once,
        rtp_ports=(sip.rtp_first_port, sip.rtp_last_port),
    )


@asynccontextmanager
async def open_sip_phone(account: SipAccount, policy: SipPolicy, clock: Clock) -> AsyncIterator[SipPhone]:
    """A phone that can call. Raises Problem where it can't: no such exchange, not registered, no SIP stack here."""
    phone = SipPhone(account, policy, clock)
    try:
        await phone.start()
        if phone.trouble:
            raise Problem(f"no call can be made over SIP: {phone.trouble}")
        yield phone
    except SipMissingError as error:
        raise Problem(str(error), MISUSE) from error
    finally:
        await phone.close()


@asynccontextmanager
async def sip_line(config: Config, credentials: Credentials, clock: Clock, callee: str) -> AsyncIterator[SipLine]:
    """A call that has been answered; it is hung up after. Raises Problem for one that isn't.

    `callee`: as it was typed; a number or extension, through the organisation's exchange, or `sip:NAME@127.0.0.1:PORT`.
    """
    callee = read_callee(callee, config.intake.phone_region)
    check_callee(callee, countries_of(config))
    direct = callee.startswith("sip:")
    account = SipAccount(codecs=config.sip.codecs) if direct else sip_account_of(config, credentials)
    async with open_sip_phone(account, sip_policy_of(config), clock) as phone:
        answered = await phone.dial(target_of(callee, phone))
        if not isinstance(answered, SipLine):
            code = f"{answered.sip_code} " if answered.sip_code else ""
            raise Problem(f"--sip: {answered.outcome.replace('_', ' ')} ({code}{answered.reason})")
        try:
            yield answered
        finally:
            await answered.hang_up()
