"""What the sound of a trial call tells, in both directions."""

from dataclasses import replace

import pytest

from tests.voice.phone_check.cases import (
    ECHOED,
    MUTE,
    NO_ECHO,
    OFFER,
    OURS,
    PRIVATE,
    PUBLIC,
    TALKED,
    answered,
    of,
    request,
    sdp,
    sounding,
)
from tests.voice.phone_check.telling import told
from voice.lines.sip.line import Closed, Statistics
from voice.lines.sound_level import Level
from voice.lines.sound_level import Verdict as Loudness
from voice.phone_check.findings import Finding, Step, Verdict
from voice.phone_check.messages import Message
from voice.phone_check.probe import Echo
from voice.phone_check.trial import Heard, Pressed

NOTHING_CAME = Statistics(sent=500)


def tell(step: Step, findings: list[Finding]) -> str:
    for each in findings:
        told(each)
    finding = of(step, findings)
    return f"{finding.verdict}:{finding.key}"


def test_a_call_as_it_should_be() -> None:
    for heard in (TALKED, ECHOED):
        findings = [told(each) for each in sounding(heard)]
        assert {each.verdict for each in findings} <= {Verdict.WELL, Verdict.UNKNOWN}
        assert of(Step.BACK, findings).verdict is of(Step.THERE, findings).verdict is Verdict.WELL


def test_nothing_comes_back() -> None:
    ours_is_public = replace(answered(), messages=(request("INVITE", sdp(PUBLIC)), *answered().messages[1:]))
    unheard = replace(ours_is_public, statistics=NOTHING_CAME, rtp_ports=(30000, 30999))
    assert tell(Step.BACK, sounding(MUTE, unheard)) == "wrong:nothing"
    assert of(Step.BACK, sounding(MUTE, unheard)).values["first"] == 30000
    assert tell(Step.BACK, sounding(MUTE, statistics=NOTHING_CAME)) == "wrong:nat"
    held = answered(sdp(PUBLIC, direction="inactive"), statistics=NOTHING_CAME)
    assert tell(Step.BACK, sounding(MUTE, held)) == "wrong:held"
    short = replace(MUTE, seconds=0.4, complete=False)
    assert tell(Step.BACK, sounding(short, unheard)) == "unknown:short"


def test_what_comes_back_is_silent() -> None:
    assert tell(Step.BACK, sounding(MUTE)) == "odd:silent"


@pytest.mark.parametrize(
    ("heard", "address", "statistics", "key"),
    [
        (MUTE, PUBLIC, Statistics(500, 500, round_trip_ms=20), "well:reported"),
        (MUTE, PUBLIC, Statistics(500, 500), "unknown:untold"),
        (MUTE, PRIVATE, Statistics(500, 500), "wrong:their_nat"),
        (replace(MUTE, says_heard=False), PUBLIC, Statistics(500, 500, round_trip_ms=20), "wrong:unheard"),
        (replace(MUTE, says_heard=True), PUBLIC, Statistics(500, 500), "well:ok"),
        (TALKED, PRIVATE, Statistics(500, 500), "well:ok"),  # symmetric RTP saves it
        (NO_ECHO, PUBLIC, Statistics(500, 500, round_trip_ms=20), "wrong:no_echo"),
        (replace(NO_ECHO, keys=TALKED.keys), PUBLIC, Statistics(500, 500), "wrong:no_echo"),  # somebody, and no echo
        (NO_ECHO, PUBLIC, NOTHING_CAME, "unknown:untold"),
        (NO_ECHO, "0.0.0.0", NOTHING_CAME, "unknown:untold"),
    ],
)
def test_whether_we_are_heard(heard: Heard, address: str, statistics: Statistics, key: str) -> None:
    assert tell(Step.THERE, sounding(heard, answered(sdp(address), statistics=statistics))) == key


@pytest.mark.parametrize(
    ("delay", "key"), [(0.02, "well:ok"), (0.29, "well:ok"), (0.5, "odd:long"), (1.2, "wrong:too_long")]
)
def test_delay(delay: float, key: str) -> None:
    assert tell(Step.DELAY, sounding(replace(ECHOED, echo=Echo(delay, 0.0, 1.0)))) == key


