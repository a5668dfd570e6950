"""Closed cases, decisions, draws and refusals, on every backend."""

from datetime import datetime, timedelta, timezone

import pytest

from models.case import CaseChange
from models.selection import Decision, Draw, NotAsked, SelectionMethod
from models.survey import Channel
from storage.database import SqlStore
from tests.contracts.examples import DAY, NOW, a_case, an_invitation, chat, invited, mail, phone


async def test_a_case_comes_back_as_it_was(any_store: SqlStore):
    told = a_case(phone="+46701740605", auto_closed=True, language="en", contractor="Entreprenad AB")
    async with any_store.step() as transaction:
        await transaction.put_cases([told], NOW)
    async with any_store.look() as transaction:
        [stored] = await transaction.undecided(10)
        assert stored.case == told
        assert await transaction.case(stored.id) == stored
        assert await transaction.case(stored.id + 1) is None


async def test_what_storing_a_closure_does(any_store: SqlStore):
    first, later, earlier = (a_case(closed_at=NOW + days * DAY) for days in (0, 5, -5))
    changed = a_case(closed_at=NOW, unit="Parker")
    async with any_store.step() as transaction:
        assert await transaction.put_cases([first], NOW) == [CaseChange.NEW]
        assert await transaction.put_cases([first], NOW) == [CaseChange.UNCHANGED]
        assert await transaction.put_cases([changed], NOW) == [CaseChange.UPDATED]
        assert await transaction.put_cases([later], NOW) == [CaseChange.CLOSED_AGAIN]
        assert await transaction.put_cases([earlier], NOW) == [CaseChange.STALE]
        assert await transaction.put_cases([changed], NOW) == [CaseChange.UNCHANGED], "the older one is still known"
        assert [each.case for each in await transaction.undecided(10)] == [changed, later]


async def test_one_batch_may_hold_the_same_case_again(any_store: SqlStore):
    batch = [a_case(), a_case(), a_case(unit="Parker"), a_case(closed_at=NOW), a_case("SK-2")]
    async with any_store.step() as transaction:
        assert await transaction.put_cases(batch, NOW) == [
            CaseChange.NEW,
            CaseChange.UNCHANGED,
            CaseChange.UPDATED,
            CaseChange.CLOSED_AGAIN,
            CaseChange.NEW,
        ]
        assert [each.case.unit for each in await transaction.undecided(10)] == ["Parker", "Gator", "Gator"]


async def test_the_same_moment_in_another_zone_is_the_same_closure(any_store: SqlStore):
    here = a_case(closed_at=NOW)
    there = a_case(closed_at=NOW.astimezone(timezone(timedelta(hours=2))))
    async with any_store.step() as transaction:
        assert await transaction.put_cases([here, there], NOW) == [CaseChange.NEW, CaseChange.UNCHANGED]


async def test_naive_times_are_refused(any_store: SqlStore):
    with pytest.raises(Exception, match="naive datetime"):
        async with any_store.step() as transaction:
            await transaction.put_cases([a_case(closed_at=datetime(2026, 11, 17, 12))], NOW)  # noqa: DTZ001


async def test_decisions(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.put_cases([a_case(f"SK-{n}") for n in range(4)], NOW)
        one, two, three, four = (each.id for each in await transaction.undecided(10))
        draw = Draw(
            method=SelectionMethod.SHARE,
            seed="frö",
            frame_hash="00",
            frame_size=2,
            drawn=1,
            period="2026-11",
            unit="",
            drawn_at=NOW,
            share=0.5,
        )
        number = await transaction.put_draw(draw)
        decisions = [Decision(one, None, number), Decision(two, NotAsked.NOT_DRAWN, number)]
        await transaction.decide([*decisions, Decision(three, NotAsked.OPTED_OUT)], NOW)
        assert await transaction.still_undecided({one, three, four}) == {four}
        assert [each.id for each in await transaction.undecided(10)] == [four]
        assert await transaction.undecided(10, after=four) == []
        assert [(each.number, each.draw) for each in await transaction.draws()] == [(number, draw)]
        assert [decision for _, decision in await transaction.draw_frame(number)] == decisions


async def test_asked_since_knows_addresses_of_asked_cases_only(any_store: SqlStore):
    asked, not_asked = a_case("SK-1", phone="+46701740605"), a_case("SK-2")
    async with any_store.step() as transaction:
        await transaction.put_cases([asked, not_asked], NOW)
        number = (await transaction.undecided(1))[0].id
        await transaction.put_invitations([an_invitation(number, chat_id=17)])
        theirs = {*asked.addresses, chat(17)}
        everyone = theirs | set(not_asked.addresses) | {mail("17"), phone("17"), chat(4)}
        assert await transaction.asked_since(everyone, NOW) == theirs
        assert await transaction.asked_since(everyone, NOW + DAY) == set()
        assert await transaction.asked_since([], NOW) == set()


async def test_a_refusal_holds_for_its_address_only(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.opt_out([mail("a@example.org"), chat(17)], NOW, Channel.CHAT)
        await transaction.opt_out([chat(17)], NOW + DAY, Channel.PHONE)
        asked_for = [mail("a@example.org"), phone("a@example.org"), chat(17), chat(1)]
        assert await transaction.opted_out(asked_for) == {mail("a@example.org"), chat(17)}


async def test_many_cases_at_once(any_store: SqlStore):
    cases = [a_case(f"SK-{n}") for n in range(3500)]
    async with any_store.step() as transaction:
        await invited(transaction, cases)
        assert set(await transaction.put_cases(cases, NOW)) == {CaseChange.UNCHANGED}
        addresses = [address for case in cases for address in case.addresses]
        assert len(await transaction.asked_since(addresses, NOW)) == 3500
        assert await transaction.opted_out(addresses) == set()
        assert await transaction.linked_chats(addresses) == {}
