"""The durable inbox: raw updates, stored before they are acknowledged, and worked off chat by chat in order."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import UpdateBase, bindparam, exists, func, or_, select, update

from models.queues import InboxRow, Payload
from storage.columns import Instant
from storage.part import WAITING, Part, chunked
from storage.tables import inbox

# of a callback query, the chat is that of the message whose button was tapped
_HOLDERS = (
    "message",
    "edited_message",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "message_reaction",
    "business_message",
    "channel_post",
    "edited_channel_post",
)


def _claim() -> UpdateBase:
    now = bindparam("now", type_=Instant)
    earlier = inbox.alias("earlier")
    held_up = exists().where(
        earlier.c.chat_id == inbox.c.chat_id,
        earlier.c.update_id < inbox.c.update_id,
        earlier.c.state == WAITING,
    )
    next_ones = (
        select(inbox.c.update_id)
        .where(
            inbox.c.state == WAITING,
            inbox.c.due_at <= now,
            or_(inbox.c.leased_until.is_(None), inbox.c.leased_until <= now),
            or_(inbox.c.chat_id.is_(None), ~held_up),
        )
        .order_by(inbox.c.update_id)
        .limit(bindparam("number"))
    )
    return (
        update(inbox)
        .where(inbox.c.update_id.in_(next_ones))
        .values(leased_until=bindparam("until", type_=Instant), attempts=inbox.c.attempts + 1)
        .returning(inbox.c.update_id, inbox.c.payload, inbox.c.received_at, inbox.c.attempts)
    )


# built once: building a statement takes longer than executing it
_CLAIM = _claim()
_FINISH = (
    update(inbox)
    .where(inbox.c.update_id == bindparam("id"))
    .values(state="done", settled_at=bindparam("now", type_=Instant), leased_until=None, payload={}, error=None)
)


class Inbox(Part):
    async def put_updates(self, updates: Sequence[InboxRow]) -> int:
        new = 0
        for chunk in chunked(updates):
            ids = {each.update_id for each in chunk}
            known = set(await self._db.scalars(select(inbox.c.update_id).where(inbox.c.update_id.in_(ids))))
            rows = {
                each.update_id: {
                    "update_id": each.update_id,
                    "chat_id": chat_of(each.payload),
                    "payload": each.payload,
                    "received_at": each.received_at,
                    "due_at": each.received_at,
                }
                for each in chunk
                if each.update_id not in known
            }
            if rows:
                await self._db.execute(inbox.insert(), list(rows.values()))
            new += len(rows)
        return new

    async def claim_updates(self, now: datetime, lease: timedelta, limit: int) -> list[InboxRow]:
        """`attempts` counts this one too. At most the first of each chat: if it fails, none may overtake it."""
        values = {"now": now, "until": now + lease, "number": limit}
        rows = [InboxRow(*row) for row in await self._db.execute(_CLAIM, values)]
        return sorted(rows, key=lambda row: row.update_id)

    async def finish_update(self, update_id: int, now: datetime) -> None:
        """Done. Its number is kept against repeats; its contents are where they belong by now."""
        await self._db.execute(_FINISH, {"id": update_id, "now": now})

    async def retry_update(self, update_id: int, error: str, at: datetime | None) -> None:
        this = update(inbox).where(inbox.c.update_id == update_id)
        if at is not None:
            await self._db.execute(this.values(due_at=at, leased_until=None, error=error))
        else:
            settled = func.coalesce(inbox.c.leased_until, inbox.c.due_at)
            await self._db.execute(this.values(state="failed", settled_at=settled, leased_until=None, error=error))


def chat_of(update_: Payload) -> int | None:
    """The chat that a Telegram update came from; None when it has none that we know of."""
    query = update_.get("callback_query")
    holder = query.get("message") if isinstance(query, Mapping) else None
    for name in _HOLDERS:
        holder = holder or update_.get(name)
    chat = holder.get("chat") if isinstance(holder, Mapping) else None
    found = chat.get("id") if isinstance(chat, Mapping) else None
    return found if isinstance(found, int) else None
