"""From rows to stored closures, and from closures to decisions and invitations, on a real database."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from intake.columns import DEFAULT_COLUMNS
from intake.files import open_cases
from intake.rows import RowRules
from models.case import Address, AddressKind, CaseChange, ClosedCase
from models.selection import NotAsked, SelectionMethod, SelectionPolicy
from models.survey import Channel, Chat
from storage.database import SqlStore
from survey.draws import case_key, draw_faults
from workflow.intake import FieldProblem, RowProblem, import_cases
from workflow.selecting import InvitationPolicy, SelectionReport, decide_cases

ZONE = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
INVITATIONS = InvitationPolicy(zone=ZONE)
ALL = SelectionPolicy()
NORRKOPING = Path(__file__).parents[2] / "demo" / "norrkoping-2015" / "cases.csv"


def case(number: int, mail: str = "", **other: object) -> ClosedCase:
    fields: dict[str, object] = {"closed_at": NOW - timedelta(days=1) + timedelta(seconds=number), **other}
    return ClosedCase(case_id=f"TK-{number}", mail=mail, **fields)  # type: ignore[arg-type]


def bad_row(line: int) -> RowProblem:
    return RowProblem("a.csv", line, (FieldProblem("closed_at", "Avslutat", "igår", "write a time"),))


async def decide(store: SqlStore, policy: SelectionPolicy = ALL, now: datetime = NOW, **other) -> SelectionReport:
    return await decide_cases(store, policy, INVITATIONS, now, **other)


async def test_good_rows_go_in_and_bad_ones_are_told(store: SqlStore) -> None:
    steps: list[int] = []
    rows = [case(1), bad_row(3), case(2), case(3)]
    report = await import_cases(store, iter(rows), NOW, batch=2, on_progress=steps.append)
    assert (report.stored, report.changes[CaseChange.NEW], report.bad_rows) == (3, 3, 1)
    assert str(report.problems[0]) == 'a.csv, line 3: Avslutat "igår": write a time'
    assert steps == [2, 2]


async def test_a_rerun_changes_nothing_a_change_updates_and_a_second_closure_is_new(store: SqlStore) -> None:
    await import_cases(store, [case(1, subject="Potthål")], NOW)
    again = await import_cases(store, [case(1, subject="Potthål")], NOW)
    changed = await import_cases(store, [case(1, subject="Grop")], NOW)
    closed_again = await import_cases(store, [case(1, closed_at=NOW)], NOW)
    stale = await import_cases(store, [case(1, closed_at=NOW - timedelta(days=9))], NOW)
    found = [next(change for change, n in r.changes.items() if n) for r in (again, changed, closed_again, stale)]
    assert found == [CaseChange.UNCHANGED, CaseChange.UPDATED, CaseChange.CLOSED_AGAIN, CaseChange.STALE]


async def test_a_crash_between_batches_is_made_good_by_a_rerun(store: SqlStore) -> None:
    def crashing():
        yield from (case(n) for n in range(25))
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        await import_cases(store, crashing(), NOW, batch=10)
    report = await import_cases(store, (case(n) for n in range(30)), NOW, batch=10)
    assert (report.changes[CaseChange.UNCHANGED], report.changes[CaseChange.NEW]) == (20, 10)


async def test_only_some_problems_are_kept(store: SqlStore) -> None:
    report = await import_cases(store, (bad_row(line) for line in range(1500)), NOW)
    assert (report.bad_rows, len(report.problems)) == (1500, 1000)


async def test_norrkoping_2015_asks_500_of_560(any_store: SqlStore) -> None:
    now = datetime(2015, 9, 7, 6, tzinfo=UTC)
    rules = RowRules(zone=ZONE, now=now)
    await import_cases(any_store, open_cases(NORRKOPING, DEFAULT_COLUMNS, rules), now)
    report = await decide(any_store, SelectionPolicy(exclude_units=frozenset({"Skolskjuts Färdtjänst"})), now)
    assert report.asked == 500
    assert report.not_asked[NotAsked.EXCLUDED_UNIT] == 60
    assert report.decided == 560
    again = await decide(any_store, now=now)
    assert again.decided == 0


async def test_invitations_have_tokens_deadlines_and_languages(store: SqlStore) -> None:
    tokens = (f"token-{n}" for n in count())
    await import_cases(store, [case(1, language="en"), case(2, language="sv")], NOW)
    await decide(store, make_token=lambda: next(tokens))
    async with store.look() as tx:
        first, second = await tx.invitation_by_token("token-0"), await tx.invitation_by_token("token-1")
    assert first is not None
    assert second is not None
    assert (first.language, second.language) == ("en", "sv")
    assert first.expires_at == NOW + timedelta(days=14)
    assert first.remind_at == NOW + timedelta(days=3)


async def test_real_tokens_are_long_random_and_fit_a_telegram_link(store: SqlStore) -> None:
    await import_cases(store, [case(n) for n in range(50)], NOW)
    await decide(store)
    async with store.look() as tx:
        tokens = {invitation.token for invitation, _ in await tx.unopened_invitations(NOW)}
    assert len(tokens) == 50
    assert all(len(token) == 22 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)


async def test_nobody_is_asked_again_too_soon_or_after_a_refusal(store: SqlStore) -> None:
    await import_cases(store, [case(1, "a@example.se"), case(2, "b@example.se")], NOW)
    async with store.step() as tx:
        await tx.opt_out([Address(AddressKind.MAIL, "b@example.se")], NOW, Channel.CHAT)
    first = await decide(store)
    assert (first.asked, first.not_asked[NotAsked.OPTED_OUT]) == (1, 1)
    later = NOW + timedelta(days=89)
    await import_cases(store, [case(3, "a@example.se", closed_at=later)], later)
    assert (await decide(store, now=later)).not_asked[NotAsked.ASKED_RECENTLY] == 1
    much_later = NOW + timedelta(days=91)
    await import_cases(store, [case(4, "a@example.se", closed_at=much_later)], much_later)
    assert (await decide(store, now=much_later)).asked == 1


async def test_the_cap_holds_across_batches(store: SqlStore) -> None:
    await import_cases(store, (case(n, f"kund{n % 700}@example.se") for n in range(1400)), NOW)
    report = await decide(store)
    assert (report.asked, report.not_asked[NotAsked.ASKED_RECENTLY]) == (700, 700)


async def test_who_said_yes_to_being_asked_in_a_chat_is_asked_there(store: SqlStore) -> None:
    mail = Address(AddressKind.MAIL, "a@example.se")
    await import_cases(store, [case(1, "a@example.se"), case(2, "b@example.se")], NOW)
    async with store.step() as tx:
        await tx.save_chat(Chat(chat_id=17, language="en"))
        await tx.link_chat(17, [mail], NOW)
    invited = []

    async def on_invited(tx, invitation, stored, chat) -> None:
        invited.append((invitation.chat_id, invitation.language, stored.case.case_id, chat.chat_id))
        assert invitation.id  # stored, in this very transaction

    async def on_without_chat(tx, others) -> None:
        invited.extend((invitation.chat_id, stored.case.case_id) for invitation, stored in others)
        assert all(invitation.id for invitation, _ in others)

    report = await decide(store, on_invited=on_invited, on_without_chat=on_without_chat)
    assert (report.asked, report.in_chat) == (2, 1)
    assert invited == [(17, "en", "TK-1", 17), (None, "TK-2")]


async def test_where_nobody_writes_in_chats_nobody_is_asked_there(store: SqlStore) -> None:
    await import_cases(store, [case(1, "a@example.se")], NOW)
    async with store.step() as tx:
        await tx.save_chat(Chat(chat_id=17, language="en"))
        await tx.link_chat(17, [Address(AddressKind.MAIL, "a@example.se")], NOW)
    report = await decide_cases(store, ALL, replace(INVITATIONS, in_chats=False), NOW)
    assert (report.asked, report.in_chat) == (1, 0)
    async with store.look() as tx:
        assert await tx.open_invitations(17) == []


async def test_when_the_message_can_not_be_enqueued_nothing_is_decided(store: SqlStore) -> None:
    await import_cases(store, [case(1, "a@example.se")], NOW)
    async with store.step() as tx:
        await tx.save_chat(Chat(chat_id=17, language="sv"))
        await tx.link_chat(17, [Address(AddressKind.MAIL, "a@example.se")], NOW)

    async def failing(tx, invitation, stored, chat) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await decide(store, on_invited=failing)
    assert (await decide(store)).asked == 1


async def test_a_share_is_drawn_and_can_be_redrawn_from_what_is_stored(store: SqlStore) -> None:
    policy = SelectionPolicy(method=SelectionMethod.SHARE, share=0.3)
    await import_cases(store, (case(n) for n in range(600)), NOW)
    report = await decide(store, policy)
    assert report.draws == 2
    assert 100 < report.asked < 260
    assert await faults_of_all_draws(store) == []


async def test_a_fixed_number_waits_for_the_period_and_late_comers_get_no_number_of_their_own(
    any_store: SqlStore,
) -> None:
    policy = SelectionPolicy(method=SelectionMethod.FIXED, number=5, exclude_units=frozenset({"Skolskjuts"}))
    units = ("Gata", "Park", "Skolskjuts")
    await import_cases(any_store, (case(n, unit=units[n % 3]) for n in range(60)), NOW)
    early = await decide(any_store, policy)
    assert (early.asked, early.waiting, early.not_asked[NotAsked.EXCLUDED_UNIT]) == (0, 40, 20)
    after = datetime(2026, 11, 30, 23, tzinfo=UTC)  # December, local time
    report = await decide(any_store, policy, after)
    assert (report.asked, report.draws, report.waiting, report.not_asked[NotAsked.NOT_DRAWN]) == (10, 2, 0, 30)
    await import_cases(any_store, [case(100, unit="Gata")], after)
    late = await decide(any_store, policy, after)
    assert (late.asked, late.not_asked[NotAsked.NOT_DRAWN]) == (0, 1)
    async with any_store.look() as tx:
        stored = Counter((each.draw.period, each.draw.unit) for each in await tx.draws())
    assert stored == {("2026-11", "Gata"): 2, ("2026-11", "Park"): 1}
    assert await faults_of_all_draws(any_store) == []


async def faults_of_all_draws(store: SqlStore) -> list[str]:
    faults = []
    async with store.look() as tx:
        for stored in await tx.draws():
            frame = await tx.draw_frame(stored.number)
            keys = [case_key(each.case) for each, _ in frame]
            drawn = [case_key(e.case) for e, decision in frame if decision.reason is not NotAsked.NOT_DRAWN]
            faults += draw_faults(stored.draw, keys, drawn)
    return faults
