"""Answers and what is counted of them, on every backend."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.conversation import Session
from models.counts import AnswerCount, IsoWeek
from models.rating import Rating
from models.survey import Channel, Comment, Reason
from storage.database import SqlStore, open_store
from tests.conftest import STOCKHOLM
from tests.contracts.examples import DAY, NOW, a_case, a_row, an_answer, invited, mail
from workflow.ports import Transaction

FIRST, LAST = IsoWeek(2000, 1), IsoWeek(2099, 52)


async def counted(transaction: Transaction) -> dict[tuple[str, str, str], int]:
    cells = await transaction.answer_counts(FIRST, LAST)
    return {(str(cell.week), cell.question, cell.rating.value): cell.count for cell in cells}


async def test_an_answer_is_counted_in_all_its_dimensions(any_store: SqlStore):
    async with any_store.step() as transaction:
        assert await transaction.oldest_count() is None
        [invitation] = await invited(transaction, [a_case()])
        answer = an_answer(invitation.id, "leverans", Rating.DALIGT, source="chat:5", engine="lexicon", reply="dåligt!")
        await transaction.put_answer(answer)
        assert await transaction.answers(invitation.id) == [answer]
        assert await transaction.answer_by_source(Channel.CHAT, "chat:5") == answer
        assert await transaction.answer_by_source(Channel.WEB, "chat:5") is None
        assert await transaction.answer_by_source(Channel.CHAT, "") is None
        assert await transaction.answer_counts(IsoWeek(2026, 47), IsoWeek(2026, 47)) == [
            AnswerCount(
                week=IsoWeek(2026, 47),
                department="Samhällsbyggnad",
                unit="Gator",
                customer_type="medborgare",
                intake_channel="telefon",
                channel=Channel.CHAT,
                question="leverans",
                rating=Rating.DALIGT,
                count=1,
            )
        ]
        assert await transaction.answer_counts(IsoWeek(2026, 48), IsoWeek(2026, 50)) == []
        assert await transaction.oldest_count() == IsoWeek(2026, 47)


async def test_a_changed_answer_moves_within_its_first_week(any_store: SqlStore):
    async with any_store.step() as transaction:
        [invitation] = await invited(transaction, [a_case()])
        await transaction.put_answer(an_answer(invitation.id, rating=Rating.BRA))
        changed = an_answer(invitation.id, rating=Rating.DALIGT, received_at=NOW + 8 * DAY, channel=Channel.WEB)
        await transaction.put_answer(changed)
        assert await transaction.answers(invitation.id) == [changed]
        assert await counted(transaction) == {("2026-W47", "leverans", "dåligt"): 1}


async def test_skips_are_stored_and_not_counted(any_store: SqlStore):
    async with any_store.step() as transaction:
        [invitation] = await invited(transaction, [a_case()])
        await transaction.put_answer(an_answer(invitation.id, rating=None))
        assert await counted(transaction) == {}
        await transaction.put_answer(an_answer(invitation.id, rating=Rating.OK, received_at=NOW + 8 * DAY))
        assert await counted(transaction) == {("2026-W47", "leverans", "ok"): 1}
        await transaction.put_answer(an_answer(invitation.id, rating=None))
        assert await counted(transaction) == {}
        assert [each.rating for each in await transaction.answers(invitation.id)] == [None]


@pytest.mark.parametrize(
    ("at", "week"),
    [
        (datetime(2026, 11, 22, 22, 59, tzinfo=UTC), "2026-W47"),
        (datetime(2026, 11, 22, 23, 1, tzinfo=UTC), "2026-W48"),  # Monday in Stockholm
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "2026-W53"),  # New Year's Day, a Friday
    ],
)
async def test_the_organisations_zone_decides_the_week(any_store: SqlStore, at: datetime, week: str):
    async with any_store.step() as transaction:
        [invitation] = await invited(transaction, [a_case()])
        await transaction.put_answer(an_answer(invitation.id, received_at=at))
        assert list(await counted(transaction)) == [(week, "leverans", "bra")]


async def test_answers_come_in_the_order_first_given(any_store: SqlStore):
    async with any_store.step() as transaction:
        [invitation] = await invited(transaction, [a_case()])
        for question in ("leverans", "bemötande", "tillgänglighet", "leverans"):
            await transaction.put_answer(an_answer(invitation.id, question))
        given_ = [each.question for each in await transaction.answers(invitation.id)]
        assert given_ == ["leverans", "bemötande", "tillgänglighet"]


async def test_the_answers_of_a_corrected_case_are_counted_where_it_belongs(any_store: SqlStore):
    async with any_store.step() as transaction:
        [invitation] = await invited(transaction, [a_case(unit="Gator")])
        await transaction.put_answer(an_answer(invitation.id))
        await transaction.put_cases([a_case(unit="Parker")], NOW)
        assert [cell.unit for cell in await transaction.answer_counts(FIRST, LAST)] == ["Parker"]
        assert await transaction.verify_rollup() == 0


async def test_answering_nothing_we_know_is_an_error(any_store: SqlStore):
    with pytest.raises(LookupError, match="no invitation 4711"):
        async with any_store.step() as transaction:
            await transaction.put_answer(an_answer(4711))


async def test_what_no_database_takes_never_stops_an_answer(any_store: SqlStore):
    async with any_store.step() as transaction:
        [invitation] = await invited(transaction, [a_case()])
        await transaction.put_answer(an_answer(invitation.id, reply="br\x00a \ud83d 👍🏽"))
        await transaction.put_comment(Comment(invitation_id=invitation.id, text="\x00\udc80 tack", received_at=NOW))
        [answer] = await transaction.answers(invitation.id)
        assert answer.reply == "bra ? 👍🏽"
        session = Session(questions=("leverans",), pending_reply="\x00b\ud83dra \\u0000 👍🏽")
        await transaction.save_session(invitation.id, session, NOW)
        await transaction.enqueue([a_row("a", payload={"text": "\x00"}), a_row("b", payload={"text": "\ud83d"})])
        stored = await transaction.session(invitation.id)
        assert stored is not None
        assert stored.pending_reply == "b?ra \\u0000 👍🏽"
        assert await transaction.purge("replies", NOW + DAY, NOW) == 1
        assert (await transaction.erase(mail("sk-1@example.org"), NOW))["answers"] == 1


async def test_a_damaged_rollup_is_found_and_repaired(any_store: SqlStore):
    async with any_store.step() as transaction:
        one, two = await invited(transaction, [a_case("SK-1"), a_case("SK-2")])
        for invitation in (one, two):
            await transaction.put_answer(an_answer(invitation.id))
        right = await transaction.answer_counts(FIRST, LAST)
        await transaction._db.exec_driver_sql("UPDATE rollup SET count = 7")  # type: ignore[attr-defined]
        assert await transaction.verify_rollup() == 1
        assert await transaction.verify_rollup(repair=True) == 1
        assert await transaction.verify_rollup() == 0
        assert await transaction.answer_counts(FIRST, LAST) == right


async def test_the_surveyed_case_has_all_that_was_said(any_store: SqlStore):
    async with any_store.step() as transaction:
        [invitation, silent] = await invited(transaction, [a_case("SK-1"), a_case("SK-2")])
        await transaction.put_answer(an_answer(invitation.id, "bemötande", Rating.BRA))
        await transaction.put_answer(an_answer(invitation.id, "leverans", Rating.DALIGT, received_at=NOW + DAY))
        reason = Reason(
            invitation_id=invitation.id, question="leverans", code="", text="ingen kom", received_at=NOW + DAY
        )
        await transaction.put_reason(reason)
        await transaction.put_comment(Comment(invitation_id=invitation.id, text="tack", received_at=NOW + 2 * DAY))
        said = await transaction.surveyed(invitation.id)
        assert said is not None
        assert (said.case_id, said.unit, said.handler_mail, said.answered_at) == ("SK-1", "Gator", "h1@example.se", NOW)
        assert said.ratings == (("bemötande", Rating.BRA), ("leverans", Rating.DALIGT))
        assert said.reasons == (("leverans", "", "ingen kom"),)
        assert said.comments == ("tack",)
        assert await transaction.surveyed(silent.id) is None
        for since, before, found in ((0, 1, True), (1, 2, True), (2, 3, True), (3, 4, False), (-1, 0, False)):
            period = NOW + since * DAY, NOW + before * DAY
            assert await transaction.surveyed_between(*period) == ([said] if found else [])


async def test_a_lone_comment_is_a_surveyed_case_too(any_store: SqlStore):
    async with any_store.step() as transaction:
        [invitation] = await invited(transaction, [a_case()])
        await transaction.put_comment(Comment(invitation_id=invitation.id, text="tack", received_at=NOW))
        [said] = await transaction.surveyed_between(NOW, NOW + DAY)
        assert (said.answered_at, said.ratings, said.comments) == (NOW, (), ("tack",))


events = st.lists(
    st.tuples(
        st.integers(0, 2),  # which invitation
        st.sampled_from(["bemötande", "leverans"]),
        st.sampled_from([*Rating, None]),
        st.sampled_from([Channel.CHAT, Channel.WEB]),
        st.integers(0, 40),  # days
        st.booleans(),  # then the case moves to another unit
    ),
    max_size=25,
)


def test_the_rollup_always_equals_a_recount(any_url: str):
    """Whatever is answered, changed, skipped and corrected: the cells are what one would count by hand."""
    numbers = count()

    async def play(store: SqlStore, story: list[tuple[int, str, Rating | None, Channel, int, bool]]) -> None:
        mark = next(numbers)
        cases = [a_case(f"{mark}-{n}", department=f"D{mark}") for n in range(3)]
        by_hand: dict[tuple[int, str], tuple[IsoWeek, Channel, Rating | None]] = {}
        async with store.step() as transaction:
            invitations = await invited(transaction, cases)
            for which, question, rating, channel, days, moves in story:
                at = NOW + timedelta(days=days)
                await transaction.put_answer(
                    an_answer(invitations[which].id, question, rating, channel=channel, received_at=at)
                )
                week, *_ = by_hand.get((which, question), [IsoWeek.of(at.astimezone(STOCKHOLM).date())])
                by_hand[which, question] = week, channel, rating
                if moves:
                    cases[which] = replace(cases[which], unit="Parker" if cases[which].unit == "Gator" else "Gator")
                    await transaction.put_cases([cases[which]], NOW)
            cells = await transaction.answer_counts(FIRST, LAST)
            assert await transaction.verify_rollup() == 0
        expected = Counter(
            (week, cases[which].unit, channel, question, rating)
            for (which, question), (week, channel, rating) in by_hand.items()
            if rating
        )
        mine = [cell for cell in cells if cell.department == f"D{mark}"]
        assert {(c.week, c.unit, c.channel, c.question, c.rating): c.count for c in mine} == expected

    with asyncio.Runner() as runner:
        store = runner.run(open_store(any_url, STOCKHOLM))

        @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(events)
        def holds(story: list[tuple[int, str, Rating | None, Channel, int, bool]]) -> None:
            runner.run(play(store, story))

        try:
            holds()
        finally:
            runner.run(store.close())


async def test_a_trial_is_answered_and_counted_nowhere(any_store: SqlStore):
    async with any_store.step() as transaction:
        [trial, real] = await invited(transaction, [a_case("PROV-1", trial=True), a_case("SK-1")])
        for invitation in (trial, real):
            await transaction.put_answer(an_answer(invitation.id, "leverans", Rating.DALIGT))
            await transaction.put_answer(an_answer(invitation.id, "leverans", Rating.BRA))
            await transaction.put_comment(Comment(invitation_id=invitation.id, text="hej", received_at=NOW))
        assert len(await transaction.answers(trial.id)) == 1
        assert (await transaction.surveyed(trial.id)) is not None, "its handler is told"
        assert await counted(transaction) == {("2026-W47", "leverans", "bra"): 1}
        assert [each.case_id for each in await transaction.surveyed_between(NOW - DAY, NOW + DAY)] == ["SK-1"]
        assert sum(row.count for row in await transaction.account(NOW - DAY, NOW + DAY)) == 1
        assert await transaction.verify_rollup() == 0
        await transaction.purge("cases", NOW + DAY, NOW)
        assert await transaction.verify_rollup() == 0
        assert await counted(transaction) == {("2026-W47", "leverans", "bra"): 1}
