"""Calls that the exchange has for us: who calls, and what becomes of it."""

import asyncio
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voice.lines.conftest import PhoneMaking
from tests.voice.lines.sip import scenarios
from tests.voice.lines.sip.far_ends import SippCaller, free_port
from tests.voice.lines.sip.hearing import loud
from voice.lines.sip.incoming import IncomingCall, caller_of
from voice.lines.sip.line import SipLine
from voice.lines.sip.settings import SipAccount
from voice.lines.sip.targets import Transport

NUMBER = "+46701740605"
TONE = (8000 * np.sin(np.arange(8000) * 2 * np.pi * 440 / 8000)).astype("<i2").tobytes()
WITHHELD = """From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=[pid]near[call_number]
P-Asserted-Identity: <sip:0701740605@[local_ip]>
Privacy: id"""

MISLEADING = r'From: "a\" <sip:+46701740699@evil> \"" <sip:0701740605@[local_ip]>;tag=[pid]near[call_number]'


class Us:
    """Takes calls, one after the other, in the way of each test."""

    def __init__(self) -> None:
        self.callers: list[str] = []
        self.lines: asyncio.Queue[SipLine | None] = asyncio.Queue()
        self.done = asyncio.Event()

    async def answer(self, call: IncomingCall) -> None:
        self.callers.append(call.caller)
        self.lines.put_nowait(await call.answer())
        await self.done.wait()

    async def let_it_ring(self, call: IncomingCall) -> None:
        self.callers.append(call.caller)

    async def stumble(self, call: IncomingCall) -> None:
        await call.answer()
        raise RuntimeError("stumbled")


@pytest.fixture
def here() -> SipAccount:
    return SipAccount(host="127.0.0.1", listen_port=free_port())


def caller(folder: Path, here: SipAccount, scenario: str, name: str = "caller", **more: bool) -> SippCaller:
    return SippCaller(folder / name, scenario=scenario, to=f"127.0.0.1:{here.listen_port}", **more)


async def went_as_written(far: SippCaller) -> bool:
    return await asyncio.to_thread(far.went_as_written)


async def test_who_rings_back_is_answered_and_heard_until_we_hang_up(
    start_phone: PhoneMaking, tmp_path: Path, here: SipAccount
) -> None:
    us = Us()
    await start_phone(here, us.answer)
    with caller(tmp_path, here, scenarios.calls_us(), answers_with_echo=True) as far:
        line = await asyncio.wait_for(us.lines.get(), 10)
        assert line is not None
        line.play(TONE)
        heard = b"".join([(await line.listen()).frame for _ in range(100)])
        assert loud(heard) > 0.8
        us.done.set()
        assert await went_as_written(far)
    assert us.callers == [NUMBER]
    assert line.ended is not None
    assert line.ended.by_us


async def test_a_caller_who_hangs_up_is_noticed(start_phone: PhoneMaking, tmp_path: Path, here: SipAccount) -> None:
    us = Us()
    await start_phone(here, us.answer)
    with caller(tmp_path, here, scenarios.calls_us(ends_after=1500)) as far:
        line = await asyncio.wait_for(us.lines.get(), 20)
        assert line is not None
        while not (await line.listen()).hung_up:
            pass
        assert await went_as_written(far)
    us.done.set()


async def test_a_hidden_number_is_no_number(start_phone: PhoneMaking, tmp_path: Path, here: SipAccount) -> None:
    us = Us()
    await start_phone(here, us.answer)
    with caller(tmp_path, here, scenarios.calls_us(WITHHELD, ends_after=200)) as far:
        assert await went_as_written(far)
    assert us.callers == [""]
    us.done.set()


async def test_a_call_that_is_left_ringing_hears_busy(
    start_phone: PhoneMaking, tmp_path: Path, here: SipAccount
) -> None:
    us = Us()
    await start_phone(here, us.let_it_ring)
    with caller(tmp_path, here, scenarios.calls_and_hears_busy()) as far:
        assert await went_as_written(far)
    assert us.callers == [NUMBER]