def test_delay_without_an_echo() -> None:
    assert tell(Step.DELAY, sounding(TALKED, statistics=Statistics(500, 500, round_trip_ms=40))) == "well:network"
    assert tell(Step.DELAY, sounding(TALKED)) == "unknown:untold"
    assert tell(Step.DELAY, sounding(NO_ECHO)) == "unknown:no_echo"


@pytest.mark.parametrize(
    ("statistics", "key"),
    [
        (Statistics(750, 750), "well:ok"),
        (Statistics(750, 400, round_trip_ms=20), "well:ok"),  # pauses aren't sent; the reports know of no loss
        (Statistics(750, 400), "unknown:untold"),
        (Statistics(500, 490, lost_here=10), "odd:some"),
        (Statistics(500, 500, lost_there=10), "odd:some"),
        (Statistics(500, 400, lost_here=100), "wrong:much"),
        (Statistics(500, 10), "unknown:untold"),
    ],
)
def test_loss(statistics: Statistics, key: str) -> None:
    assert tell(Step.LOSS, sounding(TALKED, statistics=statistics)) == key


@pytest.mark.parametrize(("received", "key"), [(500, "well:ok"), (490, "odd:echo_some"), (400, "wrong:echo_much")])
def test_loss_of_an_echo(received: int, key: str) -> None:
    assert tell(Step.LOSS, sounding(ECHOED, statistics=Statistics(500, received))) == key


@pytest.mark.parametrize(
    ("verdict", "key"),
    [
        (Loudness.GOOD, "well:ok"),
        (Loudness.TOO_QUIET, "odd:quiet"),
        (Loudness.CLIPPING, "odd:clipping"),
        (Loudness.NO_SPEECH, "unknown:no_speech"),
        (Loudness.NOTHING, "unknown:no_speech"),
    ],
)
def test_level_of_a_voice(verdict: Loudness, key: str) -> None:
    assert tell(Step.LEVEL, sounding(replace(TALKED, speech=Level(verdict, -25.0, -60.0, 0)))) == key


@pytest.mark.parametrize(("gain", "key"), [(-3, "well:echo"), (-20, "odd:echo_quiet"), (9, "odd:echo_loud")])
def test_level_of_an_echo(gain: float, key: str) -> None:
    assert tell(Step.LEVEL, sounding(replace(ECHOED, echo=Echo(0.1, gain, 1.0)))) == key
    assert tell(Step.LEVEL, sounding(NO_ECHO)) == "unknown:untold"


def test_keys() -> None:
    assert tell(Step.KEYS, sounding(TALKED)) == "well:ok"
    assert tell(Step.KEYS, sounding(replace(TALKED, keys=(Pressed("5", as_sound=True),)))) == "well:as_sound"
    by_info = replace(answered(), messages=(*answered().messages, request("INFO", ours=False)))
    assert tell(Step.KEYS, sounding(TALKED, by_info)) == "well:by_info"
    assert tell(Step.KEYS, sounding(replace(TALKED, keys=()))) == "wrong:none"  # who spoke would have pressed one
    assert tell(Step.KEYS, sounding(replace(TALKED, keys=(), says_heard=False))) == "unknown:untold"
    assert tell(Step.KEYS, sounding(MUTE)) == "unknown:untold"
    assert tell(Step.KEYS, sounding(replace(ECHOED, keys=()))) == "unknown:no_echo"


@pytest.mark.parametrize(
    ("heard", "ended", "messages", "key"),
    [
        (TALKED, Closed(by_us=True), [request("BYE")], "odd:unanswered"),
        (TALKED, Closed(), [request("BYE", ours=False)], "well:theirs"),
        (replace(TALKED, complete=False), Closed(), [request("BYE", ours=False)], "odd:early"),
        (replace(MUTE, complete=False), Closed(), [request("BYE", ours=False)], "wrong:early"),
        (TALKED, Closed(text="rtp stream error"), [], "wrong:broken"),
        (TALKED, Closed(text="it has ended", cause="lost"), [], "wrong:fault"),
    ],
)
def test_how_it_ended(heard: Heard, ended: Closed, messages: list[Message], key: str) -> None:
    trial = replace(answered(), ended=ended, messages=(OFFER, *messages))
    assert tell(Step.HANG_UP, sounding(heard, trial)) == key


def test_ended_by_us_and_agreed_to() -> None:
    assert OURS in answered().messages[0].body
    assert tell(Step.HANG_UP, sounding(TALKED)) == "well:ok"
