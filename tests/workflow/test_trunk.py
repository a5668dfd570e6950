"""A trunk in trouble: when nobody is called, and whose word about a number is believed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calling import CallOutcome
from workflow.call_plan import Called, CallState
from workflow.trunk import (
    USUAL_TRUNK,
    Said,
    Sign,
    Trunk,
    dialled,
    is_sure,
    over,
    sign_of,
    tag_of,
    told,
    trunk_from,
    trunk_text,
    wait_for,
)

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NUMBERS = [f"+467017406{each:02}" for each in range(10, 30)]
REACHES, HEARD, SILENT = Sign.REACHES, Sign.HEARD, Sign.SILENT
TROUBLE, DOUBT, NOTHING = Sign.TROUBLE, Sign.DOUBT, Sign.NOTHING


def tell(trunk: Trunk, sign: Sign, number: str, attempt: int, why: str, now: datetime) -> Trunk:
    """A call of a moment."""
    said = Said(sign=sign, number=number, attempt=attempt, began=now, why=why)
    return over(told(trunk, said, now), attempt)


def after(*signs: Sign, start: Trunk | None = None) -> Trunk:
    """One number each, a second apart."""
    trunk = start or Trunk()
    for each, sign in enumerate(signs):
        trunk = tell(trunk, sign, NUMBERS[each], 100 + each, "congestion, SIP 503", NOW + timedelta(seconds=each))
    return trunk


def test_a_clock_that_was_a_year_ahead_costs_half_an_hour() -> None:
    assert wait_for(Trunk(rests=1, until=NOW + timedelta(days=365)), NOW) == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("called", "sign"),
    [
        (Called(outcome=CallOutcome.ANSWERED, end=CallState.HELD), HEARD),
        (Called(outcome=CallOutcome.ANSWERED, end=CallState.NOBODY), NOTHING),
        (Called(outcome=CallOutcome.BUSY, sip_code=486), REACHES),
        (Called(outcome=CallOutcome.NO_ANSWER, rang=True), REACHES),
        (Called(outcome=CallOutcome.NO_ANSWER), NOTHING),
        (Called(outcome=CallOutcome.NO_ANSWER, sip_code=408), DOUBT),
        (Called(outcome=CallOutcome.NO_ANSWER, sip_code=480), DOUBT),
        (Called(outcome=CallOutcome.REFUSED_US, sip_code=401), TROUBLE),
        (Called(outcome=CallOutcome.CONGESTION, sip_code=503), TROUBLE),
        (Called(outcome=CallOutcome.CONGESTION, sip_code=503, rang=True), REACHES),
        (Called(outcome=CallOutcome.FAULT, rang=True), TROUBLE),
        (Called(outcome=CallOutcome.BARRED, sip_code=403), DOUBT),
        (Called(outcome=CallOutcome.WRONG_NUMBER, sip_code=404), DOUBT),
        (Called(outcome=CallOutcome.WRONG_NUMBER), NOTHING),
        (Called(outcome=CallOutcome.NOT_ALLOWED), NOTHING),
        (Called(outcome=CallOutcome.NO_AUDIO, rang=True), SILENT),
        (Called(outcome=CallOutcome.UNWANTED, sip_code=607), DOUBT),
    ],
)
def test_what_a_try_tells_of_the_trunk(called: Called, sign: Sign) -> None:
    assert sign_of(called) is sign


def test_three_in_a_row_that_are_our_fault_or_five_that_may_be() -> None:
    assert wait_for(after(TROUBLE, TROUBLE), NOW + MINUTE) is None
    assert wait_for(after(TROUBLE, TROUBLE, REACHES, TROUBLE, TROUBLE), NOW + MINUTE) is None
    assert after(TROUBLE, TROUBLE, TROUBLE).until == NOW + timedelta(seconds=2) + MINUTE
    assert after(*[DOUBT] * 4).rests == 0
    assert after(DOUBT, TROUBLE, DOUBT, TROUBLE, DOUBT).rests == 1
    assert after(TROUBLE, NOTHING, TROUBLE, NOTHING, TROUBLE).rests == 1, "what tells nothing is passed over"


def test_one_number_alone_never_stops_the_others() -> None:
    trunk = Trunk()
    for each in range(50):
        trunk = tell(trunk, TROUBLE, NUMBERS[0], each, "congestion", NOW)
    assert trunk.rests == 0


def test_a_probe_ends_the_rest_or_doubles_it() -> None:
    resting = after(TROUBLE, TROUBLE, TROUBLE)
    assert resting.until is not None
    due = resting.until
    assert wait_for(resting, due - timedelta(seconds=1)) == due
    probing = dialled(resting, 200, due)
    assert wait_for(probing, due) == due + MINUTE, "one at a time"
    assert wait_for(probing, due + 6 * MINUTE) is None, "whoever made it is gone"
    again = tell(probing, TROUBLE, NUMBERS[9], 200, "congestion", due + MINUTE)
    assert (again.rests, again.until) == (2, due + 3 * MINUTE)
    assert tell(probing, REACHES, NUMBERS[9], 200, "", due) == Trunk(reached_at=due)
    assert tell(probing, TROUBLE, NUMBERS[9], 7, "congestion", due).rests == 1, "an older call is no probe"
    unclear = tell(probing, NOTHING, NUMBERS[9], 200, "", due)
    assert (unclear.rests, wait_for(unclear, due)) == (1, None), "the next one is the probe"


def test_three_calls_in_a_row_that_were_answered_in_silence() -> None:
    """One-way audio: every phone rings and is answered, and nobody is heard."""
    answered_in_silence = (REACHES, SILENT)
    assert after(*answered_in_silence * 2).rests == 0
    resting = after(*answered_in_silence * 3)
    assert resting.rests == 1
    assert resting.until is not None
    due = resting.until
    rings = told(dialled(resting, 200, due), said(REACHES, 200, due), due)
    assert wait_for(rings, due) == due + MINUTE, "that it rings is no proof"
    assert tell(rings, SILENT, NUMBERS[9], 200, "no audio", due).rests == 2
    assert tell(rings, HEARD, NUMBERS[9], 200, "", due) == Trunk(reached_at=due)
    assert wait_for(over(rings, 200), due) is None, "it was busy: the next one is the probe"
    earlier = told(resting, said(HEARD, 7, NOW - HOUR), due)
    assert earlier == resting, "a call from before it began"
    assert after(*answered_in_silence * 2, REACHES, HEARD, *answered_in_silence).rests == 0


def said(sign: Sign, attempt: int, began: datetime) -> Said:
    return Said(sign=sign, number=NUMBERS[9], attempt=attempt, began=began)


def test_a_wrong_number_is_believed_where_others_are_reached() -> None:
    number = NUMBERS[0]
    assert not is_sure(Trunk(), number, None, NOW)
    assert is_sure(Trunk(reached_at=NOW - HOUR), number, None, NOW)
    assert not is_sure(Trunk(reached_at=NOW - 2 * HOUR), number, None, NOW)
    assert is_sure(Trunk(reached_at=NOW - 2 * HOUR), number, NOW - DAY, NOW), "on another day, others between"
    assert not is_sure(Trunk(reached_at=NOW - 2 * DAY), number, NOW - DAY, NOW)
    assert not is_sure(Trunk(reached_at=NOW - HOUR, troubled=(tag_of(NUMBERS[1]),)), number, None, NOW)


@given(st.lists(st.sampled_from(range(len(NUMBERS))), max_size=60), st.integers(0, 5))
def test_a_trunk_that_knows_no_number_any_more_kills_one_at_most(order: list[int], reached: int) -> None:
    """However many were reached before: the first such answer may be believed, and no other until somebody is."""
    trunk, dead = after(*[REACHES] * reached), set()
    for each in order:
        if is_sure(trunk, NUMBERS[each], None, NOW + MINUTE):
            dead.add(each)
        trunk = tell(trunk, DOUBT, NUMBERS[each], 1, "wrong number, SIP 404", NOW + MINUTE)
    assert len(dead) <= (1 if reached else 0)
    assert (trunk.rests > 0) == (len(set(order)) >= USUAL_TRUNK.doubted)


STEPS = st.tuples(st.sampled_from(Sign), st.integers(0, 19), st.integers(0, 40))


@given(st.lists(STEPS, max_size=80), st.integers(1, 6))
def test_whatever_comes(steps: list[tuple[Sign, int, int]], at_once: int) -> None:
    """Calls of several workers: each step is one that ends, after so many minutes, and others that try to begin."""
    trunk, now, attempt = Trunk(), NOW, 0
    up: list[tuple[int, datetime | None]] = []  # attempts, and when they began, those that are probes
    for sign, number, minutes in steps:
        while len(up) < at_once and wait_for(trunk, now) is None:
            assert trunk.until is None or now >= trunk.until, "nobody is called while it rests"
            attempt += 1
            up.append((attempt, now if trunk.rests else None))
            trunk = dialled(trunk, attempt, now)
        fresh = [began for _, began in up if began is not None and now < began + 5 * MINUTE]
        assert len(fresh) <= 1, "one probe at a time"
        now += minutes * MINUTE
        before = trunk
        if not up:
            continue
        ended, _ = up.pop(0)
        trunk = tell(trunk, sign, NUMBERS[number], ended, "why", now)
        assert trunk_from(trunk_text(trunk)) == trunk
        assert NUMBERS[number] not in trunk_text(trunk)
        if sign is REACHES and not before.silent:
            assert wait_for(trunk, now) is None
            up = [(each, None) for each, _ in up]
        if trunk.rests > before.rests:
            assert trunk.until is not None
            assert MINUTE <= trunk.until - now <= timedelta(minutes=30)
            assert trunk.rests == before.rests + 1
        again = wait_for(trunk, now)
        assert again is None or now < again <= now + timedelta(minutes=30), "it is never given up"


@given(st.lists(st.sampled_from(range(20)), min_size=5, max_size=5, unique=True))
def test_while_it_is_in_trouble_the_probes_become_rare(order: list[int]) -> None:
    """Two days of an exchange that refuses everything, one worker."""
    trunk, now, calls = Trunk(), NOW, 0
    while now < NOW + 2 * DAY:
        if (again := wait_for(trunk, now)) is not None:
            now = again
            continue
        calls += 1
        trunk = dialled(trunk, calls, now)
        now += timedelta(seconds=1)
        trunk = tell(trunk, TROUBLE, NUMBERS[order[calls % 5]], calls, "refused us", now)
    assert calls < 110
    assert len(trunk_text(trunk)) < 500


@pytest.mark.parametrize("text", ["", "yes", "[]", '{"rests": 1, "color": 2}', '{"until": "soon"}', None])
def test_what_can_not_be_read_is_forgotten(text: str | None) -> None:
    assert trunk_from(text) == Trunk()


def test_it_is_kept_as_text() -> None:
    resting = dialled(after(TROUBLE, DOUBT, TROUBLE, TROUBLE, start=Trunk(reached_at=NOW)), 7, NOW)
    assert trunk_from(trunk_text(resting)) == resting
