"""What is done about a case rated dåligt: two managers at once, asking again, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.case import Address, AddressKind, StoredCase
from models.conversation import Accepted, OptedOut, PermissionGiven, Rated, Skipped, Stage, TimedOut
from models.counts import IsoWeek
from models.follow_up import FollowUp, FollowUpState, Recovered
from models.queues import OutboxKind
from models.rating import Rating
from models.selection import Decision, NotAsked, SelectionPolicy
from models.survey import Channel, Chat, Disposition, Invitation
from omdome.lexicons import load_lexicon
from omdome.texts import load_texts
from storage.database import SqlStore, open_store
from tests.conftest import STOCKHOLM
from workflow.alerts import AlertSender
from workflow.converse import corrected, understood
from workflow.follow_ups import NOTE_LENGTH, Asking, Outcome, Wanted, ask_again, change
from workflow.ports import Store, Transaction
from workflow.selecting import InvitationPolicy, decide_cases

NEW, CONTACTED, SOLVED = FollowUpState
BRA, OK, DALIGT = Rating
A, B, C = "bemotande", "tillganglighet", "leverans"
DAY = timedelta(days=1)


@dataclass
class Reached:
    """The ways out: writes down who would have been reached how."""

    chats: list[tuple[Invitation, StoredCase, Chat]] = field(default_factory=list)
    planned: list[tuple[Invitation, StoredCase]] = field(default_factory=list)

    async def in_chat(self, tx: Transaction, invitation: Invitation, stored: StoredCase, chat: Chat | None) -> None:
        assert chat is not None
        self.chats.append((invitation, stored, chat))

    async def contact(self, tx: Transaction, invitation: Invitation, stored: StoredCase) -> bool:
        if stored.case.addresses:
            self.planned.append((invitation, stored))
        return bool(stored.case.addresses)

    @property
    def asking(self) -> Asking:
        rules = InvitationPolicy(zone=STOCKHOLM)
        return Asking(questions=(A, B, C), invitations=rules, in_chat=self.in_chat, contact=self.contact)


@pytest.fixture
def reached() -> Reached:
    return Reached()


async def dissatisfied(customer: Any, *poor: str) -> None:
    ratings = [Rated(question, DALIGT if question in (poor or (C,)) else BRA) for question in (A, B, C)]
    await customer.does(Accepted())
    for rated in ratings:
        await customer.does(rated)
        if rated.rating is DALIGT:
            await customer.does(Skipped(rated.question, Stage.REASON))
    await customer.does(Skipped(stage=Stage.COMMENT))


async def seen(customer: Any) -> FollowUp | None:
    async with customer.store.look() as tx:
        found: FollowUp | None = await tx.follow_up(customer.invitation.id)
        return found


async def wanted(customer: Any, state: FollowUpState = SOLVED, note: str = "") -> Wanted:
    found = await seen(customer)
    version = found.version if found else ""
    return Wanted(invitation_id=customer.invitation.id, version=version, state=state, note=note, who="anna")


async def solved(customer: Any, reached: Reached) -> Outcome:
    return await ask_again(customer.store, await wanted(customer), reached.asking, customer.now)


async def recheck_of(customer: Any) -> Any:
    """The same customer, answering the recheck."""
    found = await seen(customer)
    async with customer.store.look() as tx:
        return replace(customer, invitation=await tx.invitation(found.recheck_id))


# --- state and note ------------------------------------------------------------------------------------------------


async def test_a_manager_notes_what_was_done(customer: Any) -> None:
    await dissatisfied(customer)
    first = await wanted(customer, CONTACTED, "  Ringt, åter på onsdag.\n")
    assert await change(customer.store, first, customer.now) is Outcome.SAVED
    found = await seen(customer)
    assert (found.state, found.note, found.changed_by) == (CONTACTED, "Ringt, åter på onsdag.", "anna")
    assert found.changed_at == customer.now


async def test_of_two_managers_at_once_the_later_is_told(customer: Any) -> None:
    await dissatisfied(customer)
    annas = await wanted(customer, CONTACTED, "Ringt.")
    bos = replace(annas, state=SOLVED, note="Lagat.", who="bo")
    assert await change(customer.store, annas, customer.now) is Outcome.SAVED
    assert await change(customer.store, bos, customer.now) is Outcome.CHANGED_MEANWHILE
    assert (await seen(customer)).note == "Ringt."
    assert not Outcome.CHANGED_MEANWHILE.stored


async def test_who_has_not_seen_the_customers_new_verdict_is_told(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer)
    assert await solved(customer, reached) is Outcome.ASKED
    before = await wanted(customer, SOLVED, "Klart.")
    customer.now += DAY
    await (await recheck_of(customer)).does(Accepted(), Rated(C, DALIGT))
    assert await change(customer.store, before, customer.now) is Outcome.CHANGED_MEANWHILE


async def test_there_is_nothing_to_follow_up_of_a_pleased_customer(customer: Any, reached: Reached) -> None:
    await customer.does(Accepted(), Rated(A, BRA))
    assert await change(customer.store, await wanted(customer), customer.now) is Outcome.GONE
    assert await solved(customer, reached) is Outcome.GONE


async def test_a_note_has_an_end(customer: Any) -> None:
    await dissatisfied(customer)
    await change(customer.store, await wanted(customer, CONTACTED, "ö" * 9999), customer.now)
    assert (await seen(customer)).note == "ö" * NOTE_LENGTH


# --- asking again --------------------------------------------------------------------------------------------------


async def test_only_what_was_poor_is_asked_again_in_the_same_chat(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer, C, A)
    customer.now += DAY
    assert await solved(customer, reached) is Outcome.ASKED
    [(invitation, stored, chat)] = reached.chats
    assert reached.planned == []
    assert (invitation.questions, invitation.chat_id, chat.chat_id) == ((A, C), 17, 17)
    assert invitation.expires_at == customer.now + 14 * DAY
    assert stored.case == replace(customer.case, closed_at=customer.now, recheck_of=customer.invitation.id)
    again = await recheck_of(customer)
    spoken = await again.does(Accepted())
    assert spoken.session.questions == (A, C)
    spoken = await again.does(Rated(A, BRA), Rated(C, OK), Skipped(stage=Stage.COMMENT), PermissionGiven(True))
    assert (await again.stored()).disposition is Disposition.COMPLETED
    found = await seen(customer)
    assert (found.state, found.recheck) == (SOLVED, ((A, BRA), (C, OK)))


async def test_who_has_no_chat_is_reached_otherwise(store: SqlStore, invite_customer: Any, reached: Reached) -> None:
    customer = await invite_customer(store, chat_id=None)
    await customer.does(Accepted(), Rated(C, DALIGT), channel=Channel.WEB)
    assert await solved(customer, reached) is Outcome.ASKED
    [(invitation, stored)] = reached.planned
    assert (invitation.chat_id, invitation.questions) == (None, (C,))
    assert stored.case.mail == "sk-1@example.org"


async def test_a_linked_chat_is_used_though_they_answered_elsewhere(
    store: SqlStore, invite_customer: Any, reached: Reached
) -> None:
    customer = await invite_customer(store, chat_id=None)
    await customer.does(Accepted(), Rated(C, DALIGT), channel=Channel.WEB)
    async with store.step() as tx:
        await tx.save_chat(Chat(chat_id=23, language="en", permission=True))
        await tx.link_chat(23, customer.case.addresses, customer.now)
    assert await solved(customer, reached) is Outcome.ASKED
    [(invitation, _, chat)] = reached.chats
    assert (chat.chat_id, invitation.chat_id, invitation.language) == (23, 23, "en")


@pytest.mark.parametrize("changed", [{"dead": True}, {"permission": False}])
async def test_a_chat_that_is_dead_or_unwanted_is_left_alone(
    customer: Any, reached: Reached, changed: dict[str, bool]
) -> None:
    await dissatisfied(customer)
    async with customer.store.step() as tx:
        await tx.save_chat(replace(await tx.chat(17), **changed))
    assert await solved(customer, reached) is Outcome.ASKED
    assert len(reached.planned) == 1
    assert reached.chats == []


async def test_they_are_asked_again_once(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer)
    assert [await solved(customer, reached), await solved(customer, reached)] == [Outcome.ASKED, Outcome.ALREADY_ASKED]
    assert len(reached.chats) == 1


async def test_a_double_click_asks_once(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer)
    same = await wanted(customer)
    clicks = [await ask_again(customer.store, same, reached.asking, customer.now) for _ in "12"]
    assert clicks == [Outcome.ASKED, Outcome.CHANGED_MEANWHILE]
    assert len(reached.chats) == 1


@pytest.mark.parametrize("where", ["here", "by mail", "in the chat"])
async def test_who_has_refused_is_never_asked_again(customer: Any, reached: Reached, where: str) -> None:
    await dissatisfied(customer)
    if where == "here":
        await customer.does(OptedOut())
    else:
        kind, value = (AddressKind.MAIL, "sk-1@example.org") if where == "by mail" else (AddressKind.CHAT, "17")
        async with customer.store.step() as tx:
            await tx.opt_out([Address(kind, value)], customer.now, Channel.WEB)
    assert await solved(customer, reached) is Outcome.REFUSED
    assert (reached.chats, reached.planned) == ([], [])
    assert (await seen(customer)).state is SOLVED, "what was done is noted all the same"


async def test_nobody_is_asked_where_there_is_no_way(store: SqlStore, invite_customer: Any, reached: Reached) -> None:
    customer = await invite_customer(store, chat_id=None, mail="")
    await customer.does(Accepted(), Rated(C, DALIGT), channel=Channel.WEB)
    assert await solved(customer, reached) is Outcome.NO_WAY
    assert (await seen(customer)).recheck_id is None
    assert await ask_again(store, await wanted(customer), replace(reached.asking, contact=None), customer.now) is (
        Outcome.NO_WAY
    )


async def test_a_question_that_is_asked_no_more_is_not_asked_again(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer, C)
    asking = replace(reached.asking, questions=(A, B))
    assert await ask_again(customer.store, await wanted(customer), asking, customer.now) is Outcome.NOTHING_TO_ASK


async def test_it_is_not_held_back_by_the_days_between_surveys(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer)
    customer.now += timedelta(minutes=5)
    assert await solved(customer, reached) is Outcome.ASKED, "asked five minutes ago, and complained"


# --- the case system closes the case again -------------------------------------------------------------------------


async def closed_again(customer: Any, at: datetime) -> NotAsked | None:
    """The case system tells of a later closing; why it isn't asked about, if it isn't."""
    async with customer.store.step() as tx:
        await tx.decide([Decision(customer.invitation.case_number, None)], customer.now)
        await tx.put_cases([replace(customer.case, closed_at=at)], customer.now)
    policy = SelectionPolicy(min_days_between=0)
    report = await decide_cases(customer.store, policy, InvitationPolicy(zone=STOCKHOLM), customer.now)
    assert report.decided == 1
    return next((reason for reason, number in report.not_asked.items() if number), None)


async def test_a_case_closed_again_while_it_is_rechecked_gets_no_second_survey(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer)
    customer.now += DAY
    await solved(customer, reached)
    assert await closed_again(customer, customer.now - timedelta(hours=1)) is NotAsked.ASKED_RECENTLY
    again = await recheck_of(customer)
    await again.does(Accepted(), Rated(C, BRA), Skipped(stage=Stage.COMMENT), PermissionGiven(True))
    assert await closed_again(customer, customer.now + DAY) is None, "that recheck is over"


async def test_a_case_that_was_closed_again_and_asked_about_is_not_rechecked(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer)
    customer.now += DAY
    assert await closed_again(customer, customer.now) is None
    assert await solved(customer, reached) is Outcome.ASKED_ANEW
    assert reached.chats == []


# --- what comes of it ----------------------------------------------------------------------------------------------


@dataclass
class At:
    customer: Any

    def now(self) -> datetime:
        now: datetime = self.customer.now
        return now


async def alerts(customer: Any) -> list[dict[str, object]]:
    async with customer.store.step() as tx:
        due = await tx.claim([OutboxKind.HANDLER_ALERT], customer.now + DAY, DAY, 9)
    sender = AlertSender(customer.store, At(customer), load_texts("sv"), STOCKHOLM, (load_lexicon("sv"),))
    for row in due:
        await sender.send(row)
    async with customer.store.step() as tx:
        for row in due:
            await tx.finish(row.id, customer.now)
        mails = await tx.claim([OutboxKind.MAIL], customer.now, DAY, 9)
        for row in mails:
            await tx.finish(row.id, customer.now)
    return [dict(row.payload) for row in mails]


async def test_still_daligt_is_new_again_and_the_handler_is_told(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer)
    assert [mail["subject"] for mail in await alerts(customer)] == ["En kund är missnöjd: ärende SK-1"]
    customer.now += DAY
    await solved(customer, reached)
    customer.now += DAY
    again = await recheck_of(customer)
    await again.does(Accepted(), Rated(C, DALIGT), Skipped(C, Stage.REASON))
    await again.does(understood("Hålet är kvar.", load_lexicon("sv")))
    found = await seen(customer)
    assert (found.state, found.recheck, found.recheck_comments) == (NEW, ((C, DALIGT),), ("Hålet är kvar.",))
    [mail] = await alerts(customer)
    assert mail["to"] == "h1@example.org"
    assert mail["subject"] == "En kund är fortfarande missnöjd: ärende SK-1"
    assert "Tillfrågat igen: 18 november 2026\n\nLeverans: Dåligt\nKommentar: ”Hålet är kvar.”" in str(mail["text"])


async def test_better_now_is_told_to_nobody_and_kept(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer)
    await alerts(customer)
    await solved(customer, reached)
    again = await recheck_of(customer)
    await again.does(Accepted(), Rated(C, BRA), understood("Toppen, tack!", load_lexicon("sv")))
    assert await alerts(customer) == []
    found = await seen(customer)
    assert (found.state, found.recheck_comments) == (SOLVED, ("Toppen, tack!",))
    async with customer.store.look() as tx:
        assert await tx.recovered(customer.now, customer.now + DAY, ()) == Recovered(1, 1, 1)


async def test_a_refusal_in_a_recheck_counts_everywhere(customer: Any, reached: Reached) -> None:
    await dissatisfied(customer)
    await solved(customer, reached)
    again = await recheck_of(customer)
    await again.does(Accepted(), OptedOut())
    assert (await again.stored()).disposition is Disposition.REFUSED
    async with customer.store.look() as tx:
        assert await tx.opted_out(customer.case.addresses) == set(customer.case.addresses)


_EVENTS = st.one_of(
    st.builds(Rated, st.sampled_from([A, B, C]), st.sampled_from(Rating)),
    st.builds(Skipped, st.sampled_from([A, C, ""])),
    st.builds(Skipped, st.sampled_from([A, C, ""]), st.sampled_from([Stage.REASON, Stage.COMMENT])),
    st.just(PermissionGiven(True)),
    st.sampled_from(["bra", "dåligt", "inte så bra", "vad?", "Hålet är kvar."]).map(
        lambda words: understood(words, load_lexicon("sv"))
    ),
    st.sampled_from(["bra", "ok", "dåligt"]).map(lambda words: corrected(C, words, load_lexicon("sv"))),
    st.just(TimedOut()),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=st.lists(_EVENTS, max_size=6), erased=st.booleans())
async def test_a_recheck_never_changes_a_figure(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Any, invite_customer: Any, events: list[Any], erased: bool
) -> None:
    file = tmp_path_factory.mktemp("recheck") / "omdome.sqlite"
    file.write_bytes(empty_database.read_bytes())
    store = await open_store(f"sqlite:///{file}", STOCKHOLM)
    try:
        customer = await invite_customer(store)
        await dissatisfied(customer, A, C)
        before = await figures(store, customer.now)
        assert await solved(customer, Reached()) is Outcome.ASKED
        again = await recheck_of(customer)
        await again.does(Accepted(), *events)
        if erased:
            async with store.step() as tx:
                await tx.erase(customer.case.addresses[0], customer.now)
                await tx.purge("cases", customer.now + DAY, customer.now)
        else:
            assert await figures(store, customer.now) == before
        async with store.step() as tx:
            assert await tx.verify_rollup() == 0
        assert (await figures(store, customer.now))[0] == before[0]
    finally:
        await store.close()


async def figures(store: Store, now: datetime) -> tuple[Sequence[object], ...]:
    week = IsoWeek.of(now.date())
    async with store.look() as tx:
        return (
            await tx.answer_counts(week.shifted(-1), week.shifted(1)),
            await tx.account(now - DAY, now + DAY),
            [each.case_id for each in await tx.surveyed_between(now - DAY, now + DAY)],
        )
