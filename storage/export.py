"""Export: all that is stored of one respondent, as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, select

from models.case import Address, AddressKind
from models.queues import Payload
from storage.optouts import OptOuts
from storage.respondents import closures_of, messages_to, updates_from
from storage.tables import (
    answers,
    chat_links,
    chats,
    closures,
    comments,
    contact_attempts,
    dead_addresses,
    follow_ups,
    handler_chats,
    inbox,
    invitations,
    outbox,
    reasons,
    sessions,
)

# ours, not theirs: how rows hang together, and what tells us that nothing has changed
_INTERNAL = {"id", "closure_id", "invitation_id", "digest", "position", "draw_id", "recheck_id", "recheck_of", "hash"}


class Export(OptOuts):
    async def export(self, address: Address) -> Payload:
        """`address`, `opted_out`, `dead` (why we take it that nobody is there), `cases` (each with its surveys, what
        was said, and how we turned to them), `chats`, `links`, `messages`."""
        linked = [chat_links.c.kind == address.kind.value, chat_links.c.value == address.value]
        found: dict[str, object] = {
            "address": {"kind": address.kind.value, "value": address.value},
            "opted_out": bool(await self.opted_out([address])),
            "dead": await self._all(dead_addresses, dead_addresses.c.hash == self._address_hash(address)),
            "cases": [
                await self._export_case(number) for number in sorted(await self._db.scalars(closures_of(address)))
            ],
            "messages": await self._all(outbox, messages_to(address)),
            "updates": await self._all(inbox, updates_from(address)),
        }
        if address.kind is AddressKind.CHAT:
            chat_id = int(address.value)
            found["chats"] = await self._all(chats, chats.c.chat_id == chat_id)
            found["handler"] = await self._all(handler_chats, handler_chats.c.chat_id == chat_id)
            linked = [chat_links.c.chat_id == chat_id]
        return {**found, "links": await self._all(chat_links, *linked)}

    async def _export_case(self, number: int) -> dict[str, object]:
        [case] = await self._all(closures, closures.c.id == number)
        ids = list(await self._db.scalars(select(invitations.c.id).where(invitations.c.closure_id == number)))
        said = {
            table.name: await self._all(table, table.c.invitation_id.in_(ids))
            for table in (sessions, answers, reasons, comments, follow_ups, contact_attempts)
        }
        return {**case, "invitations": await self._all(invitations, invitations.c.id.in_(ids)), **said}

    async def _all(self, table: Table, *conditions: ColumnElement[bool]) -> Sequence[dict[str, object]]:
        query = select(table).where(*conditions).order_by(*table.primary_key)
        return [
            {name: _plain(value) for name, value in row._mapping.items() if name not in _INTERNAL}
            for row in await self._db.execute(query)
        ]


def _plain(value: Any) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
