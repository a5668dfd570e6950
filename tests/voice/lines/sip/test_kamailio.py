"""Through a registrar and proxy that nobody here wrote, to telephones behind it and from them."""

import asyncio
import socket
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.calling import CallAttempt, CallOutcome
from tests.voice.lines.conftest import PhoneMaking
from tests.voice.lines.hearing import hear
from tests.voice.lines.sip import scenarios
from tests.voice.lines.sip.far_ends import DebianBaresip, Sipp, SippCaller, free_port
from tests.voice.lines.sip.hearing import loud
from tests.voice.lines.sip.kamailio import OUR_NUMBER, PASSWORD, USERNAME, Kamailio, certificate
from tests.voice.lines.sip.raw import rtp
from voice.audio_files import write_wav
from voice.lines.sip.incoming import IncomingCall
from voice.lines.sip.line import SipLine
from voice.lines.sip.settings import SipAccount

TONE = (8000 * np.sin(np.arange(8000) * 2 * np.pi * 440 / 8000)).astype("<i2").tobytes()
NUMBER, NOBODYS = "+46701740605", "+46701740606"


def account(exchange: Kamailio, **more: object) -> SipAccount:
    whole = SipAccount(
        host="localhost",
        port=exchange.port,
        username=USERNAME,
        password=PASSWORD,
        registers=True,
        caller_id=OUR_NUMBER,
    )
    return replace(whole, **more)  # type: ignore[arg-type]


def tone(folder: Path, seconds: int) -> Path:
    file = folder / "tone.wav"
    write_wav(file, TONE * seconds)
    return file


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_we_register_are_asked_again_at_the_call_and_are_put_through(
    start_phone: PhoneMaking, tmp_path: Path, transport: str
) -> None:
    with (
        Sipp(tmp_path / "far", scenario=scenarios.answers()) as far,
        Kamailio(tmp_path / "exchange", routes={NUMBER: far.address}) as exchange,
    ):
        phone = await start_phone(account(exchange, transport=transport))
        assert phone.trouble == ""
        line = await phone.call(NUMBER)
        assert isinstance(line, SipLine), line
        await line.hang_up()
        assert await asyncio.to_thread(far.went_as_written)  # our goodbye has found its way
        attempt = await phone.call(NOBODYS)
        assert isinstance(attempt, CallAttempt)
        assert (attempt.outcome, attempt.sip_code) == (CallOutcome.WRONG_NUMBER, 404)


