"""From the settings to registration: what is observed, and what is told."""

from dataclasses import replace

import pytest

from tests.voice.phone_check.cases import ACCOUNT, OURS, PUBLIC, request, response
from tests.voice.phone_check.telling import told
from voice.phone_check.findings import Step, Verdict
from voice.phone_check.judging_set_up import of_configuration, of_reach, of_registration, without_exchange
from voice.phone_check.messages import Message
from voice.phone_check.reaching import Reached

ASKED = response("OPTIONS", 200, "OK", server="Asterisk PBX 20.5.0")
REACHED = Reached(addresses=(PUBLIC,), local=OURS, contact="answered", answer=ASKED)


@pytest.mark.parametrize(
    ("account", "stack", "verdict", "key"),
    [
        (ACCOUNT, True, Verdict.WELL, "ok"),
        (ACCOUNT, False, Verdict.WRONG, "no_stack"),
        (replace(ACCOUNT, host=""), True, Verdict.WRONG, "no_host"),
        (replace(ACCOUNT, username="omdome"), True, Verdict.ODD, "no_username"),
        (replace(ACCOUNT, password=""), True, Verdict.ODD, "no_password"),
        (replace(ACCOUNT, password="", registers=False), True, Verdict.WELL, "ok"),
    ],
)
def test_settings(account: "object", stack: bool, verdict: Verdict, key: str) -> None:
    finding = told(of_configuration(account, stack=stack))  # type: ignore[arg-type]
    assert (finding.step, finding.verdict, finding.key) == (Step.CONFIGURATION, verdict, key)
    assert "sesam-7" not in repr(finding)
    assert told(without_exchange()).verdict is Verdict.UNKNOWN
    missing = told(
        of_configuration(replace(ACCOUNT, transport="tls", ca_file="ours.pem"), stack=True, authorities=False)
    )
    assert (missing.verdict, missing.key) == (Verdict.WRONG, "no_authorities")


@pytest.mark.parametrize(
    ("reached", "found"),
    [
        (REACHED, "name:ok port:named address:behind_nat"),
        (replace(REACHED, name_fault="unknown"), "name:unknown"),
        (replace(REACHED, name_fault="no_names"), "name:no_names"),
        (replace(REACHED, name_fault="only_ipv6"), "name:only_ipv6"),
        (replace(REACHED, local=""), "name:ok address:no_way"),
        (replace(REACHED, contact="refused", answer=None), "name:ok port:refused address:behind_nat"),
        (replace(REACHED, contact="unreached", answer=None), "name:ok port:unreached address:behind_nat"),
        (replace(REACHED, contact="silent", answer=None, local=PUBLIC), "name:ok port:silent address:local"),
        (
            replace(REACHED, answer=response("OPTIONS", 200, via=f"SIP/2.0/UDP x;received={OURS}")),
            "name:ok port:ok address:ok",
        ),
        (
            replace(REACHED, answer=response("OPTIONS", 404, via="SIP/2.0/UDP x;received=203.0.113.7;rport=61000")),
            "name:ok port:ok address:translated",
        ),
    ],
)
def test_the_way_to_the_exchange(reached: Reached, found: str) -> None:
    findings = [told(each) for each in of_reach(ACCOUNT, reached)]
    assert " ".join(f"{each.step}:{each.key}" for each in findings) == found


@pytest.mark.parametrize("fault", ["no_tls", "expired", "early", "other_name", "untrusted", "old", "failed"])
def test_certificates(fault: str) -> None:
    account = replace(ACCOUNT, transport="tls")
    findings = of_reach(account, replace(REACHED, certificate_fault=fault, certificate_words="as OpenSSL says"))
    (finding,) = [told(each) for each in findings if each.step is Step.CERTIFICATE]
    assert (finding.verdict, finding.key) == (Verdict.WRONG, fault)


def test_tls_as_it_should_be() -> None:
    silent = replace(REACHED, contact="silent", answer=None)
    findings = [told(each) for each in of_reach(replace(ACCOUNT, transport="tls"), silent)]
    assert [each.key for each in findings] == ["ok", "silent_stream", "ok", "behind_nat"]


CHALLENGE = response("REGISTER", 401, "Unauthorized")
ASKING, PROVING = request("REGISTER"), request("REGISTER", proves=True)


@pytest.mark.parametrize(
    ("messages", "key"),
    [
        ([ASKING], "silent"),
        ([], "not_sent"),
        ([ASKING, CHALLENGE, PROVING, CHALLENGE], "wrong_password"),
        ([ASKING, CHALLENGE, PROVING, response("REGISTER", 403, "Forbidden")], "wrong_password"),
        ([ASKING, response("REGISTER", 403, "Forbidden")], "forbidden"),
        ([ASKING, CHALLENGE, PROVING, response("REGISTER", 404, "Not Found")], "unknown_user"),
        ([ASKING, response("REGISTER", 405, "Method Not Allowed")], "no_registrar"),
        ([ASKING, response("REGISTER", 501, "Not Implemented")], "no_registrar"),
        ([ASKING, response("REGISTER", 423, "Interval Too Brief")], "interval"),
        ([ASKING, response("REGISTER", 503, "Service Unavailable")], "exchange_trouble"),
        ([ASKING, response("REGISTER", 420, "Bad Extension")], "refused"),
    ],
)
def test_registrations_that_fail(messages: list[Message], key: str) -> None:
    finding = told(of_registration(ACCOUNT, messages, "pbx.example.se doesn't register us"))
    assert (finding.verdict, finding.key) == (Verdict.WRONG, key)


def test_registrations_that_go_well_or_are_not_asked_for() -> None:
    assert told(of_registration(ACCOUNT, [ASKING, response("REGISTER", 200, "OK")], "")).verdict is Verdict.WELL
    assert told(of_registration(replace(ACCOUNT, registers=False), [], "")).verdict is Verdict.UNKNOWN
    without = told(of_registration(replace(ACCOUNT, password=""), [ASKING, CHALLENGE], "no"))
    assert without.key == "no_password"
    assert told(of_registration(replace(ACCOUNT, registers=False), [], "it ended")).key == "not_ready"
