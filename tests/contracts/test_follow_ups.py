"""Follow-ups and rechecks, on every backend."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from models.case import CaseChange
from models.counts import IsoWeek
from models.follow_up import FollowUpState, Recovered
from models.queues import OutboxKind
from models.rating import Rating
from models.selection import Decision
from models.survey import (
    AttemptOutcome,
    Comment,
    ContactAttempt,
    ContactWay,
    Disposition,
    Invitation,
    Purpose,
    Reason,
)
from storage.database import SqlStore
from tests.contracts.examples import DAY, MINUTE, NOW, a_case, a_row, an_answer, an_invitation, invited, mail
from workflow.ports import Transaction
from workflow.store_parts import chat_turn_key, turn_key

WEEK = IsoWeek(2026, 47)
NEW, CONTACTED, SOLVED = FollowUpState
BRA, OK, DALIGT = Rating


async def dissatisfied(tx: Transaction, case_id: str = "SK-1", **changed: object) -> Invitation:
    """A case rated dåligt on two of three questions, with a reason and a comment."""
    [invitation] = await invited(tx, [a_case(case_id, **changed)])
    for question, rating in (("bemotande", DALIGT), ("tillganglighet", BRA), ("leverans", DALIGT)):
        await tx.put_answer(an_answer(invitation.id, question, rating))
    await tx.put_reason(
        Reason(invitation_id=invitation.id, question="leverans", code="annat", text="", received_at=NOW)
    )
    await tx.put_comment(Comment(invitation_id=invitation.id, text="Hålet är kvar.", received_at=NOW))
    return invitation


async def asked_again(
    tx: Transaction, first: Invitation, at: object = NOW + 2 * DAY, questions: Sequence[str] = ("bemotande", "leverans")
) -> Invitation:
    """The follow-up is solved, and the customer asked again at that time."""
    await tx.save_follow_up(first.id, SOLVED, "Lagat.", "anna", at)
    stored = await tx.case(first.case_number)
    case = replace(stored.case, closed_at=at, recheck_of=first.id)
    assert await tx.put_cases([case], at) == [CaseChange.NEW]
    recheck = await tx.closure(case.case_id, case.closed_at)
    await tx.decide([Decision(recheck.id, None)], at)
    wanted = an_invitation(recheck.id, created_at=at, expires_at=at + 14 * DAY, questions=tuple(questions))
    [made] = await tx.put_invitations([wanted])
    assert await tx.put_recheck(first.id, made.id)
    return made


async def test_what_is_rated_daligt_is_to_be_followed_up(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        first = await dissatisfied(tx)
        [pleased] = await invited(tx, [a_case("SK-2")])
        await tx.put_answer(an_answer(pleased.id, "bemotande", OK))
        [trial] = await invited(tx, [a_case("PROV-1", trial=True)])
        await tx.put_answer(an_answer(trial.id, "bemotande", DALIGT))
        (found,) = await tx.follow_ups(NOW, NOW + DAY)
        assert found == await tx.follow_up(first.id)
        assert (found.state, found.note, found.changed_at, found.changed_by) == (NEW, "", None, "")
        assert found.case.case_id == "SK-1"
        assert found.case.ratings == (("bemotande", DALIGT), ("tillganglighet", BRA), ("leverans", DALIGT))
        assert found.case.reasons == (("leverans", "annat", ""),)
        assert found.case.comments == ("Hålet är kvar.",)
        assert await tx.follow_ups(NOW + MINUTE, NOW + DAY) == []
        assert await tx.follow_ups(NOW - DAY, NOW) == []
        assert [await tx.follow_up(number) for number in (pleased.id, trial.id, 999)] == [None, None, None]


async def test_the_newest_comes_first(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        for number in (1, 2, 3):
            [each] = await invited(tx, [a_case(f"SK-{number}")])
            at = NOW + (number % 3) * MINUTE
            await tx.put_answer(an_answer(each.id, rating=DALIGT, received_at=at))
        found = await tx.follow_ups(NOW, NOW + DAY)
        assert [each.case.case_id for each in found] == ["SK-2", "SK-1", "SK-3"]


async def test_what_was_done_is_kept_though_the_customer_changes_their_mind(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        [first] = await invited(tx, [a_case()])
        await tx.put_answer(an_answer(first.id, rating=DALIGT))
        before = await tx.follow_up(first.id)
        await tx.save_follow_up(first.id, CONTACTED, "Ringt, åter på onsdag.", "anna", NOW + MINUTE)
        await tx.put_answer(an_answer(first.id, rating=BRA))
        (found,) = await tx.follow_ups(NOW, NOW + DAY)
        assert (found.state, found.note) == (CONTACTED, "Ringt, åter på onsdag.")
        assert (found.changed_at, found.changed_by) == (NOW + MINUTE, "anna")
        assert found.version != before.version
        await tx.save_follow_up(first.id, SOLVED, "", "bo", NOW + DAY)
        assert (await tx.follow_up(first.id)).changed_by == "bo"


async def test_a_recheck_is_linked_once_and_shown_with_what_was_said(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        first = await dissatisfied(tx)
        assert not await tx.put_recheck(first.id, 999), "nothing has been saved of it"
        again = await asked_again(tx, first)
        assert not await tx.put_recheck(first.id, 999)
        assert (await tx.invitation(again.id)).questions == ("bemotande", "leverans")
        await tx.put_answer(an_answer(again.id, "bemotande", BRA, received_at=NOW + 3 * DAY))
        await tx.put_comment(Comment(invitation_id=again.id, text="Tack!", received_at=NOW + 3 * DAY))
        (found,) = await tx.follow_ups(NOW, NOW + 9 * DAY)
        assert found.case.invitation_id == first.id
        assert (found.recheck_id, found.asked_again_at) == (again.id, NOW + 2 * DAY)
        assert found.recheck == (("bemotande", BRA),)
        assert found.recheck_comments == ("Tack!",)
        assert found.state is SOLVED
        assert await tx.follow_up(again.id) is None, "a recheck is no case of its own"


@pytest.mark.parametrize("reached", [True, False])
async def test_asked_in_a_chat_once_the_message_has_left(any_store: SqlStore, reached: bool) -> None:
    async with any_store.step() as tx:
        first = await dissatisfied(tx)
        again, at = await asked_again(tx, first), NOW + 2 * DAY
        attempt = ContactAttempt(
            id=0,
            invitation_id=again.id,
            way=ContactWay.CHAT,
            purpose=Purpose.INVITATION,
            at=at,
            outcome=AttemptOutcome.SENT,
        )
        await tx.put_attempt(attempt)
        await tx.enqueue([a_row(turn_key(chat_turn_key(again.id), 1), due_at=at)])
        assert (await tx.follow_up(first.id)).told_again_at is None, "it waits"
        [row] = await tx.claim([OutboxKind.TELEGRAM], at + MINUTE, MINUTE, 9)
        if reached:
            await tx.finish(row.id, at + MINUTE)
        else:
            await tx.retry(row.id, "blocked", None)
        told = (await tx.follow_up(first.id)).told_again_at
        assert told == (at + MINUTE if reached else None)


async def test_still_daligt_makes_it_new_until_somebody_has_seen_it(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        first = await dissatisfied(tx)
        again = await asked_again(tx, first)
        seen = await tx.follow_up(first.id)
        await tx.put_answer(an_answer(again.id, "leverans", DALIGT, received_at=NOW + 3 * DAY))
        found = await tx.follow_up(first.id)
        assert (found.state, found.note, found.poor_again_at) == (NEW, "Lagat.", NOW + 3 * DAY)
        assert found.version != seen.version
        await tx.put_answer(an_answer(again.id, "leverans", BRA, received_at=NOW + 3 * DAY))
        assert (await tx.follow_up(first.id)).state is SOLVED, "they changed their mind"
        await tx.put_answer(an_answer(again.id, "leverans", DALIGT, received_at=NOW + 3 * DAY))
        await tx.save_follow_up(first.id, CONTACTED, "", "anna", NOW + 4 * DAY)
        await tx.put_answer(an_answer(again.id, "bemotande", BRA, received_at=NOW + 5 * DAY))
        assert (await tx.follow_up(first.id)).state is CONTACTED


async def test_a_recheck_is_counted_nowhere(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        first = await dissatisfied(tx)
        before = await tx.answer_counts(WEEK, WEEK), await tx.account(NOW - DAY, NOW + 9 * DAY)
        again = await asked_again(tx, first, NOW + MINUTE)
        await tx.put_answer(an_answer(again.id, "leverans", DALIGT, received_at=NOW + MINUTE))
        await tx.put_answer(an_answer(again.id, "leverans", BRA, received_at=NOW + 2 * MINUTE))
        assert (await tx.answer_counts(WEEK, WEEK), await tx.account(NOW - DAY, NOW + 9 * DAY)) == before
        assert await tx.verify_rollup() == 0
        between = await tx.surveyed_between(NOW, NOW + 9 * DAY)
        assert [each.invitation_id for each in between] == [first.id]
        assert (await tx.surveyed(again.id)).recheck_of == first.id, "for its handler's alert"
        assert (await tx.surveyed(first.id)).recheck_of is None
        await tx.erase(mail("sk-1@example.org"), NOW + DAY)
        assert (await tx.answer_counts(WEEK, WEEK), await tx.account(NOW - DAY, NOW + 9 * DAY)) == before
        assert await tx.verify_rollup() == 0


async def test_the_case_system_knows_nothing_of_rechecks(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        first = await dissatisfied(tx)
        assert not await tx.asked_anew(first.id)
        await asked_again(tx, first, NOW + 2 * DAY)
        told_late = a_case(closed_at=NOW + DAY)
        assert await tx.put_cases([a_case(), told_late], NOW + 3 * DAY) == [
            CaseChange.UNCHANGED,
            CaseChange.CLOSED_AGAIN,
        ]
        assert await tx.put_cases([a_case(closed_at=NOW - 2 * DAY)], NOW) == [CaseChange.STALE]
        same_moment = a_case(closed_at=NOW + 2 * DAY, unit="Annan")
        assert await tx.put_cases([same_moment], NOW + 3 * DAY) == [CaseChange.STALE]
        [(undecided)] = await tx.undecided(9)
        assert undecided.case == told_late
        assert not await tx.asked_anew(first.id), "a recheck is no new survey"
        await tx.put_invitations([an_invitation(undecided.id)])
        assert await tx.asked_anew(first.id)


async def test_who_is_just_being_asked_again(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        again = await asked_again(tx, await dissatisfied(tx))
        await dissatisfied(tx, "SK-2")
        assert await tx.open_rechecks({"SK-1", "SK-2", "SK-3"}, NOW + 3 * DAY) == {"SK-1"}
        assert await tx.open_rechecks({"SK-1"}, NOW + 99 * DAY) == set(), "expired"
        await tx.save_invitation(replace(again, disposition=Disposition.COMPLETED))
        assert await tx.open_rechecks({"SK-1"}, NOW + 3 * DAY) == set()


async def test_the_recovered(any_store: SqlStore) -> None:
    said: dict[str, dict[str, Rating | None]] = {
        "nothing": {},
        "half": {"leverans": OK},
        "skipped": {"bemotande": BRA, "leverans": None},
        "better": {"bemotande": BRA, "leverans": OK},
        "worse": {"leverans": DALIGT},
        "mixed": {"bemotande": BRA, "leverans": DALIGT},
    }
    async with any_store.step() as tx:
        for case_id, ratings in said.items():
            again = await asked_again(tx, await dissatisfied(tx, case_id, unit="Gata" if ratings else "Park"))
            for question, rating in ratings.items():
                await tx.put_answer(an_answer(again.id, question, rating, received_at=NOW + 3 * DAY))
        since, before = NOW + 2 * DAY, NOW + 3 * DAY
        assert await tx.recovered(since, before, ()) == Recovered(asked=6, answered=3, recovered=1)
        assert await tx.recovered(since, before, ("gata",)) == Recovered(asked=5, answered=3, recovered=1)
        assert await tx.recovered(since, before, ("Torg",)) == Recovered(0, 0, 0)
        assert await tx.recovered(before, before + DAY, ()) == Recovered(0, 0, 0)
        await tx.erase(mail("better@example.org"), NOW + 4 * DAY)
        assert await tx.recovered(since, before, ()) == Recovered(asked=5, answered=2, recovered=0)


# --- whose words they are ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_recheck", [False, True])
async def test_notes_are_the_customers_to_have_and_to_have_erased(any_store: SqlStore, with_recheck: bool) -> None:
    async with any_store.step() as tx:
        first = await dissatisfied(tx)
        again = await asked_again(tx, first) if with_recheck else None
        await tx.save_follow_up(first.id, SOLVED, "Pratade med Hjördis.", "anna", NOW + 3 * DAY)
        if again:
            await tx.put_comment(Comment(invitation_id=again.id, text="Finfint!", received_at=NOW + 3 * DAY))
        exported = json.dumps(await tx.export(mail("sk-1@example.org")), ensure_ascii=False)
        assert "Pratade med Hjördis." in exported
        assert ("Finfint!" in exported) is with_recheck
        counts = await tx.erase(mail("sk-1@example.org"), NOW + 4 * DAY)
        assert counts["follow_ups"] == 1
        assert counts["cases"] == 1 + with_recheck
        assert await tx.follow_up(first.id) is None
        assert await tx.follow_ups(NOW, NOW + 9 * DAY) == []


async def test_notes_go_with_the_comments_and_the_state_stays(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        first = await dissatisfied(tx)
        await tx.save_follow_up(first.id, CONTACTED, "Hjördis vill bli uppringd.", "anna", NOW + DAY)
        assert await tx.purge("comments", NOW + DAY, NOW + 9 * DAY) == 1, "only the customer's comment"
        assert (await tx.follow_up(first.id)).note == "Hjördis vill bli uppringd."
        assert await tx.purge("comments", NOW + 2 * DAY, NOW + 9 * DAY) == 1
        found = await tx.follow_up(first.id)
        assert (found.note, found.state, found.changed_by) == ("", CONTACTED, "anna")


async def test_a_case_that_is_purged_takes_its_follow_up_along(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        first = await dissatisfied(tx)
        again = await asked_again(tx, first, NOW + 2 * DAY)
        await tx.put_answer(an_answer(again.id, "leverans", DALIGT, received_at=NOW + 3 * DAY))
        assert await tx.purge("cases", NOW + DAY, NOW + 9 * DAY) == 1
        assert await tx.follow_ups(NOW, NOW + 9 * DAY) == []
        assert await tx.recovered(NOW, NOW + 9 * DAY, ()) == Recovered(0, 0, 0)
        assert await tx.purge("cases", NOW + 8 * DAY, NOW + 9 * DAY) == 1, "the recheck, in its turn"
        assert await tx.verify_rollup() == 0
