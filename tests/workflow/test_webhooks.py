"""Which surveys other systems are told of, when, and with what."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.conversation import (
    Accepted,
    Declined,
    HungUp,
    OptedOut,
    PermissionGiven,
    Rated,
    ReasonChosen,
    Skipped,
    Stage,
    TimedOut,
)
from models.queues import OutboxKind, OutboxRow
from models.rating import Rating
from models.survey import Channel
from omdome.lexicons import load_lexicon
from storage.database import SqlStore
from tests.workflow.conftest import POLICY, invite
from workflow.converse import understood
from workflow.webhooks import CHANGED, FINISHED, webhook_body

A, B, C = "bemotande", "tillganglighet", "leverans"
BRA, OK, DALIGT = Rating.BRA, Rating.OK, Rating.DALIGT
HALF_AN_HOUR = timedelta(minutes=30)
THREE = (Accepted(), Rated(A, BRA), Rated(B, OK), Rated(C, BRA))
TO_THE_END = (Skipped(stage=Stage.COMMENT), PermissionGiven(False))


@pytest.fixture
async def told(customer: Any) -> Any:
    """A customer whose surveys two systems are told of."""
    customer.policy = replace(POLICY, webhooks=("case system", "lake"))
    return customer


async def due(customer: Any, hook: str = "case system") -> list[OutboxRow]:
    """What is to be told now, and then has been."""
    async with customer.store.step() as tx:
        rows = await tx.claim([OutboxKind.WEBHOOK], customer.now, HALF_AN_HOUR, 30)
        for row in rows:
            await tx.finish(row.id, customer.now)
    return [row for row in rows if row.payload["hook"] == hook]


async def bodies(customer: Any, comments: bool = False) -> list[Any]:
    """What is told, of what is stored now."""
    rows = await due(customer)
    async with customer.store.look() as tx:
        return [await webhook_body(tx, row, comments) for row in rows]


async def test_a_finished_survey_is_told_at_once_to_each(told: Any) -> None:
    await told.does(*THREE, *TO_THE_END)
    async with told.store.step() as tx:
        rows = await tx.claim([OutboxKind.WEBHOOK], told.now, HALF_AN_HOUR, 30)
    assert [(row.payload["hook"], row.lane) for row in rows] == [
        ("case system", "webhook:case system"),
        ("lake", "webhook:lake"),
    ]


async def test_what_is_told(told: Any) -> None:
    await told.does(*THREE[:3])
    told.now += timedelta(minutes=2)
    await told.does(Rated(C, DALIGT), ReasonChosen(C, "inte_atgardat"), channel=Channel.WEB)
    await told.does(understood("Lampan är trasig.", load_lexicon("sv")), PermissionGiven(False))
    (body,) = await bodies(told)
    assert body == {
        "type": "survey.finished",
        "timestamp": "2026-11-17T12:02:00Z",
        "data": {
            "survey_id": told.invitation.id,
            "recheck_of": None,
            "case_id": "SK-1",
            "closed_at": "2026-11-16T12:00:00Z",
            "unit": "Gata",
            "language": "sv",
            "disposition": "completed",
            "channel": "chat",
            "answers": [
                {"question": A, "rating": "bra", "channel": "chat", "answered_at": "2026-11-17T12:00:00Z"},
                {"question": B, "rating": "ok", "channel": "chat", "answered_at": "2026-11-17T12:00:00Z"},
                {"question": C, "rating": "dåligt", "channel": "web", "answered_at": "2026-11-17T12:02:00Z"},
            ],
            "reasons": [{"question": C, "reason": "inte_atgardat"}],
        },
    }


async def test_own_words_are_told_only_where_they_are_wanted(told: Any) -> None:
    await told.does(Accepted(), Rated(A, DALIGT), understood("Ingen ringde mig om lampan.", load_lexicon("sv")))
    await told.does(Rated(B, OK), Rated(C, OK), understood("Den är fortfarande trasig.", load_lexicon("sv")))
    rows = await _after(told, HALF_AN_HOUR)
    async with told.store.look() as tx:
        (without,) = [await webhook_body(tx, row, False) for row in rows]
        (with_words,) = [await webhook_body(tx, row, True) for row in rows]
    assert without is not None
    assert "lampan" not in str(without)
    assert "trasig" not in str(without)
    assert with_words is not None
    data: Any = with_words["data"]
    assert data["reasons"] == [{"question": A, "reason": None, "words": "Ingen ringde mig om lampan."}]
    assert data["comments"] == ["Den är fortfarande trasig."]


async def _after(told: Any, wait: timedelta) -> list[OutboxRow]:
    told.now += wait
    return await due(told)


async def test_neither_addresses_nor_the_token_are_told(told: Any) -> None:
    await told.does(*THREE, *TO_THE_END)
    (body,) = await bodies(told, comments=True)
    for secret in (told.case.mail, told.case.handler_mail, told.case.handler, told.invitation.token):
        assert secret not in str(body)


async def test_who_leaves_at_the_comment_is_told_of_half_an_hour_later_and_once(told: Any) -> None:
    await told.does(*THREE)
    assert await due(told) == []
    (row,) = await _after(told, HALF_AN_HOUR)
    assert row.payload["event"] == FINISHED
    async with told.store.look() as tx:
        body: Any = await webhook_body(tx, row, False)
    assert body["data"]["disposition"] == "completed"
    told.now = told.invitation.expires_at
    await told.does(TimedOut())
    assert await due(told) == []


async def test_who_says_more_within_the_half_hour_is_told_of_once_with_all_of_it(told: Any) -> None:
    await told.does(*THREE)
    told.now += timedelta(minutes=10)
    await told.does(understood("Tack så mycket, ni är snälla!", load_lexicon("sv")), PermissionGiven(False))
    (body,) = await bodies(told, comments=True)
    assert body["type"] == FINISHED
    assert body["data"]["comments"] == ["Tack så mycket, ni är snälla!"]
    assert await _after(told, HALF_AN_HOUR) == []


async def test_a_change_afterwards_is_told_as_such_with_the_whole_as_it_now_is(told: Any) -> None:
    await told.does(*THREE, *TO_THE_END)
    (first,) = await due(told)
    told.now += timedelta(days=1)
    await told.does(Rated(B, BRA))
    (again,) = await due(told)
    assert again.payload["event"] == CHANGED
    assert again.key != first.key
    async with told.store.look() as tx:
        body: Any = await webhook_body(tx, again, False)
    assert [answer["rating"] for answer in body["data"]["answers"]] == ["bra", "bra", "bra"]
    await told.does(Rated(B, BRA))  # the same once more is no change
    assert await due(told) == []


async def test_a_change_before_it_was_told_is_no_event_of_its_own(told: Any) -> None:
    await told.does(*THREE, *TO_THE_END, Rated(B, BRA))
    (row,) = await due(told)
    assert row.payload["event"] == FINISHED


async def test_who_refuses_after_the_end_has_changed_something(told: Any) -> None:
    await told.does(*THREE, *TO_THE_END)
    await due(told)
    await told.does(OptedOut())
    (body,) = await bodies(told)
    assert (body["type"], body["data"]["disposition"]) == (CHANGED, "refused")


async def test_half_an_answer_is_told_when_the_survey_expires(told: Any) -> None:
    await told.does(Accepted(), Rated(A, DALIGT))
    assert await _after(told, timedelta(days=3)) == []
    told.now = told.invitation.expires_at
    await told.does(TimedOut())
    (body,) = await bodies(told)
    assert body["data"]["disposition"] == "partial"
    assert len(body["data"]["answers"]) == 1


@pytest.mark.parametrize("events", [(TimedOut(),), (Accepted(), TimedOut()), (OptedOut(),)])
async def test_who_rated_nothing_is_not_told_of(told: Any, events: Any) -> None:
    await told.does(*events)
    assert await _after(told, timedelta(days=1)) == []


async def test_a_test_case_of_our_own_is_not_told(store: SqlStore) -> None:
    trial = await invite(store, "PROV-1", trial=True)
    trial.policy = replace(POLICY, webhooks=("case system",))
    await trial.does(*THREE, *TO_THE_END)
    assert await bodies(trial) == [None]


async def test_who_is_erased_in_between_is_told_of_to_nobody(told: Any) -> None:
    await told.does(*THREE, *TO_THE_END)
    async with told.store.step() as tx:
        rows = await tx.claim([OutboxKind.WEBHOOK], told.now, HALF_AN_HOUR, 30)
        await tx.erase(told.case.addresses[0], told.now)
    async with told.store.look() as tx:
        assert [await webhook_body(tx, row, True) for row in rows] == [None, None]
    told.now += 2 * HALF_AN_HOUR  # the leases are over, and yet there is nothing to do any more
    assert await due(told) == []


async def test_a_refusal_in_another_survey_of_the_chat_tells_what_was_answered_here(told: Any, store: SqlStore) -> None:
    other = await invite(store, "SK-2")
    await told.does(Accepted(), Rated(A, BRA))
    other.policy = told.policy
    await other.does(Accepted(), OptedOut())
    (body,) = await bodies(told)
    assert (body["data"]["case_id"], body["data"]["disposition"]) == ("SK-1", "refused")


async def test_without_webhooks_nothing_is_planned(customer: Any) -> None:
    await customer.does(*THREE, *TO_THE_END)
    assert await _after(customer, timedelta(days=1)) == []


async def _told_in_all(customer: Any, latest: dict[str, Any]) -> None:
    for body in await bodies(customer, comments=True):
        assert body["type"] == (CHANGED if latest else FINISHED)
        latest.update(body["data"])


@pytest.mark.parametrize("seed", range(12))
async def test_who_keeps_the_latest_is_right_in_the_end_whatever_happened(told: Any, seed: int) -> None:
    draw = random.Random(seed)
    lexicon = load_lexicon("sv")
    can_happen = [
        *(Rated(question, rating) for question in (A, B, C) for rating in (BRA, OK, DALIGT)),
        *(Skipped(question) for question in (A, B, C)),
        *(Skipped(stage=stage) for stage in (Stage.COMMENT, Stage.REASON)),
        *(understood(text, lexicon) for text in ("bra", "dåligt", "Lampan är trasig än.", "stopp")),
        *(ReasonChosen(C, "annat"), PermissionGiven(False), HungUp(), Declined(), Accepted()),
    ]
    weights = [1 if event in (can_happen[17], Declined()) else 4 for event in can_happen]
    latest: dict[str, Any] = {}
    for event in draw.choices(can_happen, weights, k=14):
        await told.does(event)
        told.now += timedelta(seconds=draw.choice((1, 60, 1_200, 2_700, 36_000)))
        if draw.random() < 0.5:
            await _told_in_all(told, latest)
    told.now = told.invitation.expires_at
    await told.does(TimedOut())
    await _told_in_all(told, latest)
    async with told.store.look() as tx:
        answers, said = await tx.answers(told.invitation.id), await tx.surveyed(told.invitation.id)
    if not any(answer.rating for answer in answers):
        assert latest == {}
        return
    assert latest["answers"] == [
        {
            "question": answer.question,
            "rating": answer.rating and answer.rating.value,
            "channel": answer.channel.value,
            "answered_at": f"{answer.received_at:%Y-%m-%dT%H:%M:%S}Z",
        }
        for answer in answers
    ]
    assert said is not None
    assert latest["comments"] == list(said.comments)
    assert len(latest["reasons"]) == len(said.reasons)
    assert latest["disposition"] == (await told.stored()).disposition
