"""Which way next, and when: examples, and what holds whatever happens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.case import AddressKind
from models.survey import AttemptOutcome, ContactAttempt, ContactWay, Purpose
from survey.calendar import ContactHours, is_decent_time, is_working_day
from workflow.contact_plan import ADDRESS_OF, UNDER_WAY, ContactPolicy, Over, Standing, Turn, Wait, next_contact

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)  # 13:00 in Stockholm
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MAIL, SMS, PHONE = ContactWay.MAIL, ContactWay.SMS, ContactWay.PHONE
SENT, PLANNED, FAILED = AttemptOutcome.SENT, AttemptOutcome.PLANNED, AttemptOutcome.FAILED
DEAD, WITHDRAWN = AttemptOutcome.DEAD_ADDRESS, AttemptOutcome.WITHDRAWN
INVITATION, REMINDER = Purpose.INVITATION, Purpose.REMINDER
BOTH = frozenset({AddressKind.MAIL, AddressKind.PHONE})
POLICY = ContactPolicy(ways=(MAIL, SMS), zone=STOCKHOLM)
CALLING = replace(POLICY, phone_after=7 * DAY)


def attempt(way: ContactWay, outcome: AttemptOutcome = SENT, **changed: Any) -> ContactAttempt:
    fields: dict[str, Any] = {"purpose": INVITATION, "at": TUESDAY, **changed}
    return ContactAttempt(id=1, invitation_id=1, way=way, outcome=outcome, **fields)


def standing(*attempts: ContactAttempt, **changed: Any) -> Standing:
    fields: dict[str, Any] = {"created_at": TUESDAY, "expires_at": TUESDAY + 14 * DAY, "addresses": BOTH, **changed}
    return Standing(attempts=attempts, **fields)


def local(day: int, hour: int) -> datetime:
    """A day of November and an hour in Stockholm."""
    return datetime(2026, 11, day, hour, tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("addresses", "ways", "expected"),
    [
        (BOTH, (MAIL, SMS), Turn(MAIL, INVITATION)),
        (BOTH, (SMS, MAIL), Turn(SMS, INVITATION)),
        ({AddressKind.PHONE}, (MAIL, SMS), Turn(SMS, INVITATION)),
        ({AddressKind.PHONE}, (MAIL,), Over("no way left")),
        (set(), (MAIL, SMS), Over("no way left")),
        (BOTH, (), Over("no way left")),
    ],
)
def test_the_first_way_that_may_work(addresses: set[AddressKind], ways: tuple[ContactWay, ...], expected: Any) -> None:
    policy = replace(POLICY, ways=ways)
    assert next_contact(standing(addresses=frozenset(addresses)), policy, TUESDAY) == expected


def test_one_reminder_the_same_way_after_three_days_and_never_at_a_weekend() -> None:
    invited = standing(attempt(MAIL))
    assert next_contact(invited, POLICY, TUESDAY + HOUR) == Wait(TUESDAY + 3 * DAY)
    assert next_contact(invited, POLICY, TUESDAY + 3 * DAY) == Turn(MAIL, REMINDER)
    assert next_contact(invited, POLICY, local(20, 20)) == Wait(local(23, 9)), "Friday evening: Monday"
    reminded = standing(attempt(MAIL), attempt(MAIL, purpose=REMINDER, at=TUESDAY + 3 * DAY))
    assert next_contact(reminded, POLICY, TUESDAY + 6 * DAY) == Over("no way left")
    assert next_contact(invited, replace(POLICY, reminder_after=None), TUESDAY + 3 * DAY) == Over("no way left")


def test_a_dead_mailbox_means_the_next_way_at_once() -> None:
    only_phone = frozenset({AddressKind.PHONE})
    bounced = standing(attempt(MAIL, DEAD), addresses=only_phone)
    assert next_contact(bounced, POLICY, TUESDAY + HOUR) == Turn(SMS, INVITATION)
    # the mail came back after its reminder had gone the same way: neither reached anybody
    late = standing(attempt(MAIL, DEAD), attempt(MAIL, purpose=REMINDER), addresses=only_phone)
    assert next_contact(late, POLICY, TUESDAY + HOUR) == Turn(SMS, INVITATION)


def test_a_way_that_failed_for_good_is_left_for_the_next() -> None:
    assert next_contact(standing(attempt(MAIL, FAILED)), POLICY, TUESDAY) == Turn(SMS, INVITATION)
    assert next_contact(standing(attempt(MAIL, FAILED), attempt(SMS, FAILED)), POLICY, TUESDAY) == Over("no way left")
    in_vain = standing(attempt(MAIL), attempt(MAIL, FAILED, purpose=REMINDER, at=TUESDAY + 3 * DAY))
    assert next_contact(in_vain, POLICY, TUESDAY + 3 * DAY) == Turn(SMS, REMINDER)


def test_nothing_more_while_a_message_is_under_way() -> None:
    assert next_contact(standing(attempt(MAIL, PLANNED)), POLICY, TUESDAY + 3 * DAY) == Wait(
        TUESDAY + 3 * DAY + UNDER_WAY
    )
    sent_late = standing(attempt(MAIL, at=TUESDAY + 2 * DAY))
    assert next_contact(sent_late, POLICY, TUESDAY + 3 * DAY) == Wait(local(23, 9)), "Sunday: Monday"


def test_the_phone_when_nobody_has_answered_and_never_at_a_weekend() -> None:
    reminded = standing(attempt(MAIL), attempt(MAIL, purpose=REMINDER, at=TUESDAY + 3 * DAY))
    assert next_contact(reminded, CALLING, TUESDAY + 6 * DAY) == Wait(TUESDAY + 7 * DAY)
    assert next_contact(reminded, CALLING, TUESDAY + 7 * DAY) == Turn(PHONE, REMINDER)
    any_day = replace(CALLING, hours=ContactHours(weekends=True))
    assert next_contact(reminded, any_day, local(28, 12)) == Wait(local(30, 9))
    called = standing(*reminded.attempts, attempt(PHONE, PLANNED))
    assert next_contact(called, replace(CALLING, max_attempts=9), TUESDAY + 8 * DAY) == Over("no way left")
    only_mail = replace(reminded, addresses=frozenset({AddressKind.MAIL}))
    assert next_contact(only_mail, CALLING, TUESDAY + 7 * DAY) == Over("no way left")


def test_who_can_only_be_called_is_called() -> None:
    only_calls = replace(CALLING, ways=())
    assert next_contact(standing(), only_calls, TUESDAY) == Wait(TUESDAY + 7 * DAY)
    assert next_contact(standing(), only_calls, TUESDAY + 7 * DAY) == Turn(PHONE, INVITATION)


def test_all_ways_together_have_a_limit() -> None:
    twice = standing(attempt(MAIL, DEAD), attempt(SMS))
    assert next_contact(twice, replace(POLICY, max_attempts=2), TUESDAY + 9 * DAY) == Over("tried 2 times")
    withdrawn = standing(attempt(MAIL, WITHDRAWN), attempt(SMS))
    assert next_contact(withdrawn, replace(POLICY, max_attempts=2), TUESDAY + 9 * DAY) == Turn(SMS, REMINDER)


def test_one_respondent_is_left_alone_between_two_messages() -> None:
    about_another_case = standing(last_contact=TUESDAY - HOUR)
    assert next_contact(about_another_case, POLICY, TUESDAY) == Wait(TUESDAY + 23 * HOUR)
    too_late = replace(about_another_case, expires_at=TUESDAY + 20 * HOUR)
    assert next_contact(too_late, POLICY, TUESDAY) == Over("it expires first")


def test_who_has_begun_gets_the_reminder_only() -> None:
    begun = standing(attempt(MAIL), begun=True, remind_at=TUESDAY + 6 * DAY)
    assert next_contact(begun, POLICY, TUESDAY + 3 * DAY) == Wait(TUESDAY + 6 * DAY), "three days since they began"
    assert next_contact(begun, POLICY, TUESDAY + 6 * DAY) == Turn(MAIL, REMINDER)
    by_the_letter = standing(begun=True, remind_at=TUESDAY + 3 * DAY)
    assert next_contact(by_the_letter, POLICY, TUESDAY) == Wait(TUESDAY + 3 * DAY), "they know already"
    assert next_contact(by_the_letter, POLICY, TUESDAY + 3 * DAY) == Turn(MAIL, REMINDER)
    assert next_contact(by_the_letter, replace(POLICY, reminder_after=None), TUESDAY) == Over("no way left")


def test_what_is_over_is_over() -> None:
    assert next_contact(standing(over="completed"), POLICY, TUESDAY) == Over("completed")
    assert next_contact(standing(), POLICY, TUESDAY + 14 * DAY) == Over("expired")


# --- whatever happens ---------------------------------------------------------------------------------------------

policies = st.builds(
    ContactPolicy,
    ways=st.lists(st.sampled_from([MAIL, SMS]), unique=True).map(tuple),
    zone=st.just(STOCKHOLM),
    hours=st.builds(ContactHours, weekends=st.booleans()),
    reminder_after=st.none() | st.integers(1, 9).map(timedelta),
    phone_after=st.none() | st.integers(1, 9).map(timedelta),
    max_attempts=st.integers(1, 6),
    between=st.integers(0, 72).map(lambda hours: timedelta(hours=hours)),
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - aware


@given(st.data(), policies, starts, st.sets(st.sampled_from([AddressKind.MAIL, AddressKind.PHONE])), st.booleans())
def test_every_invitation_ends_and_nobody_is_pestered(
    data: st.DataObject, policy: ContactPolicy, start: datetime, has: set[AddressKind], begun: bool
) -> None:
    now, alive, last, attempts = start, set(has), None, []
    late = data.draw(st.integers(0, 30), "hours late") * HOUR
    for _ in range(400):  # fourteen days of hours, and some
        now += late
        found = Standing(
            created_at=start,
            expires_at=start + 14 * DAY,
            addresses=frozenset(alive),
            attempts=attempts,
            last_contact=last,
            begun=begun,
        )
        match next_contact(found, policy, now):
            case Over():
                break
            case Wait(until):
                assert until > now, "waiting is no way of doing nothing for ever"
                assert until < found.expires_at + UNDER_WAY
                now = until
            case Turn(way, purpose):
                assert now < found.expires_at
                assert is_decent_time(now, STOCKHOLM, policy.hours)
                assert way is not PHONE or is_working_day(now.astimezone(STOCKHOLM).date())
                assert ADDRESS_OF[way] in alive
                assert way in policy.ways or (way is PHONE and policy.phone_after)
                assert last is None or now >= last + policy.between
                outcome = data.draw(st.sampled_from(AttemptOutcome), "outcome")
                attempts = [*attempts, attempt(way, outcome, purpose=purpose, at=now)]
                if outcome is DEAD:
                    alive.discard(ADDRESS_OF[way])
                if outcome in (PLANNED, SENT, AttemptOutcome.DELIVERED):
                    last = now
                if outcome is WITHDRAWN:
                    return  # it is over for other reasons
    else:
        pytest.fail("it never ends")
    assert len(attempts) <= policy.max_attempts
    went_out = [(each.way, each.purpose) for each in attempts if each.outcome not in (FAILED, DEAD)]
    messages = [purpose for way, purpose in went_out if way is not PHONE]
    assert messages.count(REMINDER) <= 1 or len(alive) < len(has), "again only where the first reached nobody"
    assert [way for way, _ in went_out].count(PHONE) <= 1