async def test_a_call_that_makes_us_stumble_is_hung_up_and_the_next_is_taken(
    start_phone: PhoneMaking, tmp_path: Path, here: SipAccount
) -> None:
    await start_phone(here, Us().stumble, calls_at_once=1)
    for number in range(2):
        with caller(tmp_path, here, scenarios.calls_us(), str(number)) as far:
            assert await went_as_written(far)


async def test_who_says_what_makes_us_stumble_hears_busy_and_the_next_is_taken(
    start_phone: PhoneMaking, tmp_path: Path, here: SipAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(said: object, region: str) -> str:
        raise IndexError(region)

    us = Us()
    before = (phone := await start_phone(here, us.answer, calls_at_once=1)).pid
    monkeypatch.setattr("voice.lines.sip.phone.caller_of", stumbles)
    with caller(tmp_path, here, scenarios.calls_and_hears_busy()) as far:
        assert await went_as_written(far)
    monkeypatch.undo()
    with caller(tmp_path, here, scenarios.calls_us(ends_after=200), "next") as far:
        assert await went_as_written(far)
    assert (us.callers, phone.pid) == ([NUMBER], before)
    us.done.set()


async def test_whoever_calls_while_all_places_are_taken_hears_busy(
    start_phone: PhoneMaking, tmp_path: Path, here: SipAccount
) -> None:
    us = Us()
    await start_phone(here, us.answer, calls_at_once=1)
    with caller(tmp_path, here, scenarios.calls_us()) as first:
        assert await asyncio.wait_for(us.lines.get(), 10) is not None
        with caller(tmp_path, here, scenarios.calls_and_hears_busy(), "second") as second:
            assert await went_as_written(second)
        us.done.set()
        assert await went_as_written(first)


async def test_a_phone_that_is_closed_says_goodbye_to_callers(
    start_phone: PhoneMaking, tmp_path: Path, here: SipAccount
) -> None:
    us = Us()
    phone = await start_phone(here, us.answer)
    with caller(tmp_path, here, scenarios.calls_us()) as far:
        line = await asyncio.wait_for(us.lines.get(), 10)
        await phone.close()
        assert await went_as_written(far)
        assert line is not None
        assert (await line.listen()).hung_up


async def test_a_caller_learns_when_the_process_that_holds_the_call_dies(
    start_phone: PhoneMaking, tmp_path: Path, here: SipAccount
) -> None:
    us = Us()
    phone = await start_phone(here, us.answer)
    with caller(tmp_path, here, scenarios.calls_us()):
        line = await asyncio.wait_for(us.lines.get(), 10)
        assert line is not None
        os.kill(phone.pid, signal.SIGKILL)
        while not (await line.listen()).hung_up:
            pass
        us.done.set()
    for _ in range(200):  # it comes back
        if phone.pid:
            break
        await asyncio.sleep(0.05)
    with caller(tmp_path, here, scenarios.calls_us(), "next") as far:
        assert await asyncio.wait_for(us.lines.get(), 10) is not None
        assert await went_as_written(far)


async def test_a_call_that_doesnt_come_from_the_exchange_is_never_taken(
    start_phone: PhoneMaking, tmp_path: Path
) -> None:
    us, here = Us(), SipAccount(host="127.0.0.2", listen_port=free_port())
    await start_phone(here, us.answer)
    with caller(tmp_path, here, scenarios.calls_and_hears_busy()) as far:
        assert await went_as_written(far)
    assert us.callers == []


@pytest.mark.parametrize("names", ["Call-ID: {}", "i: z\r\nCall-ID: {}", "Call-ID:\r\n {}", "Call-ID: z\r\nlsa: {}"])
async def test_whoever_knows_the_name_of_an_earlier_call_cant_come_past_the_exchange(
    start_phone: PhoneMaking, here: SipAccount, names: str
) -> None:
    us = Us()
    await start_phone(here, us.let_it_ring)
    with ringing("127.0.0.1", here, "Call-ID: known") as exchange:
        assert await final(exchange) == "486"
    for _ in range(2):
        with ringing("127.0.0.2", here, names.format("known")) as stranger:
            assert await final(stranger) == "486"
    assert us.callers == [NUMBER]


@contextmanager
def ringing(source: str, here: SipAccount, call_id: str) -> Iterator[socket.socket]:
    """Calls from an address of this machine's, byte by byte."""
    to = f"sip:omdome@127.0.0.1:{here.listen_port}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        try:
            far.bind((source, 0))
        except OSError:
            pytest.skip(f"this machine has no {source}: run it on Linux")
        host = f"{source}:{far.getsockname()[1]}"
        sound = f"v=0\r\no=- 1 1 IN IP4 {source}\r\ns=-\r\nc=IN IP4 {source}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
        head = [f"INVITE {to} SIP/2.0", f"Via: SIP/2.0/UDP {host};branch=z9hG4bK{host};rport", "Max-Forwards: 70",
                f"From: <sip:0701740605@{source}>;tag={host}", f"To: <{to}>", call_id, "CSeq: 1 INVITE",
                f"Contact: <sip:far@{host}>", "Content-Type: application/sdp",
                f"Content-Length: {len(sound)}"]  # fmt: skip
        far.sendto("\r\n".join([*head, "", sound]).encode(), ("127.0.0.1", here.listen_port))
        far.setblocking(False)
        yield far


async def final(far: socket.socket) -> str:
    """The status that ends it."""
    async with asyncio.timeout(10):
        while (status := (await asyncio.get_running_loop().sock_recv(far, 65536))[8:11].decode()) < "200":
            pass
    return status


async def test_who_never_acknowledges_our_answer_keeps_no_place(
    start_phone: PhoneMaking, tmp_path: Path, here: SipAccount
) -> None:
    us = Us()
    await start_phone(here, us.answer, calls_at_once=1)
    with ringing("127.0.0.1", here, "Call-ID: forged") as nobody:
        assert await final(nobody) == "200"
        assert await asyncio.wait_for(us.lines.get(), 9) is None
        with caller(tmp_path, here, scenarios.calls_us(ends_after=200)) as far:
            assert await went_as_written(far)
    assert us.callers == [NUMBER, NUMBER]
    us.done.set()


async def test_an_exchange_may_ring_from_further_addresses(start_phone: PhoneMaking, tmp_path: Path) -> None:
    us = Us()
    here = SipAccount(host="127.0.0.2", listen_port=free_port(), calls_from=(IPv4Network("127.0.0.1"),))
    await start_phone(here, us.answer)
    with caller(tmp_path, here, scenarios.calls_us(ends_after=200)) as far:
        assert await went_as_written(far)
    assert us.callers == [NUMBER]
    us.done.set()


async def test_who_answers_nobody_takes_no_port_from_who_does(start_phone: PhoneMaking, here: SipAccount) -> None:
    await start_phone(here, Us().answer)
    assert (await start_phone(here)).trouble == ""


DATAGRAM, STREAM = socket.SOCK_DGRAM, socket.SOCK_STREAM


@pytest.mark.parametrize(("transport", "others"), [("udp", STREAM), ("tcp", DATAGRAM), ("tls", DATAGRAM)])
async def test_calls_come_in_by_the_configured_transport_alone(
    start_phone: PhoneMaking, transport: Transport, others: socket.SocketKind
) -> None:
    here = SipAccount(transport=transport, listen_port=free_port())
    await start_phone(here, Us().answer)
    with socket.socket(socket.AF_INET, others) as free:
        free.bind(("127.0.0.1", here.listen_port))
    told = (await start_phone(here, Us().answer)).trouble
    assert told == f"the SIP process: [sip] listen_port {here.listen_port} is taken by another program"


@pytest.mark.parametrize(
    "header",
    ["sip:0701740605@exchange.example", "<sip:0046701740605@192.0.2.7;user=phone>", '"Kund" <sip:+46701740605@x>',
     "<tel:+46-70-174-06-05>", "sip:46701740605;phone-context=+46@x", "<sip:701740605;phone-context=+46@x>",
     "<tel:070-174.06.05;phone-context=kommun.example>", "<SIP:+46701740605@x>;party=calling", "sip:46701740605@x"],
)  # fmt: skip
def test_numbers_as_exchanges_write_them(header: str) -> None:
    assert caller_of({"From": header}, "SE") == NUMBER
    assert caller_of({"P-Asserted-Identity": header, "From": "sip:205@x"}, "SE") == NUMBER


@pytest.mark.parametrize(
    "header",
    ["", "sip:anonymous@anonymous.invalid", "sip:205@x", "sip:kund@x", "sip:+46@x", "sip:070174060512345@x",
     "sip:0701740605evil@x", "sip:０７０１７４０６０５@x"],
)  # fmt: skip
def test_what_is_no_number(header: str) -> None:
    assert caller_of({"From": header}, "SE") == ""


def test_what_the_exchange_asserts_goes_before_what_the_caller_says() -> None:
    said = {"P-Asserted-Identity": "<sip:+46701740606@x>", "From": "sip:+46701740605@x"}
    assert caller_of(said, "SE") == "+46701740606"
    assert caller_of({**said, "Privacy": "none"}, "SE") == "+46701740606"
    assert caller_of({**said, "Privacy": "critical;id"}, "SE") == ""


@pytest.mark.parametrize(
    "name",
    ['"sip:+46701740699@x"', "sip:+46701740699@x", '"a <sip:+46701740699@x>"', r'"a\" <sip:+46701740699@x> \""', '""',
     '"tel:+46701740699"', "", "tel:+46701740699;"],
)  # fmt: skip
def test_a_name_that_the_caller_has_chosen_is_no_number(name: str) -> None:
    for address in (
        "<sip:+46701740605@x>",
        " <sip:0701740605@x;user=phone>;party=calling",
        "<tel:+46701740605>, <sip:5@x>",
    ):
        assert caller_of({"P-Asserted-Identity": name + address}, "SE") == NUMBER
        assert caller_of({"From": name + address}, "SE") == NUMBER
    for address in ("<sip:1001@x>", " <sip:anonymous@anonymous.invalid>", "<>", "<sip:kund@x>;+46701740605"):
        assert caller_of({"From": name + address}, "SE") == ""


@pytest.mark.parametrize(
    "asserted", ["<sip:1001@x>", "sip:anonymous@anonymous.invalid", "", '"Växeln"', 'sip:+46701740605@x "']
)
def test_what_is_asserted_to_be_no_number_isnt_looked_for_elsewhere(asserted: str) -> None:
    assert caller_of({"P-Asserted-Identity": asserted, "From": "<sip:+46701740605@x>"}, "SE") == ""


def test_no_header_is_long_enough_to_hold_us_up() -> None:
    began = time.perf_counter()
    for each in (" ", '"', "<", '"a', '\\"', "sip:", '" ', ";phone-context=+4"):
        caller_of({"From": each * 60_000}, "SE")
    assert time.perf_counter() - began < 5


async def test_a_name_like_an_address_doesnt_mislead_the_stack_either(
    start_phone: PhoneMaking, tmp_path: Path, here: SipAccount
) -> None:
    us = Us()
    await start_phone(here, us.answer)
    with caller(tmp_path, here, scenarios.calls_us(MISLEADING, ends_after=200)) as far:
        assert await went_as_written(far)
    assert us.callers == [NUMBER]
    us.done.set()


def test_a_number_without_a_country_is_of_the_organisations() -> None:
    assert caller_of({"From": "sip:22123456@x"}, "NO") == "+4722123456"


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=20))
def test_whatever_is_said_comes_out_as_a_whole_number_or_as_none(asserted: str, said: str, privacy: str) -> None:
    found = caller_of({"P-Asserted-Identity": asserted, "From": said, "Privacy": privacy}, "SE")
    assert found == "" or re.fullmatch(r"\+[1-9][0-9]{6,14}", found)


@given(st.text("0467+-.() ", max_size=30), st.sampled_from(["", "@x", ";phone-context=+46@x", ";phone-context=x>"]))
def test_numbers_in_any_shape_come_out_likewise(user: str, more: str) -> None:
    found = caller_of({"From": f"sip:{user}{more}"}, "SE")
    assert found == "" or re.fullmatch(r"\+[1-9][0-9]{6,14}", found)
