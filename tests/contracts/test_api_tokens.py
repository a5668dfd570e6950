"""Tokens of the API, on every backend."""

from datetime import timedelta

from storage.database import SqlStore
from tests.contracts.examples import MINUTE, NOW
from workflow.store_parts import ApiToken


async def test_a_token_works_until_it_is_revoked_and_its_name_stays_taken(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        assert await tx.put_api_token("ärendesystemet", "a" * 64, ["cases:write", "cases:read"], NOW)
        assert not await tx.put_api_token("ärendesystemet", "b" * 64, ["metrics"], NOW)
        made = ApiToken(name="ärendesystemet", scopes=("cases:write", "cases:read"), created_at=NOW)
        assert await tx.api_token("a" * 64) == made
        assert await tx.api_token("b" * 64) is None
        assert await tx.revoke_api_token("ärendesystemet", NOW + MINUTE)
        assert not await tx.revoke_api_token("ärendesystemet", NOW + MINUTE)
        assert not await tx.revoke_api_token("någon annan", NOW)
        assert await tx.api_token("a" * 64) is None
        assert not await tx.put_api_token("ärendesystemet", "c" * 64, ["metrics"], NOW)
        [kept] = await tx.api_tokens()
    assert kept.revoked_at == NOW + MINUTE


async def test_use_is_noted_once_an_hour(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        await tx.put_api_token("a", "a" * 64, ["metrics"], NOW)
        await tx.put_api_token("b", "b" * 64, ["metrics"], NOW)
        for minutes, noted in ((0, 0), (59, 0), (60, 60), (61, 60)):
            await tx.note_use("a" * 64, NOW + timedelta(minutes=minutes))
            found = await tx.api_token("a" * 64)
            assert found is not None
            assert found.last_used_at == NOW + timedelta(minutes=noted)
        assert [each.last_used_at is None for each in await tx.api_tokens()] == [False, True]
