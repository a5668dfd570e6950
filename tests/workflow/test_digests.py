"""The digest from a real store, and its way into the outbox."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models.case import StoredCase
from models.conversation import Accepted, Rated, ReasonChosen, Skipped, Stage
from models.counts import IsoWeek
from models.digest import Digest, DigestPolicy, Figures, Recipient, Recovery
from models.follow_up import FollowUpState
from models.queues import OutboxKind
from models.rating import Rating
from models.survey import Chat, Invitation
from omdome.lexicons import load_lexicon
from storage.database import SqlStore
from survey.digest_times import DigestSchedule
from survey.redaction import Markers
from workflow.converse import understood
from workflow.digests import copy_for, digest_figures, schedule_digests
from workflow.follow_ups import Asking, Outcome, Wanted, ask_again
from workflow.ports import Transaction
from workflow.selecting import InvitationPolicy

STOCKHOLM = ZoneInfo("Europe/Stockholm")
A, B, C = QUESTIONS = ("bemotande", "tillganglighet", "leverans")
POLICY = DigestPolicy(organisation="Norrköpings kommun", questions=QUESTIONS)
SCHEDULE = DigestSchedule(zone=STOCKHOLM)
MARKERS = Markers(phone="[telefonnummer]", mail="[e-post]", personal_number="[personnummer]")
LEDNING = Recipient(name="ledning", mail="ledning@example.org")
GATUCHEF = Recipient(name="gatuchef", mail="gatuchef@example.org", units=("Gata",), identified=True)
W47 = IsoWeek(2026, 47)
MONDAY_SEVEN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


async def figures(store: SqlStore, recipient: Recipient, week: IsoWeek = W47) -> Digest:
    async with store.look() as tx:
        return await digest_figures(tx, copy_for(recipient, MARKERS), POLICY, week, STOCKHOLM, MONDAY_SEVEN)


async def all_bra(customer: Any) -> None:
    await customer.does(Accepted(), *(Rated(question, Rating.BRA) for question in QUESTIONS), Skipped())


async def test_answers_of_a_week_become_its_figures(store: SqlStore, invite_customer: Any) -> None:
    for number in range(9):
        customer = await invite_customer(store, f"SK-{number}", chat_id=100 + number)
        await all_bra(customer)
    await customer.does(Rated(C, Rating.DALIGT))  # the last one has second thoughts
    found = await figures(store, LEDNING)
    leverans = found.questions[2].week
    assert isinstance(leverans, Figures)
    assert (leverans.bra, leverans.ok, leverans.daligt) == (8, 0, 1)
    assert (await figures(store, LEDNING, W47.shifted(-1))).nothing
    assert found.follow_ups == ()


async def test_a_week_ends_at_local_midnight(store: SqlStore, invite_customer: Any) -> None:
    sunday = datetime(2026, 11, 22, 22, 59, tzinfo=UTC)  # 23:59 in Stockholm
    for number in range(14):
        customer = await invite_customer(store, f"SK-{number}", chat_id=100 + number)
        customer.now = sunday + timedelta(minutes=number % 2)
        await all_bra(customer)
    for week in (W47, W47.shifted(1)):
        cell = (await figures(store, LEDNING, week)).questions[0].week
        assert isinstance(cell, Figures)
        assert cell.n == 7


async def test_a_named_recipient_follows_up_the_cases_of_their_units(store: SqlStore, invite_customer: Any) -> None:
    ours = await invite_customer(store, "SK-1", chat_id=1, unit="Gata")
    theirs = await invite_customer(store, "SK-2", chat_id=2, unit="Park")
    for customer in (ours, theirs):
        await customer.does(Accepted(), Rated(A, Rating.DALIGT), ReasonChosen(A, "annat"), Rated(B, Rating.BRA))
        await customer.does(Skipped(C), understood("Ring mig på 070-174 06 05", load_lexicon("sv")))
        await customer.does(Skipped(stage=Stage.COMMENT))
    found = await figures(store, GATUCHEF)
    assert [(voice.case_id, voice.poor) for voice in found.follow_ups] == [("SK-1", (A,))]
    assert "0701740605" not in str(found).replace("-", "").replace(" ", "")
    assert "Ring mig på [telefonnummer]" in found.follow_ups[0].comments


async def schedule(store: SqlStore, now: datetime, *recipients: Recipient) -> int:
    async with store.step() as tx:
        return await schedule_digests(tx, recipients, SCHEDULE, now)


async def waiting(store: SqlStore) -> list[str]:
    async with store.step() as tx:
        found = []
        while rows := await tx.claim([OutboxKind.DIGEST], MONDAY_SEVEN + timedelta(days=90), timedelta(hours=1), 50):
            for row in rows:
                found.append(row.key)
                await tx.finish(row.id, MONDAY_SEVEN)
        return sorted(found)


async def test_each_recipient_gets_each_week_once(store: SqlStore, customer: Any) -> None:
    await all_bra(customer)
    assert await schedule(store, MONDAY_SEVEN - timedelta(minutes=1), LEDNING, GATUCHEF) == 0
    assert await schedule(store, MONDAY_SEVEN, LEDNING, GATUCHEF) == 2
    assert await schedule(store, MONDAY_SEVEN, LEDNING, GATUCHEF) == 0
    assert await schedule(store, MONDAY_SEVEN + timedelta(days=3), LEDNING, GATUCHEF) == 0
    assert await waiting(store) == ["digest:gatuchef:2026-W47", "digest:ledning:2026-W47"]


async def test_missed_runs_are_made_up_once(store: SqlStore, customer: Any) -> None:
    await all_bra(customer)
    await schedule(store, MONDAY_SEVEN, LEDNING)
    assert await schedule(store, MONDAY_SEVEN + timedelta(days=15), LEDNING) == 2
    assert await schedule(store, MONDAY_SEVEN + timedelta(days=15), LEDNING) == 0
    assert await waiting(store) == [f"digest:ledning:2026-W{week}" for week in (47, 48, 49)]


async def test_a_new_recipient_gets_no_history_of_empty_weeks(store: SqlStore) -> None:
    assert await schedule(store, MONDAY_SEVEN, LEDNING) == 0
    assert await schedule(store, MONDAY_SEVEN + timedelta(days=7), LEDNING) == 1
    assert await waiting(store) == ["digest:ledning:2026-W48"]


async def test_purging_the_queues_sends_nothing_again(store: SqlStore, customer: Any) -> None:
    await all_bra(customer)
    await schedule(store, MONDAY_SEVEN, LEDNING)
    await waiting(store)
    async with store.step() as tx:
        await tx.purge("queues", MONDAY_SEVEN + timedelta(days=2), MONDAY_SEVEN + timedelta(days=2))
    assert await schedule(store, MONDAY_SEVEN + timedelta(days=3), LEDNING) == 0


async def test_the_recovered_of_the_recent_weeks(store: SqlStore, invite_customer: Any) -> None:
    for number in range(8):
        customer = await invite_customer(store, f"SK-{number}", chat_id=100 + number, unit="Gata" if number else "Park")
        await customer.does(Accepted(), Rated(C, Rating.DALIGT))
        asking = Asking(questions=QUESTIONS, invitations=InvitationPolicy(zone=STOCKHOLM), in_chat=in_chat)
        async with store.look() as tx:
            seen = await tx.follow_up(customer.invitation.id)
        wanted = Wanted(
            invitation_id=customer.invitation.id,
            version=seen.version,
            state=FollowUpState.SOLVED,
            note="",
            who="gatuchef",
        )
        assert await ask_again(store, wanted, asking, customer.now) is Outcome.ASKED
        async with store.look() as tx:
            again = await tx.invitation((await tx.follow_up(customer.invitation.id)).recheck_id)
        answer = Rating.DALIGT if number == 7 else Rating.BRA
        await replace(customer, invitation=again).does(Accepted(), Rated(C, answer))
    found = await figures(store, LEDNING)
    assert found.recovered == Recovery(asked=8, answered=8, recovered=7, minimum=7)
    assert found.recovered.percent == 88
    assert (await figures(store, GATUCHEF)).recovered == Recovery(asked=7, answered=7, recovered=6, minimum=7)
    few = await figures(store, replace(GATUCHEF, units=("Park",)))
    assert few.recovered == Recovery(asked=1, answered=1, recovered=None, minimum=7)
    assert few.recovered.percent is None
    assert (await figures(store, LEDNING, W47.shifted(3))).recovered is not None, "still among the recent four weeks"
    assert (await figures(store, LEDNING, W47.shifted(4))).recovered is None
    assert (await figures(store, LEDNING, W47.shifted(-1))).recovered is None
    leverans = found.questions[2].week
    assert isinstance(leverans, Figures)
    assert (leverans.bra, leverans.n) == (0, 8), "the first answers are what is counted"


async def in_chat(tx: Transaction, invitation: Invitation, stored: StoredCase, chat: Chat | None) -> None:
    """The bot's part, which is tested elsewhere."""
