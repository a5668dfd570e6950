"""Telegram chats: what is known of them, whose addresses may be asked there, and the handlers' own."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from models.case import Address, AddressKind
from models.survey import Chat
from storage.part import Part, chunked
from storage.tables import chat_links, chats, handler_chats

_CHAT = select(chats).where(chats.c.chat_id == bindparam("number"))


class Chats(Part):
    async def chat(self, chat_id: int) -> Chat | None:
        row = (await self._db.execute(_CHAT, {"number": chat_id})).one_or_none()
        return _chat_from(row) if row else None

    async def save_chat(self, chat: Chat) -> None:
        values = {
            "chat_id": chat.chat_id,
            "language": chat.language,
            "current": chat.current,
            "dead": chat.dead,
            "permission": chat.permission,
            "question_message": chat.question_message,
        }
        await self._upsert(chats, values)

    async def link_chat(self, chat_id: int, addresses: Collection[Address], now: datetime) -> None:
        rows = [
            {"kind": each.kind.value, "value": each.value, "chat_id": chat_id, "linked_at": now}
            for each in set(addresses)
        ]
        if rows:
            await self._db.execute(self._insert(chat_links).on_conflict_do_nothing(), rows)

    async def unlink_chat(self, chat_id: int) -> None:
        await self._db.execute(delete(chat_links).where(chat_links.c.chat_id == chat_id))

    async def linked_chat(self, addresses: Collection[Address]) -> Chat | None:
        """A living chat whose owner said yes for one of these addresses: the one that said it last."""
        found = [row for _, row in await self._links(addresses)]
        return _chat_from(found[-1]) if found else None

    async def linked_chats(self, addresses: Collection[Address]) -> Mapping[Address, Chat]:
        return {address: _chat_from(row) for address, row in await self._links(addresses)}

    async def _links(self, addresses: Collection[Address]) -> list[tuple[Address, Row[Any]]]:
        """The living chats linked to these addresses, the newest link last."""
        wanted = set(addresses)
        found: list[tuple[Address, Row[Any]]] = []
        for values in chunked({address.value for address in wanted}):
            query = (
                select(chats, chat_links.c.kind, chat_links.c.value, chat_links.c.linked_at)
                .join_from(chats, chat_links, chat_links.c.chat_id == chats.c.chat_id)
                .where(
                    chat_links.c.kind.in_(list(AddressKind)), chat_links.c.value.in_(values), chats.c.dead.is_(False)
                )
            )
            for row in await self._db.execute(query):
                address = Address(AddressKind(row.kind), row.value)
                if address in wanted:
                    found.append((address, row))
        return sorted(found, key=lambda link: (link[1].linked_at, link[1].chat_id))

    async def chat_addresses(self, chat_id: int) -> set[Address]:
        """The addresses that are linked to the chat."""
        rows = await self._db.execute(select(chat_links).where(chat_links.c.chat_id == chat_id))
        return {Address(AddressKind(row.kind), row.value) for row in rows}

    async def register_handler(self, mail: str, chat_id: int, now: datetime) -> None:
        await self._upsert(handler_chats, {"mail": mail.lower(), "chat_id": chat_id, "registered_at": now})

    async def unregister_handler(self, chat_id: int) -> int:
        gone = delete(handler_chats).where(handler_chats.c.chat_id == chat_id).returning(handler_chats.c.mail)
        return len((await self._db.execute(gone)).all())

    async def handler_chat(self, mail: str) -> int | None:
        found: int | None = await self._db.scalar(
            select(handler_chats.c.chat_id).where(handler_chats.c.mail == mail.lower())
        )
        return found


def _chat_from(row: Row[Any]) -> Chat:
    return Chat(
        chat_id=row.chat_id,
        language=row.language,
        current=row.current,
        dead=row.dead,
        permission=row.permission,
        question_message=row.question_message,
    )
