"""Retention: one kind of data older than a moment is deleted, and that it was is logged."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Delete, Update, and_, delete, exists, func, or_, select, update

from storage.part import chunked
from storage.respondents import Respondents
from storage.rollup import Rollup
from storage.tables import (
    answers,
    chat_links,
    chats,
    closures,
    comments,
    dead_addresses,
    deletions,
    facts,
    follow_ups,
    inbox,
    invitations,
    outbox,
    reasons,
    sessions,
)
from survey.conversation import dump, load

IDEMPOTENCY = "idempotency"  #: facts with this in their names are purged with the queues


class Retention(Rollup, Respondents):
    async def purge(self, kind: str, before: datetime, now: datetime) -> int:
        """Delete what is older than `before`, and log it. Kinds:

        "replies": the words of answers (the ratings stay). "comments": comments, own words about what went wrong, and
        the notes of follow-ups.
        "contacts": mail and phone of cases, and what addresses are dead. "cases": cases with all that belongs to them;
        the rollup stays. "queues": inbox and outbox rows that are done or failed (the outbox's keys stay), and
        idempotency facts. "chats": chats without an open survey, whose last invitation and last yes to being asked
        again are older.
        """
        purges = {
            "replies": self._purge_replies,
            "comments": self._purge_comments,
            "contacts": self._purge_contacts,
            "cases": self._purge_cases,
            "queues": self._purge_queues,
            "chats": self._purge_chats,
        }
        if kind not in purges:
            raise ValueError(f"no kind of data is called {kind!r}; there are {', '.join(purges)}")
        number = await purges[kind](before)
        await self.log_deletion(kind, number, before, now)
        return number

    async def deletions(self) -> list[Mapping[str, object]]:
        """`deleted_at`, `kind`, `before` (None for an erasure) and `count`, oldest first."""
        columns = (deletions.c.deleted_at, deletions.c.kind, deletions.c.before, deletions.c["count"])
        return [dict(row._mapping) for row in await self._db.execute(select(*columns).order_by(deletions.c.id))]

    async def _purge_replies(self, before: datetime) -> int:
        # what waits to be confirmed is somebody's words, too
        pending = select(sessions).where(
            sessions.c.saved_at < before, sessions.c.session["pending_reply"].as_string() != ""
        )
        for row in (await self._db.execute(pending)).all():
            session = dump(replace(load(row.session), pending_reply=""))
            await self._db.execute(
                update(sessions).where(sessions.c.invitation_id == row.invitation_id).values(session=session)
            )
        worded = or_(answers.c.reply != "", answers.c.source != "")
        return await self._changed(
            update(answers).where(answers.c.received_at < before, worded).values(reply="", source="")
        )

    async def _purge_comments(self, before: datetime) -> int:
        own_words = update(reasons).where(reasons.c.received_at < before, reasons.c.text != "").values(text="")
        notes = update(follow_ups).where(follow_ups.c.changed_at < before, follow_ups.c.note != "").values(note="")
        deleted = await self._changed(delete(comments).where(comments.c.received_at < before))
        return deleted + await self._changed(own_words) + await self._changed(notes)

    async def _purge_contacts(self, before: datetime) -> int:
        known = or_(closures.c.mail != "", closures.c.phone != "")
        # a number gets a new owner, a mailbox comes back: what was dead long ago may be tried again
        revived = await self._changed(delete(dead_addresses).where(dead_addresses.c.since < before))
        blanked = update(closures).where(closures.c.closed_at < before, known).values(mail="", phone="")
        return revived + await self._changed(blanked)

    async def _purge_cases(self, before: datetime) -> int:
        numbers = list(await self._db.scalars(select(closures.c.id).where(closures.c.closed_at < before)))
        for chunk in chunked(numbers):
            surveys = select(invitations.c.id).where(invitations.c.closure_id.in_(chunk))
            await self._archive_answers(list(await self._db.scalars(surveys)))
            await self._db.execute(delete(closures).where(closures.c.id.in_(chunk)))
        return len(numbers)

    async def _purge_queues(self, before: datetime) -> int:
        number = await self._changed(delete(inbox).where(inbox.c.state != "waiting", inbox.c.settled_at < before))
        settled = and_(outbox.c.state != "waiting", outbox.c.settled_at < before)
        held = or_(outbox.c.lane != "", outbox.c.state == "failed", outbox.c.error.is_not(None))
        emptied = update(outbox).where(settled, held).values(state="done", payload={}, lane="", error=None)
        number += await self._changed(emptied)
        old_facts = delete(facts).where(facts.c.name.contains(IDEMPOTENCY), facts.c.set_at < before)
        return number + await self._changed(old_facts)

    async def _purge_chats(self, before: datetime) -> int:
        busy = exists().where(
            invitations.c.chat_id == chats.c.chat_id,
            or_(invitations.c.created_at >= before, invitations.c.session_closed_at.is_(None)),
        )
        wanted = exists().where(chat_links.c.chat_id == chats.c.chat_id, chat_links.c.linked_at >= before)
        idle: ColumnElement[bool] = and_(~busy, ~wanted)
        numbers = list(await self._db.scalars(select(chats.c.chat_id).where(idle)))
        for chunk in chunked(numbers):
            await self._db.execute(delete(chat_links).where(chat_links.c.chat_id.in_(chunk)))
            await self._db.execute(delete(chats).where(chats.c.chat_id.in_(chunk)))
            owned = update(invitations).where(invitations.c.chat_id.in_(chunk))
            await self._db.execute(owned.values(opened_at=reached_at(), chat_id=None))
        return len(numbers)

    async def _changed(self, statement: Delete | Update) -> int:
        return (await self._db.execute(statement)).rowcount


def reached_at() -> ColumnElement[datetime]:
    # the response account counts a chat's survey as reached, and must when the chat is forgotten
    return func.coalesce(invitations.c.opened_at, invitations.c.created_at)
