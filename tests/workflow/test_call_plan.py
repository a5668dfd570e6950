"""When customers are called: examples, and what holds whatever comes of the tries."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calling import CallOutcome
from models.survey import AttemptOutcome, ContactAttempt, ContactWay, Purpose
from survey.calendar import ContactHours, is_working_day
from workflow.call_plan import (
    Called,
    CallingPolicy,
    CallState,
    Dial,
    Ended,
    Later,
    Try,
    next_call,
    settled,
    state_of,
    tries_of,
    under_way,
    was_interrupted,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
POLICY = CallingPolicy(zone=STOCKHOLM)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
BUSY, NO_ANSWER, WRONG = CallOutcome.BUSY, CallOutcome.NO_ANSWER, CallOutcome.WRONG_NUMBER
HELD, MACHINE, BROKEN = CallState.HELD, CallState.MACHINE, CallState.BROKEN


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A time in Stockholm, in 2026: Tuesday is the 17th of November."""
    return datetime(2026, month, day, hour, minute, tzinfo=STOCKHOLM).astimezone(UTC)


def tries(*told: tuple[datetime, CallOutcome | CallState]) -> list[Try]:
    return [Try(when, came) for when, came in told]


def decided(*told: tuple[datetime, CallOutcome | CallState], now: datetime, policy: CallingPolicy = POLICY) -> object:
    return next_call(tries(*told), policy, at(30, 12), now)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(17, 13), Dial()),
        (at(17, 8, 59), Later(at(17, 9))),
        (at(17, 19, 59), Dial()),
        (at(17, 20), Later(at(18, 9))),
        (at(21, 12), Later(at(23, 9))),  # Saturday
    ],
)
def test_nobody_is_called_at_night_nor_at_weekends(now: datetime, expected: object) -> None:
    assert decided(now=now) == expected


def test_nor_on_red_days() -> None:
    christmas = next_call([], POLICY, at(31, 12, month=12), at(24, 12, month=12))
    assert christmas == Later(at(28, 9, month=12))


def test_contact_hours_hold_as_well() -> None:
    early = CallingPolicy(zone=STOCKHOLM, hours=ContactHours(start=time(7), until=time(15), weekends=True))
    assert decided(now=at(17, 8), policy=early) == Later(at(17, 9))
    assert decided(now=at(17, 15), policy=early) == Later(at(18, 9))
    assert decided(now=at(21, 12), policy=early) == Later(at(23, 9)), "never at weekends, whatever mails may do"
    late = CallingPolicy(zone=STOCKHOLM, hours=ContactHours(start=time(20), until=time(22)))
    assert isinstance(decided(now=at(17, 20), policy=late), Ended)


def test_busy_is_tried_again_in_minutes_twice_a_day_and_four_times_in_all() -> None:
    first, second = (at(17, 13), BUSY), (at(17, 13, 15), BUSY)
    assert decided(first, now=at(17, 13, 1)) == Later(at(17, 13, 15))
    assert decided(first, second, now=at(17, 13, 16)) == Later(at(18, 9))
    third, fourth = (at(18, 9), BUSY), (at(18, 9, 15), BUSY)
    assert decided(first, second, third, fourth, now=at(18, 9, 16)) == Ended("called 4 times")


@pytest.mark.parametrize("came", [NO_ANSWER, MACHINE, CallState.NOBODY, CallOutcome.DECLINED])
def test_who_does_not_answer_is_called_another_day_at_another_time_of_day(came: CallOutcome | CallState) -> None:
    first = (at(17, 10), came)
    assert decided(first, now=at(17, 10, 1)) == Later(at(18, 17)), "called in the morning, then in the evening"
    second = (at(18, 17), came)
    assert decided(first, second, now=at(18, 18)) == Later(at(19, 12)), "and then in the afternoon"
    assert decided((at(20, 18), came), now=at(20, 18, 1)) == Later(at(23, 12)), "Friday evening, Monday afternoon"


