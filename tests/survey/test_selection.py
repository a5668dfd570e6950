"""Who is asked. Read as examples first; the properties below hold for any cases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.case import Address, AddressKind, ClosedCase, StoredCase
from models.selection import NotAsked, SelectionMethod, SelectionPolicy
from survey.draws import (
    below,
    case_key,
    draw_faults,
    drawn_keys,
    frame_hash,
    period_is_over,
    period_of,
    score,
)
from survey.selection import Known, Sampling, excluded, select

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SAMPLING = Sampling(seed="frö", now=NOW, number=3, period="2026-10", unit="Gata")
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def stored(number: int, mail: str = "", phone: str = "", **other: object) -> StoredCase:
    fields: dict[str, object] = {"closed_at": NOW - timedelta(days=30) + timedelta(minutes=number), **other}
    return StoredCase(number, ClosedCase(case_id=f"TK-{number}", mail=mail, phone=phone, **fields))  # type: ignore[arg-type]


def reasons(cases: list[StoredCase], policy: SelectionPolicy, known: Known | None = None) -> dict[int, NotAsked | None]:
    selected = select(cases, policy, known or Known(), SAMPLING)
    return {decision.case_number: decision.reason for decision in selected.decisions}


def a_mail(value: str) -> Address:
    return Address(AddressKind.MAIL, value)


@pytest.mark.parametrize(
    ("case", "policy", "reason"),
    [
        (stored(1, unit="Skolskjutsen"), SelectionPolicy(exclude_units=frozenset({"Skolskjuts"})), None),
        (
            stored(1, unit="Skolskjuts"),
            SelectionPolicy(exclude_units=frozenset({" skolskjuts"})),
            NotAsked.EXCLUDED_UNIT,
        ),
        (
            stored(1, subject="Felanmälan"),
            SelectionPolicy(exclude_subjects=frozenset({"Felanmälan"})),
            NotAsked.EXCLUDED_SUBJECT,
        ),
        (stored(1, auto_closed=True), SelectionPolicy(), NotAsked.AUTO_CLOSED),
        (stored(1, auto_closed=True), SelectionPolicy(exclude_auto_closed=False), None),
        (
            stored(1, "anna@example.se"),
            SelectionPolicy(test_customers=frozenset({"@example.se"})),
            NotAsked.TEST_CUSTOMER,
        ),
        (stored(1, "anna@example.se"), SelectionPolicy(test_customers=frozenset({"@ample.se"})), None),
        (stored(1), SelectionPolicy(test_customers=frozenset({"@", ""})), None),
        (stored(1), SelectionPolicy(max_days_since_closed=29), NotAsked.CLOSED_TOO_LONG_AGO),
        (stored(1), SelectionPolicy(max_days_since_closed=30), None),
        (stored(1), SelectionPolicy(require_address=True), NotAsked.NO_ADDRESS),
        (stored(1, phone="+46701740605"), SelectionPolicy(require_address=True), None),
    ],
)
def test_rules_exclude(case: StoredCase, policy: SelectionPolicy, reason: NotAsked | None) -> None:
    assert excluded(case.case, policy, NOW) == reason


def test_of_one_respondents_cases_the_first_closed_is_asked_about() -> None:
    later, first = stored(9, "a@example.se"), stored(2, "a@example.se")
    assert reasons([later, first], SelectionPolicy()) == {2: None, 9: NotAsked.ASKED_RECENTLY}


def test_a_shared_phone_makes_two_mails_one_respondent_but_only_for_the_cases_that_share_it() -> None:
    cases = [
        stored(1, "a@example.se", "+46701740605"),
        stored(2, "b@example.se", "+46701740605"),
        stored(3, "b@example.se"),  # shares nothing with a case that is asked about
    ]
    assert reasons(cases, SelectionPolicy()) == {1: None, 2: NotAsked.ASKED_RECENTLY, 3: None}


def test_without_a_cap_everybody_is_asked_about_everything() -> None:
    cases = [stored(1, "a@example.se"), stored(2, "a@example.se")]
    assert reasons(cases, SelectionPolicy(min_days_between=0)) == {1: None, 2: None}


def test_two_cases_without_an_address_are_two_respondents() -> None:
    assert reasons([stored(1), stored(2)], SelectionPolicy()) == {1: None, 2: None}


def test_opted_out_and_recently_asked_respondents_are_left_alone() -> None:
    known = Known(opted_out={a_mail("no@example.se")}, asked={a_mail("again@example.se")})
    cases = [stored(1, "no@example.se"), stored(2, "again@example.se"), stored(3, "new@example.se")]
    assert reasons(cases, SelectionPolicy(), known) == {1: NotAsked.OPTED_OUT, 2: NotAsked.ASKED_RECENTLY, 3: None}


def test_one_chat_behind_two_mails_is_one_respondent() -> None:
    chat = Address(AddressKind.CHAT, "17")
    known = Known(chats={a_mail("a@example.se"): chat, a_mail("b@example.se"): chat})
    cases = [stored(1, "a@example.se"), stored(2, "b@example.se")]
    assert reasons(cases, SelectionPolicy(), known) == {1: None, 2: NotAsked.ASKED_RECENTLY}
    refused = Known(chats=known.chats, opted_out={chat})
    assert set(reasons(cases, SelectionPolicy(), refused).values()) == {NotAsked.OPTED_OUT}


def test_a_fixed_draw_takes_its_number_and_each_respondent_once() -> None:
    policy = SelectionPolicy(method=SelectionMethod.FIXED)
    cases = [stored(number, f"kund{number % 5}@example.se") for number in range(1, 21)]
    selected = select(cases, policy, Known(), SAMPLING)
    assert selected.draw is not None
    assert (selected.draw.frame_size, selected.draw.drawn) == (5, 3)
    assert sum(each.reason is None for each in selected.decisions) == 3
    asked = {each.case_number % 5 for each in selected.decisions if each.reason is None}
    for each in selected.decisions:
        if each.reason is not None:
            expected = NotAsked.ASKED_RECENTLY if each.case_number % 5 in asked else NotAsked.NOT_DRAWN
            assert each.reason is expected


def test_a_published_draw_can_be_redone_by_hand() -> None:
    """The same with nothing but a shell: `printf 'TK-1\\t2026-10-22T12:01:00Z' | openssl dgst -sha256 -hmac frö`."""
    case = stored(1).case
    assert case_key(case) == "TK-1\t2026-10-22T12:01:00Z"
    assert score("frö", case_key(case)).hex() == "9cfb2d3f2a4f0cc8940f49d73758c7f30124d9e5fb73a40c9227a810a39734d0"
    # printf 'a\nb\n' | sha256sum
    assert frame_hash(["b", "a"]) == "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"


def test_redrawing_tells_what_does_not_agree() -> None:
    policy = SelectionPolicy(method=SelectionMethod.FIXED)
    cases = [stored(number) for number in range(10)]
    selected = select(cases, policy, Known(), SAMPLING)
    keys = [case_key(each.case) for each in cases]
    asked = [keys[d.case_number] for d in selected.decisions if d.reason is None]
    draw = selected.draw
    assert draw is not None
    assert draw_faults(draw, keys, asked) == []
    assert "9 are stored now" in draw_faults(draw, keys[1:], asked)[0]
    assert "hash differs" in draw_faults(draw, [*keys[1:], "another"], asked)[0]
    assert draw_faults(replace(draw, seed="annat frö"), keys, asked) != []


@pytest.mark.parametrize(
    ("closed", "period", "name", "ends"),
    [
        ("2026-11-30T22:59:00+00:00", "month", "2026-11", "2026-11-30T23:00:00+00:00"),
        ("2026-11-30T23:00:00+00:00", "month", "2026-12", "2026-12-31T23:00:00+00:00"),
        ("2027-01-01T12:00:00+00:00", "week", "2026-W53", "2027-01-03T23:00:00+00:00"),
        ("2026-03-29T10:00:00+00:00", "week", "2026-W13", "2026-03-29T22:00:00+00:00"),  # clocks go forward
    ],
)
def test_periods_are_local_and_over_when_they_are_over(closed: str, period: str, name: str, ends: str) -> None:
    closed_at, end = datetime.fromisoformat(closed), datetime.fromisoformat(ends)
    assert period_of(closed_at, STOCKHOLM, period) == name
    assert not period_is_over(closed_at, STOCKHOLM, period, end - timedelta(seconds=1))
    assert period_is_over(closed_at, STOCKHOLM, period, end)


# --- for any cases ---------------------------------------------------------------------------------------------------

MAILS = st.sampled_from(["", "a@example.se", "b@example.se", "c@example.se", "d@example.se"])
PHONES = st.sampled_from(["", "+46701740605", "+46701740606", "+46701740607"])
CASES = st.lists(st.tuples(MAILS, PHONES, st.sampled_from(["Gata", "Park"]), st.booleans()), max_size=25).map(
    lambda rows: [stored(n, m, p, unit=u, auto_closed=a) for n, (m, p, u, a) in enumerate(rows, start=1)]
)
POLICIES = st.builds(
    SelectionPolicy,
    method=st.sampled_from(SelectionMethod),
    share=st.floats(0, 1),
    min_days_between=st.sampled_from([0, 90]),
    exclude_units=st.sampled_from([frozenset(), frozenset({"Park"})]),
)
KNOWN = st.builds(
    Known,
    opted_out=st.sets(MAILS.filter(bool).map(a_mail), max_size=1),
    asked=st.sets(MAILS.filter(bool).map(a_mail), max_size=1),
)


@given(CASES, POLICIES, KNOWN, st.randoms())
def test_every_case_gets_one_decision_whatever_order_they_come_in(cases, policy, known, random) -> None:
    selected = select(cases, policy, known, SAMPLING)
    assert sorted(each.case_number for each in selected.decisions) == [each.id for each in cases]
    shuffled = list(cases)
    random.shuffle(shuffled)
    assert select(shuffled, policy, known, SAMPLING) == selected


@given(CASES, POLICIES, KNOWN)
def test_nobody_is_asked_who_must_not_be_and_nobody_twice(cases, policy, known) -> None:
    selected = select(cases, policy, known, SAMPLING)
    by_number = {each.id: each.case for each in cases}
    asked = [by_number[each.case_number] for each in selected.decisions if each.reason is None]
    addresses = [address for case in asked for address in case.addresses]
    assert not set(addresses) & set(known.opted_out)
    assert not any(case.unit in policy.exclude_units or case.auto_closed for case in asked)
    if policy.min_days_between:
        assert len(addresses) == len(set(addresses))
        assert not set(addresses) & set(known.asked)


@given(CASES, POLICIES, KNOWN)
def test_reasons_are_true(cases, policy, known) -> None:
    selected = select(cases, policy, known, SAMPLING)
    by_number = {each.id: each.case for each in cases}
    asked = {a for d in selected.decisions if d.reason is None for a in by_number[d.case_number].addresses}
    for decision in selected.decisions:
        addresses = set(by_number[decision.case_number].addresses)
        if decision.reason is NotAsked.ASKED_RECENTLY:
            assert addresses & (asked | set(known.asked))
        if decision.reason is NotAsked.NOT_DRAWN:
            assert policy.method is not SelectionMethod.ALL


@given(CASES, POLICIES, KNOWN)
def test_any_draw_can_be_redone_from_what_is_stored(cases, policy, known) -> None:
    selected = select(cases, policy, known, SAMPLING)
    if selected.draw is None:
        assert all(each.draw is None for each in selected.decisions)
        return
    keys = {each.id: case_key(each.case) for each in cases}
    framed = [each for each in selected.numbered(7) if each.draw == 7]
    drawn = [keys[each.case_number] for each in framed if each.reason is not NotAsked.NOT_DRAWN]
    assert draw_faults(selected.draw, [keys[each.case_number] for each in framed], drawn) == []


@given(st.binary(min_size=32, max_size=32), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_asks_the_same_and_more(scored, one, other) -> None:
    low, high = sorted((one, other))
    assert below(high, scored) or not below(low, scored)
    assert below(1.0, scored)
    assert not below(0.0, scored)


def test_a_share_is_a_share() -> None:
    policy = SelectionPolicy(method=SelectionMethod.SHARE, share=0.1)
    cases = [stored(number) for number in range(5000)]
    selected = select(cases, policy, Known(), SAMPLING)
    assert selected.draw is not None
    assert 400 < selected.draw.drawn < 600  # 4.7 standard deviations
    assert drawn_keys(selected.draw, [case_key(each.case) for each in cases]) == {
        case_key(cases[each.case_number].case) for each in selected.decisions if each.reason is None
    }
