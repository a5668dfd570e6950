"""Calls through an exchange that wants to know who we are (digest authentication, RFC 3261 §22)."""

from pathlib import Path

import pytest

from models.calling import CallAttempt, CallOutcome
from tests.voice.lines.conftest import PhoneMaking
from tests.voice.lines.sip import scenarios
from tests.voice.lines.sip.far_ends import Sipp
from voice.lines.sip.line import SipLine
from voice.lines.sip.settings import SipAccount
from voice.lines.sip.targets import Transport

NUMBER, CALLER_ID = "+46701740605", "+46701740699"


def account(exchange: Sipp, password: str = "sesam-7", *, registers: bool, transport: Transport = "udp") -> SipAccount:
    return SipAccount(
        host="localhost",
        port=exchange.port,
        transport=transport,
        username="kommun",
        password=password,
        registers=registers,
        caller_id=CALLER_ID,
    )


@pytest.fixture
def exchange(tmp_path: Path) -> Sipp:
    scenario = scenarios.exchange("kommun", "sesam-7", NUMBER, CALLER_ID)
    return Sipp(tmp_path / "exchange", scenario=scenario, calls=9)


@pytest.mark.parametrize("registers", [True, False])
async def test_a_number_is_called_by_who_knows_the_password(
    start_phone: PhoneMaking, exchange: Sipp, registers: bool
) -> None:
    with exchange:
        phone = await start_phone(account(exchange, registers=registers))
        assert phone.trouble == ""
        line = await phone.call(NUMBER)
        assert isinstance(line, SipLine), line
        await line.hang_up()
        assert line.ended is not None
        assert line.ended.by_us


async def test_an_exchange_over_tcp(start_phone: PhoneMaking, exchange: Sipp) -> None:
    exchange.transport = "t1"
    with exchange:
        line = await (await start_phone(account(exchange, registers=False, transport="tcp"))).call(NUMBER)
        assert isinstance(line, SipLine), line
        await line.hang_up()


async def test_a_wrong_password_is_told_and_nobody_is_called(start_phone: PhoneMaking, exchange: Sipp) -> None:
    with exchange:
        phone = await start_phone(account(exchange, "fel", registers=True))
        assert "doesn't register us: 403 Forbidden" in phone.trouble
        attempt = await phone.call(NUMBER)
        assert isinstance(attempt, CallAttempt)
        assert attempt.outcome is CallOutcome.UNREACHED
        assert "fel" not in repr(phone.account)


async def test_a_wrong_password_without_registering_is_refused_at_the_call(
    start_phone: PhoneMaking, exchange: Sipp
) -> None:
    with exchange:
        attempt = await (await start_phone(account(exchange, "fel", registers=False))).call(NUMBER)
        assert isinstance(attempt, CallAttempt)
        assert (attempt.outcome, attempt.sip_code) == (CallOutcome.BARRED, 403)


async def test_an_exchange_whose_name_means_nothing_is_told(start_phone: PhoneMaking) -> None:
    phone = await start_phone(SipAccount(host="exchange.invalid"))
    assert phone.trouble.startswith("exchange.invalid: ")
    attempt = await phone.call(NUMBER)
    assert isinstance(attempt, CallAttempt)
    assert attempt.outcome is CallOutcome.FAULT
