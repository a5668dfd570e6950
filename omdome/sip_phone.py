"""The phone over SIP, made from the configuration."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Network

from omdome.config import Config
from omdome.console import MISUSE, Problem
from omdome.credentials import Credentials
from voice.lines.sip.line import SipLine
from voice.lines.sip.phone import SipMissingError, SipPhone
from voice.lines.sip.settings import SipAccount, SipPolicy
from voice.lines.sip.targets import TargetError, on_this_machine
from workflow.ports import Clock


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
        countries=sip.countries or (config.intake.phone_region,),
        region=config.intake.phone_region,
        listen_port=sip.listen_port,
        calls_from=tuple(map(IPv4Network, sip.calls_from)),
        codecs=sip.codecs,
    )


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

    `callee`: a number in international form, through the organisation's exchange, or `sip:NAME@127.0.0.1:PORT`.
    """
    by_number = callee.startswith("+")
    account = sip_account_of(config, credentials) if by_number else SipAccount(codecs=config.sip.codecs)
    try:
        address = None if by_number else on_this_machine(callee)
        async with open_sip_phone(account, sip_policy_of(config), clock) as phone:
            answered = await (phone.call(callee) if address is None else phone.dial(address))
            if not isinstance(answered, SipLine):
                code = f"{answered.sip_code} " if answered.sip_code else ""
                raise Problem(f"--sip: {answered.outcome.replace('_', ' ')} ({code}{answered.reason})")
            try:
                yield answered
            finally:
                await answered.hang_up()
    except TargetError as error:
        raise Problem(f"--sip: {error}", MISUSE) from error
