"""One-time links and sessions of the managers' page, on every backend."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from models.digest import Recipient
from storage.database import SqlStore
from tests.contracts.examples import DAY, NOW
from workflow.sign_in import SignInPolicy, open_session, put_link, revoke, sign_out, signed_in, whose_link

POLICY = SignInPolicy(link_days=8, session_hours=12)
ANNA = Recipient(name="gator", mail="anna@example.se", units=("Gator",))
WHO = {"gator": ANNA}


async def test_a_link_opens_one_session_and_the_session_lasts_for_its_hours(any_store: SqlStore):
    async with any_store.step() as tx:
        link = await put_link(tx, ANNA, POLICY, NOW)
        assert await whose_link(tx, link, WHO, NOW) == ANNA, "looking doesn't use it up"
        opened = await open_session(tx, link, WHO, POLICY, NOW)
        assert opened is not None
        assert opened.recipient == ANNA
        assert opened.token != link
        assert await open_session(tx, link, WHO, POLICY, NOW) is None
        assert await whose_link(tx, link, WHO, NOW) is None
        assert await signed_in(tx, opened.token, WHO, NOW + timedelta(hours=11)) == ANNA
        assert await signed_in(tx, opened.token, WHO, NOW + timedelta(hours=12)) is None


async def test_a_link_expires_and_is_no_session_nor_a_session_a_link(any_store: SqlStore):
    async with any_store.step() as tx:
        link = await put_link(tx, ANNA, POLICY, NOW)
        assert await signed_in(tx, link, WHO, NOW) is None
        assert await open_session(tx, link, WHO, POLICY, NOW + 8 * DAY) is None
        opened = await open_session(tx, link, WHO, POLICY, NOW + 7 * DAY)
        assert opened is not None
        assert await open_session(tx, opened.token, WHO, POLICY, NOW + 7 * DAY) is None


async def test_who_has_left_the_configuration_is_signed_out(any_store: SqlStore):
    async with any_store.step() as tx:
        opened = await open_session(tx, await put_link(tx, ANNA, POLICY, NOW), WHO, POLICY, NOW)
        assert opened is not None
        assert await signed_in(tx, opened.token, {}, NOW) is None
        unused = await put_link(tx, ANNA, POLICY, NOW)
        assert await open_session(tx, unused, {}, POLICY, NOW) is None


async def test_a_successor_with_the_same_subscription_is_somebody_else(any_store: SqlStore):
    bo = {"gator": replace(ANNA, mail="bo@example.se")}
    async with any_store.step() as tx:
        opened = await open_session(tx, await put_link(tx, ANNA, POLICY, NOW), WHO, POLICY, NOW)
        assert opened is not None
        assert await signed_in(tx, opened.token, bo, NOW) is None
        assert await whose_link(tx, await put_link(tx, ANNA, POLICY, NOW), bo, NOW) is None


async def test_all_of_a_recipients_links_and_sessions_can_be_ended(any_store: SqlStore):
    other = replace(ANNA, name="park")
    async with any_store.step() as tx:
        opened = await open_session(tx, await put_link(tx, ANNA, POLICY, NOW), WHO, POLICY, NOW)
        assert opened is not None
        kept = await put_link(tx, other, POLICY, NOW)
        await put_link(tx, ANNA, POLICY, NOW)
        assert await revoke(tx, ANNA) == 2
        assert await signed_in(tx, opened.token, WHO, NOW) is None
        assert await whose_link(tx, kept, {"park": other}, NOW) == other


async def test_a_link_that_was_asked_for_lasts_an_hour(any_store: SqlStore):
    async with any_store.step() as tx:
        link = await put_link(tx, ANNA, POLICY, NOW, asked=True)
        assert await whose_link(tx, link, WHO, NOW + timedelta(minutes=59)) == ANNA
        assert await whose_link(tx, link, WHO, NOW + timedelta(hours=1)) is None


async def test_signing_out_ends_that_session_only(any_store: SqlStore):
    async with any_store.step() as tx:
        one, other = [await open_session(tx, await put_link(tx, ANNA, POLICY, NOW), WHO, POLICY, NOW) for _ in range(2)]
        assert one is not None
        assert other is not None
        await sign_out(tx, one.token, NOW)
        assert await signed_in(tx, one.token, WHO, NOW) is None
        assert await signed_in(tx, other.token, WHO, NOW) == ANNA


async def test_of_two_who_use_a_link_at_once_one_gets_in(any_store: SqlStore):
    async with any_store.step() as tx:
        link = await put_link(tx, ANNA, POLICY, NOW)

    async def use() -> bool:
        async with any_store.step() as tx:
            return await open_session(tx, link, WHO, POLICY, NOW) is not None

    assert sorted(await asyncio.gather(use(), use(), use())) == [False, False, True]


async def test_nothing_is_stored_in_the_clear_and_what_expired_goes(any_store: SqlStore):
    async with any_store.step() as tx:
        link = await put_link(tx, ANNA, POLICY, NOW)
        assert await tx.sign_in(link, "link", NOW) is None
        assert await tx.drop_expired_sign_ins(NOW + 7 * DAY) == 0
        assert await tx.drop_expired_sign_ins(NOW + 8 * DAY) == 1


async def test_any_text_may_come_as_a_token(any_store: SqlStore):
    async with any_store.step() as tx:
        for odd in ("", "å", "\ud800", "x" * 9000, "' OR 1=1 --"):
            assert await signed_in(tx, odd, WHO, NOW) is None
            assert await open_session(tx, odd, WHO, POLICY, NOW) is None
