"""What came of dialling: whose fault it is, in the exchange's or the network's own words."""

from dataclasses import replace

import pytest

from models.calling import CallOutcome
from tests.voice.phone_check.cases import (
    OFFER,
    OURS,
    PUBLIC,
    answered,
    dialled,
    refused,
    request,
    response,
    sdp,
)
from tests.voice.phone_check.telling import told
from voice.phone_check.findings import Step, Verdict
from voice.phone_check.judging_dial import nothing_dialled, of_codec, of_dialling
from voice.phone_check.trial import Trial

PROVED = request("INVITE", proves=True)
CHALLENGE = response("INVITE", 407, "Proxy Authentication Required")


def key_of(trial: Trial) -> str:
    findings = [told(each) for each in of_dialling(trial)]
    assert findings[-1].verdict is Verdict.WRONG
    assert all(each.verdict is Verdict.WELL for each in findings[:-1])
    return f"{findings[-1].step}:{findings[-1].key}"


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (301, "dial:moved"),
        (302, "dial:moved"),
        (402, "dial:no_credit"),
        (403, "dial:barred"),
        (404, "dial:no_route"),
        (405, "dial:wrong_port"),
        (408, "answer:not_there"),
        (410, "dial:no_such_number"),
        (415, "dial:codec"),
        (420, "dial:extension"),
        (428, "dial:unsigned"),
        (433, "dial:anonymous"),
        (480, "answer:not_there"),
        (482, "dial:loop"),
        (484, "dial:incomplete"),
        (486, "answer:busy"),
        (487, "answer:rang_out"),
        (488, "dial:codec"),
        (494, "dial:encryption"),
        (500, "dial:congestion"),
        (503, "dial:congestion"),
        (600, "answer:busy"),
        (603, "answer:declined"),
        (604, "dial:no_such_number"),
        (607, "answer:unwanted"),
        (608, "dial:blocked"),
        (499, "dial:refused"),
        (699, "dial:refused"),
    ],
)
def test_codes_of_sip(status: int, key: str) -> None:
    assert key_of(refused(status, "as they say")) == key


@pytest.mark.parametrize(
    ("status", "cause", "key"),
    [
        (404, 1, "dial:no_such_number"),
        (404, 3, "dial:no_route"),
        (480, 18, "answer:rang_out"),
        (480, 20, "answer:not_there"),
        (503, 17, "answer:busy"),
        (500, 34, "dial:congestion"),
        (403, 21, "answer:declined"),
        (403, 57, "dial:barred"),
        (500, 88, "dial:codec"),
    ],
)
def test_the_networks_cause_goes_before_the_code(status: int, cause: int, key: str) -> None:
    assert key_of(refused(status, "as they say", network=f'Q.850;cause={cause};text="x"')) == key


def test_who_we_are() -> None:
    assert key_of(dialled(CHALLENGE)) == "dial:no_password"
    assert key_of(dialled(CHALLENGE, PROVED, CHALLENGE)) == "dial:wrong_password"
    forbidden = response("INVITE", 403, "Forbidden")
    assert key_of(dialled(CHALLENGE, PROVED, forbidden)) == "dial:barred_or_password"
    assert key_of(dialled(CHALLENGE, PROVED, response("INVITE", 100), forbidden)) == "dial:barred"
    registered = dialled(CHALLENGE, PROVED, forbidden)
    registered = replace(registered, messages=(response("REGISTER", 200), *registered.messages))
    assert key_of(registered) == "dial:barred"


def test_the_number_that_we_show() -> None:
    refusal = replace(refused(403, "Forbidden"), caller_id="+46701740699")
    assert key_of(replace(refusal, goes_without_caller_id=True)) == "dial:caller_id"
    assert key_of(replace(refusal, goes_without_caller_id=False)) == "dial:barred"


def test_no_answer_at_all() -> None:
    assert key_of(dialled(outcome=CallOutcome.UNREACHED)) == "dial:silent"
    assert key_of(dialled(response("INVITE", 100), outcome=CallOutcome.UNREACHED)) == "dial:stuck"
    rang_out = dialled(response("INVITE", 180), response("INVITE", 487), outcome=CallOutcome.NO_ANSWER, code=0)
    assert key_of(rang_out) == "answer:rang_out"
    assert key_of(dialled(outcome=CallOutcome.FAULT)) == "dial:fault"


def test_answered() -> None:
    for outcome in (CallOutcome.ANSWERED, CallOutcome.NO_AUDIO):
        findings = [told(each) for each in of_dialling(answered(outcome=outcome))]
        assert [each.verdict for each in findings] == [Verdict.WELL, Verdict.WELL]
    assert told(nothing_dialled()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("body", "outcome", "verdict", "key"),
    [
        (sdp(PUBLIC), CallOutcome.ANSWERED, Verdict.WELL, "ok"),
        (sdp(PUBLIC, "8"), CallOutcome.ANSWERED, Verdict.WELL, "ok_without_keys"),
        (sdp(PUBLIC, "3"), CallOutcome.NO_AUDIO, Verdict.WRONG, "none"),
        (sdp(PUBLIC, "8", port=0), CallOutcome.NO_AUDIO, Verdict.WRONG, "none"),
        (sdp(PUBLIC), CallOutcome.NO_AUDIO, Verdict.WRONG, "not_up"),
        (sdp(PUBLIC, kind="RTP/SAVP"), CallOutcome.NO_AUDIO, Verdict.WRONG, "encryption"),
        ("", CallOutcome.NO_AUDIO, Verdict.WRONG, "no_answer"),
    ],
)
def test_what_is_spoken(body: str, outcome: CallOutcome, verdict: Verdict, key: str) -> None:
    finding = told(of_codec(answered(body, outcome)))
    assert (finding.step, finding.verdict, finding.key) == (Step.CODEC, verdict, key)


def test_encrypted_sound() -> None:
    for formats, key in (("8", "protected_without_keys"), ("8 101\na=rtpmap:101 telephone-event/8000", "protected")):
        trial = answered(sdp(PUBLIC, formats, "RTP/SAVP"))
        offer = request("INVITE", sdp(OURS, kind="RTP/SAVP"))
        trial = replace(trial, messages=(offer, *(each for each in trial.messages if each != OFFER)))
        assert told(of_codec(trial)).key == key
