"""Days at a contact centre: real calls over SIP to telephones that misbehave, and nothing is lost, stuck or leaked.

OMDOME_TEST_CALLS says how many calls are made one after the other (10); from 100 on everybody in town is called.
"""

import os
import signal
import time
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from models.survey import AttemptOutcome, Disposition
from omdome.call_status import CallStatus
from tests.end_to_end.contact_centre import Centre, Footprint, centre
from tests.end_to_end.townspeople import FIRST, LAST, TOWN, Neighbour, Town, talk, telephone
from voice.audio_files import wav
from workflow.call_plan import CallState, state_of, under_way

CALLS = int(os.environ.get("OMDOME_TEST_CALLS", "10"))
LONG = CALLS >= 100
EVERYBODY = LAST - FIRST + 1
AT_ONCE = 20
OUR_FAULT = ("fault", CallState.BROKEN)
QUICK = ("busy", "declines", "no such number", "hangs up", "never again", "speaks no SDP", "is mute")
TELEPHONES = ("never again", "answers by keys")

pytestmark = pytest.mark.timeout(120 + 30 * CALLS)


async def every_call_is_stored_as_what_it_was(at: Centre, *, faults: int = 0) -> None:
    """And nobody was called oftener than they may be. `faults`: calls that we ourselves may have broken off."""
    zone = ZoneInfo("Europe/Stockholm")
    dispositions, faulty = await at.dispositions(), 0
    for number, tries in (await at.tries()).items():
        owner = at.town.owner(number)
        neighbour, came = at.town.neighbours[owner], [state_of(each) for each in tries]
        assert len(tries) == at.dialled[number], (owner, came)
        assert not any(under_way(each) or each.outcome is AttemptOutcome.PLANNED for each in tries), (owner, came)
        ours = [each for each in came if each in OUR_FAULT]
        faulty += len(ours)
        assert {*came} <= {*neighbour.came, *ours}, (owner, came)
        if CallState.HELD in came:
            assert dispositions[number] in neighbour.dispositions, owner
        if not ours and "congestion" not in came:
            days = Counter(each.at.astimezone(zone).date() for each in tries)
            assert max(days.values()) <= 2, owner
            assert len(tries) <= 4, owner
    assert faulty <= faults


async def test_twenty_at_once(tmp_path: Path) -> None:
    async with centre(tmp_path, Town(tmp_path / "town"), AT_ONCE) as at:
        before, most = Footprint.of(at.sip), 0
        await at.take_on(EVERYBODY if LONG else len(TOWN))

        def enough(status: CallStatus) -> bool:
            nonlocal most
            most = max(most, len(status.going))
            return not LONG and at.dialled.total() >= len(TOWN)

        await at.work(enough)
        await every_call_is_stored_as_what_it_was(at)
        assert most > AT_ONCE // 2
        assert await at.all_places_are_free(AT_ONCE)
        nothing_is_left(before, Footprint.of(at.sip), at.dialled.total())


async def test_one_after_the_other(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", TOWN if LONG else {name: TOWN[name] for name in QUICK})
    async with centre(tmp_path, town, at_once=1) as at:
        before = Footprint.of(at.sip)
        await at.take_on(EVERYBODY if LONG else len(QUICK))
        await at.work(lambda status: at.dialled.total() >= CALLS // 2)
        half = Footprint.of(at.sip)
        await at.work(lambda status: at.dialled.total() >= CALLS)
        await every_call_is_stored_as_what_it_was(at)
        assert await at.all_places_are_free(1)
        after = Footprint.of(at.sip)
        nothing_is_left(before, after, at.dialled.total())
        assert after.megabytes < half.megabytes + 15  # what hears and speaks has been loaded by then


async def test_the_sip_process_is_killed_in_the_middle(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", {name: TOWN[name] for name in TELEPHONES})
    async with centre(tmp_path, town, AT_ONCE) as at:
        await at.take_on(3 * len(TELEPHONES))
        first, talking = at.sip.pid, 0

        def enough(status: CallStatus) -> bool:
            nonlocal talking
            if not talking and sum(each.stage == CallState.TALKING for each in status.going) >= 3:
                talking = len(status.going)
                os.kill(first, signal.SIGKILL)
            return talking > 0 and at.dialled.total() >= 3 * len(TELEPHONES) + talking

        await at.work(enough)
        assert talking >= 3
        assert at.sip.pid not in (0, first)
        tries = await at.tries()
        assert any(state_of(each) is CallState.BROKEN for all_of_one in tries.values() for each in all_of_one)
        await every_call_is_stored_as_what_it_was(at, faults=2 * talking)


def nothing_is_left(before: Footprint, after: Footprint, calls: int) -> None:
    """Of calls that are over. A process may keep what it has once needed, but not of every call."""
    print(f"{calls} calls: {before} → {after}")
    assert after.tasks <= before.tasks
    assert after.sockets < before.sockets + max(6, calls // 4)  # those of the bad network are in this process as well
    assert after.sockets_there <= before.sockets_there + 2
    assert after.megabytes_there < before.megabytes_there + 30


@pytest.mark.skipif(not LONG, reason="takes minutes: make soak")
async def test_one_who_would_talk_for_half_an_hour(tmp_path: Path) -> None:
    """In real time: nobody's call lasts longer than ours may, however long they have to tell."""
    half_an_hour = tmp_path / "talk.wav"
    half_an_hour.write_bytes(wav(talk(1800)))
    talker = Neighbour(telephone("key:1", str(half_an_hour)), ("held",), (None, Disposition.PARTIAL))
    async with centre(tmp_path, Town(tmp_path / "town", {"talks on": talker}), at_once=1) as at:
        await at.take_on(1)
        began = time.monotonic()
        await at.work()
        print(f"talked for {time.monotonic() - began:.0f} s")
        assert time.monotonic() - began < 600 + 60
        await every_call_is_stored_as_what_it_was(at)
