"""What config.toml says of the exchange reaches the phone, and what is missing is told."""

from ipaddress import IPv4Network

import pytest

from omdome.config import parse_config
from omdome.console import Problem
from omdome.credentials import Credentials
from omdome.sip_phone import sip_account_of, sip_policy_of
from voice.lines.sip.settings import SipAccount

EXCHANGE = """[sip]
host = "pbx.example.se"
port = 5062
transport = "tls"
ca_file = "data/ca.pem"
srtp = true
domain = "kommun.example.se"
username = "kommun"
auth_username = "x7Kp2"
registers = true
caller_id = "+46701740699"
codecs = ["pcmu"]
ring_seconds = 45
calls_at_once = 2
rtp_first_port = 40000
rtp_last_port = 40099
"""


def test_the_exchange_as_configured() -> None:
    config, credentials = parse_config(EXCHANGE), Credentials(sip_password="sesam")
    assert sip_account_of(config, credentials) == SipAccount(
        host="pbx.example.se",
        port=5062,
        transport="tls",
        ca_file=str(config.path("data/ca.pem")),
        srtp=True,
        domain="kommun.example.se",
        username="kommun",
        auth_username="x7Kp2",
        password="sesam",
        registers=True,
        caller_id="+46701740699",
        codecs=("pcmu",),
    )
    assert "sesam" not in repr(sip_account_of(config, credentials))
    policy = sip_policy_of(config)
    assert (policy.ring_seconds, policy.calls_at_once, policy.rtp_ports) == (45, 2, (40000, 40099))


def test_callers_numbers_are_of_the_country_that_intake_assumes() -> None:
    config = parse_config(
        '[intake]\nphone_region = "NO"\n[sip]\nhost = "192.0.2.7"\nlisten_port = 5062\ncalls_from = ["192.0.2.8/30"]'
    )
    account = sip_account_of(config, Credentials())
    assert (account.region, account.listen_port) == ("NO", 5062)
    assert account.calls_from == (IPv4Network("192.0.2.8/30"),)


def test_without_an_exchange_no_number_is_called() -> None:
    with pytest.raises(Problem, match=r"\[sip\] host: name the exchange"):
        sip_account_of(parse_config(""), Credentials())