async def test_the_password_may_belong_to_another_name_than_ours(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Kamailio(tmp_path / "exchange") as exchange:
        phone = await start_phone(account(exchange, username="1001", auth_username=USERNAME))
        assert phone.trouble == ""


async def test_a_wrong_password_is_told(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Kamailio(tmp_path / "exchange") as exchange:
        phone = await start_phone(account(exchange, password="fel"))
        assert "doesn't register us: 401" in phone.trouble
        phone = await start_phone(account(exchange, password="fel", registers=False))
        attempt = await phone.call(NUMBER)
        assert isinstance(attempt, CallAttempt)
        assert (attempt.outcome, attempt.sip_code) == (CallOutcome.REFUSED_US, 407)


class Answers:
    """Takes calls, and listens to their end."""

    def __init__(self) -> None:
        self.callers: list[str] = []

    async def answer(self, call: IncomingCall) -> None:
        self.callers.append(call.caller)
        line = await call.answer()
        assert line is not None
        while not (await line.listen()).hung_up:
            pass


OURS = f"{OUR_NUMBER}@[remote_ip]:[remote_port]"


def rings(folder: Path, exchange: Kamailio, scenario: str = scenarios.calls_us(to=OURS, ends_after=400)) -> SippCaller:
    """Somebody outside calls our number."""
    return SippCaller(folder / "caller", scenario=scenario, to=f"127.0.0.1:{exchange.outer_port}")


async def test_who_rings_our_number_is_put_through_and_their_number_asserted(
    start_phone: PhoneMaking, tmp_path: Path
) -> None:
    us = Answers()
    with Kamailio(tmp_path / "exchange") as exchange:
        phone = await start_phone(account(exchange), us.answer)
        assert phone.trouble == ""
        with rings(tmp_path, exchange) as far:
            assert await asyncio.to_thread(far.went_as_written)
    assert us.callers == [NUMBER]


async def test_where_nobody_takes_calls_whoever_rings_hears_busy(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Kamailio(tmp_path / "exchange") as exchange:
        await start_phone(account(exchange))
        with rings(tmp_path, exchange, scenarios.calls_and_hears("486", to=OURS)) as far:
            assert await asyncio.to_thread(far.went_as_written)


@pytest.mark.parametrize("srtp", [True, False])
async def test_over_tls_whose_certificate_is_checked(start_phone: PhoneMaking, tmp_path: Path, srtp: bool) -> None:
    ca, made, key = certificate(tmp_path)
    with (
        DebianBaresip(tmp_path / f"far-{'a' * 100}", plays=tone(tmp_path, 60), encrypts=srtp) as far,
        Kamailio(tmp_path / "exchange", routes={NUMBER: far.address}, certificate=made, key=key) as exchange,
    ):
        phone = await start_phone(account(exchange, transport="tls", ca_file=str(ca), srtp=srtp))
        assert phone.trouble == ""
        line = await phone.call(NUMBER)
        assert isinstance(line, SipLine), line
        line.play(TONE)
        heard = b"".join([(await line.listen()).frame for _ in range(100)])
        await line.hang_up()
        assert loud(heard) > 1
        assert loud(far.heard()) > 0.8


@pytest.mark.parametrize("srtp", [True, False])
async def test_only_with_srtp_do_strangers_press_no_keys(start_phone: PhoneMaking, tmp_path: Path, srtp: bool) -> None:
    """As docs/voice.md and check-config say. Without, the stack takes what comes from anywhere."""
    ca, made, key = certificate(tmp_path)
    first = free_port() & ~1
    with (
        DebianBaresip(tmp_path / "far", plays=tone(tmp_path, 60), encrypts=srtp) as far,
        Kamailio(tmp_path / "exchange", routes={NUMBER: far.address}, certificate=made, key=key) as exchange,
    ):
        ours = account(exchange, transport="tls", ca_file=str(ca), srtp=srtp)
        phone = await start_phone(ours, rtp_ports=(first, first + 20))
        line = await phone.call(NUMBER)
        assert isinstance(line, SipLine), line
        await hear(line, 0.5)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for port in range(first, first + 20, 2):
                for number in range(6):  # a 9 (RFC 4733), to its end
                    nine = struct.pack("!BBH", 9, 10 | (number > 2) << 7, 160 * (number + 1))
                    stranger.sendto(rtp(9000 + number, nine, kind=101, stamp=777), ("127.0.0.1", port))
        heard = await hear(line, 1.5)
        assert "".join(each.keys for each in heard) == ("" if srtp else "9")
        assert loud(b"".join(each.frame for each in heard)) > 0.5
        await line.hang_up()


async def test_a_call_that_cant_be_encrypted_is_not_made(start_phone: PhoneMaking, tmp_path: Path) -> None:
    ca, made, key = certificate(tmp_path)
    with (
        DebianBaresip(tmp_path / "far", plays=tone(tmp_path, 60)) as far,
        Kamailio(tmp_path / "exchange", routes={NUMBER: far.address}, certificate=made, key=key) as exchange,
    ):
        phone = await start_phone(account(exchange, transport="tls", ca_file=str(ca), srtp=True))
        attempt = await phone.call(NUMBER)
        assert isinstance(attempt, CallAttempt)
        assert attempt.outcome is CallOutcome.REFUSED_US, attempt


async def test_calls_to_us_come_in_over_the_connection_that_we_opened(start_phone: PhoneMaking, tmp_path: Path) -> None:
    ca, made, key = certificate(tmp_path)
    us = Answers()
    with Kamailio(tmp_path / "exchange", certificate=made, key=key) as exchange:
        phone = await start_phone(account(exchange, transport="tls", ca_file=str(ca)), us.answer)
        assert phone.trouble == ""
        with rings(tmp_path, exchange) as far:
            assert await asyncio.to_thread(far.went_as_written)
    assert us.callers == [NUMBER]


async def test_calls_to_us_are_encrypted_too_or_refused(start_phone: PhoneMaking, tmp_path: Path) -> None:
    ca, made, key = certificate(tmp_path)
    heard = asyncio.Queue[bytes]()

    async def answer(call: IncomingCall) -> None:
        line = await call.answer()
        assert line is not None
        heard.put_nowait(b"".join([(await line.listen()).frame for _ in range(75)]))

    with (
        DebianBaresip(tmp_path / "far", plays=tone(tmp_path, 60), encrypts=True) as far,
        Kamailio(tmp_path / "exchange", certificate=made, key=key) as exchange,
    ):
        phone = await start_phone(account(exchange, transport="tls", ca_file=str(ca), srtp=True), answer)
        assert phone.trouble == ""
        await asyncio.to_thread(far.do, "dial", exchange.address)
        assert loud(await asyncio.wait_for(heard.get(), 15)) > 1
        with rings(tmp_path, exchange, scenarios.calls_and_hears("488", to=OURS)) as plain:
            assert await asyncio.to_thread(plain.went_as_written)
    assert heard.empty()


async def test_numbers_are_of_the_domain_that_the_exchange_calls_itself(
    start_phone: PhoneMaking, tmp_path: Path
) -> None:
    with (
        Sipp(tmp_path / "far", scenario=scenarios.answers()) as far,
        Kamailio(tmp_path / "exchange", routes={NUMBER: far.address}, domain="kommun.example.se") as exchange,
    ):
        attempt = await (await start_phone(account(exchange))).call(NUMBER)
        assert isinstance(attempt, CallAttempt)
        assert attempt.sip_code == 403
        line = await (await start_phone(account(exchange, domain="kommun.example.se"))).call(NUMBER)
        assert isinstance(line, SipLine), line
        await line.hang_up()


async def test_over_tls_a_certificate_of_somebody_elses_is_told(start_phone: PhoneMaking, tmp_path: Path) -> None:
    ca, made, key = certificate(tmp_path, "other.example.se")
    with Kamailio(tmp_path / "exchange", certificate=made, key=key) as exchange:
        phone = await start_phone(account(exchange, transport="tls", ca_file=str(ca)))
        assert "its certificate is made out to another name" in phone.trouble
        phone = await start_phone(account(exchange, transport="tls"))
        assert "its certificate isn't trusted (" in phone.trouble
        assert "name the file of who signed it in [sip] ca_file" in phone.trouble
        attempt = await phone.call(NUMBER)
        assert isinstance(attempt, CallAttempt)
        assert attempt.outcome is CallOutcome.FAULT
