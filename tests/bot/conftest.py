from collections.abc import AsyncIterator

import pytest

from storage.database import SqlStore
from tests.bot.telegram_world import World, a_world


@pytest.fixture
async def world(store: SqlStore) -> AsyncIterator[World]:
    async with a_world(store) as made:
        yield made
