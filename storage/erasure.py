"""Erasure: one respondent is forgotten; what is counted of them stays counted."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Text, cast, delete, func, literal, or_, select, update

from models.case import Address, AddressKind
from models.survey import AttemptOutcome, Disposition
from storage.cases import Cases
from storage.columns import Instant
from storage.part import FAILED, WAITING, chunked
from storage.respondents import closures_of, messages_to, updates_from
from storage.retention import Retention, reached_at
from storage.tables import (
    answers,
    chat_links,
    chats,
    closures,
    comments,
    contact_attempts,
    dead_addresses,
    erased,
    follow_ups,
    handler_chats,
    inbox,
    invitations,
    outbox,
    reasons,
    sessions,
)


class Erasure(Retention, Cases):
    async def erase(self, address: Address, now: datetime) -> Mapping[str, int]:
        """Forget what was said, and who; of their cases a unit and a decision stay, for the response account.

        The erased closures are remembered as keyed hashes, so that the next export of the case system doesn't bring
        them back. Returns how much: cases, invitations, answers, reasons, comments, follow_ups,
        messages, chat_links, chats.
        """
        numbers = list(await self._db.scalars(closures_of(address)))
        counts = dict.fromkeys(("cases", "invitations", "answers", "reasons", "comments", "follow_ups"), 0)
        for chunk in chunked(numbers):
            surveys = list(await self._db.scalars(select(invitations.c.id).where(invitations.c.closure_id.in_(chunk))))
            await self._archive_answers(surveys)
            for name, table in (("answers", answers), ("reasons", reasons), ("comments", comments)):
                counts[name] += await self._changed(delete(table).where(table.c.invitation_id.in_(surveys)))
            # a recheck that is forgotten takes its follow-up along: nobody could say how it went
            followed = or_(follow_ups.c.invitation_id.in_(surveys), follow_ups.c.recheck_id.in_(surveys))
            counts["follow_ups"] += await self._changed(delete(follow_ups).where(followed))
            await self._forget_surveys(surveys, now)
            await self._forget_closures(chunk, now)
            counts["invitations"] += len(surveys)
            counts["cases"] += len(chunk)
        counts |= await self._forget_address(address, now)
        await self.log_deletion("erasure", sum(counts.values()), None, now)
        return counts

    async def _forget_surveys(self, surveys: Sequence[int], now: datetime) -> None:
        await self._db.execute(delete(sessions).where(sessions.c.invitation_id.in_(surveys)))
        await self._db.execute(update(chats).where(chats.c.current.in_(surveys)).values(current=None))
        alerts = outbox.c.payload["invitation_id"].as_integer().in_(surveys)
        unsettled = or_(outbox.c.state == WAITING, outbox.c.state == FAILED)
        await self._db.execute(delete(outbox).where(unsettled, alerts))
        # that somebody was turned to, and when, is needed for the account, and says nothing about anybody
        tried = update(contact_attempts).where(contact_attempts.c.invitation_id.in_(surveys))
        planned = contact_attempts.c.outcome == AttemptOutcome.PLANNED.value
        await self._db.execute(tried.where(planned).values(outcome=AttemptOutcome.WITHDRAWN.value))
        await self._db.execute(tried.values(detail=""))
        these = update(invitations).where(invitations.c.id.in_(surveys))
        await self._db.execute(these.where(invitations.c.chat_id.is_not(None)).values(opened_at=reached_at()))
        await self._db.execute(
            these.values(
                token=_marked(invitations.c.id),
                chat_id=None,
                remind_at=None,
                disposition=func.coalesce(invitations.c.disposition, Disposition.NO_CONTACT.value),
                session_closed_at=func.coalesce(invitations.c.session_closed_at, literal(now, Instant)),
            )
        )

    async def _forget_closures(self, numbers: Sequence[int], now: datetime) -> None:
        these = closures.c.id.in_(numbers)
        known = await self._db.execute(select(closures.c.case_id, closures.c.closed_at).where(these))
        hashes = [{"hash": self._closure_hash(*row), "erased_at": now} for row in known]
        await self._db.execute(self._insert(erased).on_conflict_do_nothing(), hashes)
        # nobody is to be asked about what nobody knows any more
        await self._db.execute(delete(closures).where(these, closures.c.decided_at.is_(None)))
        blanks = dict.fromkeys(("subject", "handler", "handler_mail", "contractor", "phone", "mail", "digest"), "")
        await self._db.execute(
            update(closures).where(these).values(case_id=_marked(closures.c.id), opened_at=None, **blanks)
        )

    async def _forget_address(self, address: Address, now: datetime) -> dict[str, int]:
        emptied = update(inbox).where(updates_from(address))
        messages = await self._changed(
            emptied.values(state="done", settled_at=now, leased_until=None, payload={}, chat_id=None, error=None)
        )
        messages += await self._changed(delete(outbox).where(messages_to(address)))
        # no refusal, so nothing that must outlive the address: a case that comes with it again is tried again
        await self._db.execute(delete(dead_addresses).where(dead_addresses.c.hash == self._address_hash(address)))
        linked = chat_links.c.kind == address.kind.value, chat_links.c.value == address.value
        if address.kind is not AddressKind.CHAT:
            links = await self._changed(delete(chat_links).where(*linked))
            return {"messages": messages, "chat_links": links, "chats": 0}
        chat_id = int(address.value)
        await self._db.execute(update(outbox).where(outbox.c.lane == f"chat:{chat_id}").values(lane=""))
        await self._db.execute(delete(handler_chats).where(handler_chats.c.chat_id == chat_id))
        links = await self._changed(delete(chat_links).where(chat_links.c.chat_id == chat_id))
        return {
            "messages": messages,
            "chat_links": links,
            "chats": await self._changed(delete(chats).where(chats.c.chat_id == chat_id)),
        }


def _marked(number: Column[int]) -> ColumnElement[str]:
    return literal("erased-") + cast(number, Text)