@pytest.mark.parametrize("came", [WRONG, CallOutcome.MOVED, CallOutcome.NOT_ALLOWED, CallOutcome.UNWANTED, HELD])
def test_never_again(came: CallOutcome | CallState) -> None:
    assert isinstance(decided((at(17, 10), came), now=at(18, 10)), Ended)


def test_who_was_cut_off_by_us_is_called_back_once() -> None:
    broken = (at(17, 13), BROKEN)
    assert decided(broken, now=at(17, 13, 1)) == Later(at(17, 13, 15))
    assert decided(broken, (at(17, 13, 15), BUSY), now=at(17, 14)) == Ended("called back once")


OURS = [
    CallOutcome.CONGESTION,
    CallOutcome.UNREACHED,
    CallOutcome.FAULT,
    CallOutcome.REFUSED_US,
    CallOutcome.BARRED,
]


@pytest.mark.parametrize("came", OURS)
def test_what_is_our_fault_or_the_trunk_s_costs_the_customer_nothing(came: CallOutcome) -> None:
    """Whoever was not disturbed has all their tries left."""
    ours = [Try(at(17, 9) + each * MINUTE, came) for each in range(20)]
    told = next_call([*ours, Try(at(18, 9), BUSY)], POLICY, at(30, 12), at(18, 9, 15))
    assert told == Dial(), "the second of their day, and of all"
    rang = [Try(each.at, came, rang=True) for each in ours]
    assert isinstance(next_call(rang, POLICY, at(30, 12), at(18, 9)), Ended), "their phone rang each time"


def test_what_nobody_notices_is_tried_again_ever_more_slowly() -> None:
    times, now = list[datetime](), at(17, 9)
    made = list[Try]()
    while len(made) < 7:
        decision = next_call(made, POLICY, at(30, 12), now)
        if isinstance(decision, Dial):
            made.append(Try(now, CallOutcome.CONGESTION))
            times.append(now)
        else:
            assert isinstance(decision, Later)
            now = decision.at
    assert [f"{each.astimezone(STOCKHOLM):%d %H:%M}" for each in times] == [
        *("17 09:00", "17 09:15", "17 09:45", "17 10:45", "17 12:45", "17 16:45", "18 09:00")
    ]


def test_who_was_cut_off_is_called_back_whatever_the_trunk_says_between() -> None:
    made = tries((at(17, 13), BROKEN), (at(17, 13, 15), CallOutcome.CONGESTION))
    assert was_interrupted(made)
    assert next_call(made, POLICY, at(30, 12), at(17, 14)) == Dial()
    made.append(Try(at(17, 14), BUSY))
    assert not was_interrupted(made)
    assert next_call(made, POLICY, at(30, 12), at(17, 15)) == Ended("called back once")


def test_a_wrong_number_that_is_not_believed_is_called_another_day() -> None:
    unsure = Try(at(17, 10), WRONG, unsure=True)
    assert next_call([unsure], POLICY, at(30, 12), at(17, 10, 1)) == Later(at(18, 17))


def test_a_number_is_tried_twice_a_day_whatever_the_case() -> None:
    others = [at(17, 9), at(17, 10)]
    assert next_call([], POLICY, at(30, 12), at(17, 13), others) == Later(at(18, 9))


