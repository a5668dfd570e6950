"""Calls that nobody answers: each ends as what it was, with SIP's code, and the phone goes on."""

import asyncio
import json
from pathlib import Path

import pytest

from models.calling import CallAttempt, CallOutcome
from tests.voice.lines.conftest import PhoneMaking
from tests.voice.lines.sip import scenarios
from tests.voice.lines.sip.far_ends import Sipp, free_port
from voice.child_process import ChildProcess
from voice.lines.sip.framing import HEADER, UNSAFE, Kind, packed, unpacked
from voice.lines.sip.phone import COMMAND
from voice.lines.sip.targets import on_this_machine


async def tried(start_phone: PhoneMaking, far: Sipp, **policy: float) -> CallAttempt:
    phone = await start_phone(**policy)
    attempt = await phone.dial(on_this_machine(far.address))
    assert isinstance(attempt, CallAttempt)
    return attempt


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("486 Busy Here", CallOutcome.BUSY),
        ("603 Decline", CallOutcome.DECLINED),
        ("480 Temporarily Unavailable", CallOutcome.NO_ANSWER),
        ("404 Not Found", CallOutcome.WRONG_NUMBER),
        ("503 Service Unavailable", CallOutcome.CONGESTION),
        ("488 Not Acceptable Here", CallOutcome.REFUSED_US),
    ],
)
async def test_a_refusal_is_stored_as_what_the_exchange_said(
    start_phone: PhoneMaking, tmp_path: Path, status: str, outcome: CallOutcome
) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.refuses(status)) as far:
        attempt = await tried(start_phone, far)
        assert (attempt.outcome, f"{attempt.sip_code} {attempt.reason}") == (outcome, status)
        assert far.went_as_written()


async def test_a_refusal_that_comes_at_once_isnt_missed(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.refuses("486 Busy Here", rings=False)) as far:
        assert (await tried(start_phone, far)).outcome is CallOutcome.BUSY


@pytest.mark.parametrize(("progress", "rang"), [("180 Ringing", True), ("183 Session Progress", False)])
async def test_it_is_known_whether_their_phone_rang(
    start_phone: PhoneMaking, tmp_path: Path, progress: str, rang: bool
) -> None:
    scenario = scenarios.refuses("486 Busy Here", progress=progress)
    with Sipp(tmp_path / "far", scenario=scenario) as far:
        assert (await tried(start_phone, far)).rang is rang


async def test_why_the_telephone_network_refused_says_more_than_sip_does(
    start_phone: PhoneMaking, tmp_path: Path
) -> None:
    reason = 'Reason: SIP;cause=404;text="Not Found", Q.850;cause=3;text="No route to destination"'
    with Sipp(tmp_path / "far", scenario=scenarios.refuses("404 Not Found", header=reason)) as far:
        attempt = await tried(start_phone, far)
        assert (attempt.outcome, attempt.sip_code) == (CallOutcome.CONGESTION, 404)
        assert attempt.reason == "Not Found (Q.850 cause 3)"


async def test_nobody_answers_in_time_and_the_phone_stops_ringing(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.rings_for_ever()) as far:
        attempt = await tried(start_phone, far, ring_seconds=1.0)
        assert (attempt.outcome, attempt.sip_code) == (CallOutcome.NO_ANSWER, 0)
        assert attempt.ring_seconds >= 1
        assert attempt.rang
        assert far.went_as_written()  # cancelled, and acknowledged


async def test_an_exchange_that_says_nothing_is_a_network_that_is_gone(
    start_phone: PhoneMaking, tmp_path: Path
) -> None:
    phone = await start_phone(ring_seconds=60.0, silence_seconds=1.0, hang_up_seconds=0.3)
    attempt = await phone.dial(on_this_machine(f"sip:nobody@127.0.0.1:{free_port()}"))
    assert isinstance(attempt, CallAttempt)
    assert attempt.outcome is CallOutcome.UNREACHED
    assert attempt.ring_seconds < 30


async def test_an_exchange_that_tries_is_given_time(start_phone: PhoneMaking, tmp_path: Path) -> None:
    scenario = scenarios.refuses("486 Busy Here", rings=False, takes=2000)
    with Sipp(tmp_path / "far", scenario=scenario) as far:
        assert (await tried(start_phone, far, silence_seconds=1.5)).outcome is CallOutcome.BUSY


async def test_a_call_answered_without_sound_is_given_up(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.answers_without_sound()) as far:
        attempt = await tried(start_phone, far, ring_seconds=10.0)
        assert attempt.outcome in (CallOutcome.NO_AUDIO, CallOutcome.REFUSED_US)


async def test_where_we_are_sent_on_to_is_never_called(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with (
        Sipp(tmp_path / "other", scenario=scenarios.answers()) as other,
        Sipp(tmp_path / "far", scenario=scenarios.moved_to(other.address)) as far,
    ):
        assert (await tried(start_phone, far, ring_seconds=3.0)).outcome is CallOutcome.MOVED


async def test_what_an_exchange_says_is_kept_without_numbers(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.refuses("404 No +46701740605 here")) as far:
        assert (await tried(start_phone, far)).reason == "No … here"


async def test_whoever_gives_up_dialling_hangs_up(start_phone: PhoneMaking, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.rings_for_ever()) as far:
        dialling = asyncio.create_task((await start_phone()).dial(on_this_machine(far.address)))
        await asyncio.sleep(0.5)
        dialling.cancel()
        await asyncio.gather(dialling, return_exceptions=True)
        assert await asyncio.to_thread(far.went_as_written)  # cancelled, and acknowledged


async def test_the_process_itself_takes_no_other_address_either() -> None:
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    child = await ChildProcess.launch(COMMAND)
    child.send(packed(7, Kind.DIAL, json.dumps({"uri": "sip:far@example.se", "headers": {}}).encode()))
    about, kind, length = unpacked(await child.replies.readexactly(HEADER.size))
    said = json.loads(await child.replies.readexactly(length))
    assert (about, kind, said["cause"]) == (7, Kind.CLOSED, UNSAFE)
    await child.reap(5)
