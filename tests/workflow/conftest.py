"""An invited customer in a real store, who can be let say things."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.case import ClosedCase
from models.conversation import Event, Script
from models.survey import Channel, Chat, Invitation
from omdome.demo.clock import SimulatedClock
from storage.database import SqlStore, open_store
from workflow.converse import Origin, Spoken, SurveyPolicy, converse
from workflow.ports import Store

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)
POLICY = SurveyPolicy(
    questions=("bemotande", "tillganglighet", "leverans"),
    script=Script(reasons=("inte_atgardat", "annat")),
    zone=STOCKHOLM,
)


@dataclass
class Customer:
    """One customer in one chat. `now` is theirs to move."""

    store: Store
    invitation: Invitation
    case: ClosedCase
    policy: SurveyPolicy = POLICY
    now: datetime = TUESDAY

    async def does(self, *events: Event, source: str = "", channel: Channel = Channel.CHAT) -> Spoken:
        """Each event in a transaction of its own; what came of the last."""
        for event in events:
            async with self.store.step() as tx:
                fresh = await tx.invitation(self.invitation.id)
                assert fresh is not None
                spoken = await converse(tx, fresh, event, Origin(channel, source), self.policy, self.now)
        return spoken

    async def stored(self) -> Invitation:
        async with self.store.look() as tx:
            found = await tx.invitation(self.invitation.id)
        assert found is not None
        return found


async def invite(store: Store, case_id: str = "SK-1", chat_id: int | None = 17, **changed: Any) -> Customer:
    fields: dict[str, Any] = {
        "case_id": case_id,
        "closed_at": TUESDAY - timedelta(days=1),
        "unit": "Gata",
        "subject": "Potthål",
        "handler": "H 1",
        "handler_mail": "h1@example.org",
        "mail": f"{case_id.lower()}@example.org",
    }
    case = ClosedCase(**{**fields, **changed})
    async with store.step() as tx:
        await tx.put_cases([case], TUESDAY)
        (number,) = [each.id for each in await tx.undecided(100) if each.case.case_id == case_id]
        invitation = Invitation(
            id=0,
            case_number=number,
            token=f"{number:022}",
            language="sv",
            created_at=TUESDAY,
            expires_at=TUESDAY + timedelta(days=14),
            chat_id=chat_id,
        )
        (invitation,) = await tx.put_invitations([invitation])
        if chat_id is not None and await tx.chat(chat_id) is None:
            await tx.save_chat(Chat(chat_id=chat_id, language="sv", current=invitation.id))
    return Customer(store, invitation, case)


@pytest.fixture
async def customer(store: SqlStore) -> Customer:
    return await invite(store)


@pytest.fixture
def invite_customer() -> Any:
    """`await invite_customer(store, "SK-2", chat_id=17)` makes another one."""
    return invite


@pytest.fixture
def town(store: SqlStore) -> Any:
    """A `contact_town.Town`, on a Tuesday at 13:00 in Stockholm."""
    from tests.workflow.contact_town import Town  # which knows this file's policies

    return Town(store, SimulatedClock(TUESDAY))


@pytest.fixture
async def office(store: SqlStore) -> Any:
    """An `office.Office`, on a Tuesday at 13:00 in Stockholm, with one customer who is to be called."""
    from tests.workflow.office import office_over  # which holds calls, and so knows more rooms

    return await office_over(store)


@pytest.fixture
async def any_office(any_store: SqlStore) -> Any:
    """The same, once per backend."""
    from tests.workflow.office import office_over

    return await office_over(any_store)


@pytest.fixture
async def other(store_url: str) -> AsyncIterator[SqlStore]:
    """The database as another process opens it."""
    opened = await open_store(store_url, STOCKHOLM)
    yield opened
    await opened.close()


@pytest.fixture
async def any_other(any_url: str) -> AsyncIterator[SqlStore]:
    """The same, once per backend."""
    opened = await open_store(any_url, STOCKHOLM)
    yield opened
    await opened.close()
