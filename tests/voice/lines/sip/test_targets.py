"""Only addresses that we built ourselves reach the SIP stack."""

import socket
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.lines.sip.targets import (
    SAFE,
    Exchange,
    NotAllowedError,
    Target,
    TargetError,
    local_address,
    number,
    on_this_machine,
    resolved,
)

EXCHANGE = Exchange(IPv4Address("192.0.2.7"), 5060)


def test_a_number_is_called_through_the_exchange() -> None:
    assert number("+46701740605", EXCHANGE, ["SE"]).uri == "sip:+46701740605@192.0.2.7:5060;transport=udp"


@pytest.mark.parametrize(
    "wrong",
    ["", "0701740605", "+0701740605", "+46", "+46 70 174 06 05", "+46701740605;x=1", "+46701740605@evil", "+46701\r\n",
     "+４６７０１７４０６０５", "+46701740605\n", "+4670174060599", "+999701740605"],
)  # fmt: skip
def test_what_is_no_number_in_international_form_is_never_dialled(wrong: str) -> None:
    with pytest.raises(TargetError, match="no telephone number") as told:
        number(wrong, EXCHANGE, ["SE"])
    assert str(told.value) == "is no telephone number in international form (+46…)"


@pytest.mark.parametrize(
    ("costly", "told"),
    [
        ("+469001234567", "price of its own"),
        ("+46939123456", "price of its own"),
        ("+46771234567", "price of its own"),
        ("+881612345678", "no number of SE, FI"),  # a satellite's
        ("+9607712345", "no number of SE, FI"),
        ("+4915123456789", "no number of SE, FI"),
    ],
)
def test_nobody_makes_us_call_abroad_or_at_a_price(costly: str, told: str) -> None:
    """Whoever fills in the municipality's form names a number, and we pay."""
    with pytest.raises(NotAllowedError, match=told) as refused:
        number(costly, EXCHANGE, ["SE", "FI"])
    assert costly not in str(refused.value)


@pytest.mark.parametrize("ordinary", ["+46701740605", "+4681234567", "+46101234567", "+358401234567"])
def test_ordinary_numbers_of_the_named_countries_are_called(ordinary: str) -> None:
    assert ordinary in number(ordinary, EXCHANGE, ["SE", "FI"]).uri


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ("sip:far@127.0.0.1:5070", "sip:far@127.0.0.1:5070"),
        ("sip:far@localhost:5070", "sip:far@127.0.0.1:5070"),
        ("sip:echo_1@127.0.0.1", "sip:echo_1@127.0.0.1:5060"),
    ],
)
def test_this_machine_can_be_called_by_address(address: str, uri: str) -> None:
    assert on_this_machine(address).uri == uri


@pytest.mark.parametrize(
    "address",
    ["far", "sip:far@192.0.2.7", "sip:far@example.se", "tel:+46701740605", "sips:far@127.0.0.1", "sip:@127.0.0.1",
     "sip:far@127.0.0.1:0", "sip:far@127.0.0.1:99999", "sip:far@127.0.0.1;maddr=192.0.2.7", "sip:far@127.0.0.999",
     "sip:far@127.0.0.1:5070\n"],
)  # fmt: skip
def test_nothing_else_can(address: str) -> None:
    with pytest.raises(TargetError):
        on_this_machine(address)


@given(st.text() | st.from_regex(SAFE))
def test_no_target_can_be_made_of_anything_else(text: str) -> None:
    try:
        uri = Target(text).uri
    except TargetError:
        return
    assert SAFE.fullmatch(uri)
    assert not set(uri) & set("\r\n <>\"'?&")


def knows_itself() -> bool:
    try:
        return bool(socket.gethostbyname("localhost"))
    except OSError:
        return False


@pytest.mark.skipif(not knows_itself(), reason="this machine doesn't know localhost; put it in /etc/hosts")
async def test_names_are_resolved_by_us() -> None:
    exchange = await resolved("localhost", 5062, "tcp")
    assert str(exchange) == "127.0.0.1:5062;transport=tcp"
    assert local_address(exchange) == IPv4Address("127.0.0.1")


async def test_a_name_that_means_nothing_is_an_error_of_the_network() -> None:
    with pytest.raises(socket.gaierror):
        await resolved("exchange.invalid", 5060, "udp")