def test_what_comes_of_a_try_can_be_read_back_and_holds_no_number() -> None:
    def stored(called: Called) -> ContactAttempt:
        outcome, detail = settled(called)
        return ContactAttempt(
            id=1,
            invitation_id=1,
            way=ContactWay.PHONE,
            purpose=Purpose.REMINDER,
            at=at(17, 13),
            outcome=outcome,
            detail=detail,
        )

    assert settled(Called(outcome=BUSY, sip_code=486)) == (AttemptOutcome.FAILED, "busy, SIP 486, AAPOR 3.12")
    assert settled(Called(outcome=WRONG, sip_code=404))[0] is AttemptOutcome.DEAD_ADDRESS
    assert settled(Called(outcome=CallOutcome.ANSWERED, end=HELD)) == (AttemptOutcome.DELIVERED, "held")
    assert settled(Called(outcome=CallOutcome.ANSWERED, end=MACHINE)) == (AttemptOutcome.FAILED, "machine")
    congested = Called(outcome=CallOutcome.CONGESTION, sip_code=503, rang=True)
    assert settled(congested) == (AttemptOutcome.FAILED, "congestion, SIP 503, AAPOR 3.16, rang")
    unbelieved = settled(Called(outcome=WRONG, sip_code=404), unsure=True)
    assert unbelieved == (AttemptOutcome.FAILED, "wrong_number, SIP 404, AAPOR 4.30, unsure")
    assert tries_of([stored(congested)]) == [Try(at(17, 13), CallOutcome.CONGESTION, rang=True)]
    for outcome in CallOutcome:
        kept = stored(Called(outcome=outcome, sip_code=480))
        assert state_of(kept) is outcome
        assert tries_of([kept]) == [Try(kept.at, outcome)]
        assert not under_way(kept)


CAME = st.sampled_from([*CallOutcome, HELD, MACHINE, CallState.NOBODY, BROKEN])
POLICIES = st.builds(
    CallingPolicy,
    zone=st.just(STOCKHOLM),
    hours=st.builds(
        lambda start, length, weekends: ContactHours(start=time(start), until=time(start + length), weekends=weekends),
        st.integers(0, 18),
        st.integers(1, 5),
        st.booleans(),
    ),
)


@given(
    policy=POLICIES,
    came=st.lists(st.tuples(CAME, st.booleans()), min_size=9, max_size=9),
    start=st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: at(17, 13) + minutes * MINUTE),
    late=st.lists(st.integers(0, 3000), min_size=99, max_size=99),
    others=st.lists(st.integers(0, 20), max_size=4),
)
def test_whatever_comes_of_it(
    policy: CallingPolicy,
    came: list[tuple[CallOutcome | CallState, bool]],
    start: datetime,
    late: list[int],
    others: list[int],
) -> None:
    """Run a row to its end; `late`: minutes after its time at which a worker takes it up."""
    now = start
    expires, elsewhere = now + 14 * DAY, [now + each * timedelta(hours=1) for each in others]
    made: list[Try] = []
    for minutes in late:
        match next_call(made, policy, expires, now, [each for each in elsewhere if each <= now]):
            case Dial():
                local, hours = now.astimezone(STOCKHOLM), policy.hours
                assert is_working_day(local.date())
                assert max(time(9), hours.start) <= local.time() < min(time(20), hours.until)
                assert now < expires
                word, rang = came[len(made) % len(came)]
                unsure = word is WRONG and len(made) % 2 == 0
                made.append(Try(now, word, rang=rang, unsure=unsure))
                now += MINUTE
            case Later(when):
                assert when > now
                now = when + minutes * MINUTE
            case Ended():
                break
    else:
        pytest.fail("the row never ended")
    noticed = [each for each in made if each.disturbed]
    days = [each.at.astimezone(STOCKHOLM).date() for each in noticed]
    assert len(noticed) <= policy.in_all
    assert all(days.count(day) <= policy.a_day for day in days)
    broken = [each.came is BROKEN for each in noticed]
    assert not any(broken) or len(noticed) <= broken.index(True) + 2, "called back at most once"
    over = (HELD, CallOutcome.MOVED, CallOutcome.NOT_ALLOWED, CallOutcome.UNWANTED)
    assert all(each.came not in over for each in made[:-1])
    assert all(each.unsure for each in made[:-1] if each.came is WRONG)
    assert all(later.at - first.at >= policy.soon for first, later in pairwise(made)), "never at once"
