"""What the stack's trace of SIP messages tells of a call. Its form is what the stack writes, message by message."""

import asyncio
import logging
import time
from ipaddress import IPv4Address

import pytest

from voice.lines.sip.trace import Said, Trace

EXCHANGE, ELSEWHERE = IPv4Address("192.0.2.7"), IPv4Address("198.51.100.9")


def message(
    start: str, *headers: str, source: IPv4Address = EXCHANGE, way: str = "RX", call_id: str = "Call-ID: a@b"
) -> str:
    head = "\r\n".join((start, "Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1", call_id, *headers))
    return f"{way} UDP {source}:5060 -> 127.0.0.1:5080\n{head}\r\n\r\nv=0\r\n"


async def told(*messages: str) -> Trace:
    trace = Trace(lambda text: None)
    await also(trace, *messages)
    return trace


async def also(trace: Trace, *messages: str) -> None:
    for each in messages:
        trace.emit(logging.LogRecord("baresip.native.sip", logging.DEBUG, "", 0, "%s", (each,), None))
    await asyncio.sleep(0)


INVITE = ("INVITE sip:omdome@127.0.0.1 SIP/2.0", "CSeq: 1 INVITE")


async def test_every_address_that_rings_in_a_calls_name_is_told() -> None:
    assert await (await told(message(*INVITE))).sources("a@b") == {EXCHANGE}
    both = await told(message(*INVITE), message(*INVITE, source=ELSEWHERE))
    assert await both.sources("a@b") == {EXCHANGE, ELSEWHERE}


async def test_a_calls_name_is_judged_once() -> None:
    trace = await told(message(*INVITE))
    assert await trace.sources("a@b") == {EXCHANGE}
    assert await trace.sources("a@b") == frozenset()
    for _ in range(2):  # said again, and another call of that name
        await also(trace, message(*INVITE))
        assert await trace.sources("a@b") == frozenset()


async def test_who_goes_on_with_a_call_begins_none() -> None:
    for to in ("To: <sip:omdome@127.0.0.1>;tag=7", "t:<sip:omdome@127.0.0.1> ;\r\n Tag = 7"):
        trace = await told(message(*INVITE, to))
        assert await trace.sources("a@b") == frozenset()
    new = await told(message(*INVITE, "To: <sip:omdome@127.0.0.1>", "From: <sip:a@b>;tag=7"))
    assert await new.sources("a@b") == {EXCHANGE}


@pytest.mark.parametrize(
    "call_id",
    ["Call-ID:\r\n a@b", "i:a@b", "call-id \t:\ta@b", "Call-ID\r\n : a@b", "CALL-ID:\n\r a@b \t"],
)
async def test_a_calls_name_is_read_however_it_is_written(call_id: str) -> None:
    assert await (await told(message(*INVITE, call_id=call_id))).sources("a@b") == {EXCHANGE}


@pytest.mark.parametrize(
    "call_id",
    ["i: z\r\nCall-ID: a@b", "Call-ID: a@b\r\ni: z", "Call-ID: a@b\r\nCall-ID: a@b", "Call-ID: a@b\0z",
     "Call-ID: z\r\nlsa: a@b", "Call-ID: z\r\nDet : a@b", "Call-ID: z\r\n\ufffdq: a@b"],
)  # fmt: skip
async def test_a_message_that_may_be_of_two_calls_comes_from_nowhere(call_id: str) -> None:
    doubtful = message(*INVITE, source=ELSEWHERE, call_id=call_id)
    for messages in ((message(*INVITE), doubtful), (doubtful, message(*INVITE))):
        assert await (await told(*messages)).sources("a@b") == frozenset()


async def test_headers_of_the_exchanges_own_are_no_matter() -> None:
    odd = ("X-lsa: c", "P-Asserted-Identity: <sip:a@b>", "Session-ID: i", "In-Reply-To: c@d", "Subject: Call-ID: c")
    assert await (await told(message(*INVITE, *odd))).sources("a@b") == {EXCHANGE}


async def test_what_no_invite_has_said_is_waited_for_and_then_unknown() -> None:
    trace = await told(message("BYE sip:omdome@127.0.0.1 SIP/2.0"), message(*INVITE, way="TX"))
    waiting = asyncio.create_task(trace.sources("a@b"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    late = logging.LogRecord("baresip.native.sip", logging.DEBUG, "", 0, "%s", (message(*INVITE),), None)
    trace.emit(late)  # the trace takes another way than the events
    assert await waiting == {EXCHANGE}
    assert await trace.sources("c@d") == frozenset()


async def test_a_telephone_rang_where_the_exchange_says_180() -> None:
    assert (await told(message("SIP/2.0 180 Ringing", "CSeq: 7 INVITE"))).so_far("a@b").rang
    assert not (await told(message("SIP/2.0 183 Session Progress", "CSeq: 7 INVITE"))).so_far("a@b").rang


async def test_why_the_network_refused_stands_among_other_reasons() -> None:
    refused = ("SIP/2.0 404 Not Found", "CSeq: 7 INVITE")
    for header in (
        "Reason: Q.850;cause=3",
        'reason : SIP ;cause=404 ;text="x", Q.850 ; cause = 3 ;text="No route"',
        "Reason: Q.850;text=none;cause=3;location=LN",
    ):
        said = (await told(message(*refused, header))).so_far("a@b")
        assert (said.q850, said.refused) == (3, True), header
    for header in ("Reason: SIP;cause=404", "X-Reason: Q.850;cause=3", "Subject: Q.850;cause=3"):
        assert (await told(message(*refused, header))).so_far("a@b").q850 == 0, header
    assert (await told(message("SIP/2.0 200 OK", "CSeq: 8 BYE"))).so_far("a@b") == Said()


async def test_no_line_is_long_enough_to_hold_us_up() -> None:
    began = time.perf_counter()
    await told(message(*INVITE, "Reason: " + "Q.850;cause" * 6000))
    assert time.perf_counter() - began < 2
