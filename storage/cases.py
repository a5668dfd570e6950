"""Closed cases, and the decisions whether to ask about them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update

from models.case import Address, AddressKind, CaseChange, ClosedCase, StoredCase
from models.selection import Decision
from storage.closure_rows import case_from, values_of
from storage.part import NOTHING, Part, chunked
from storage.rollup import Rollup
from storage.tables import closures, erased, invitations

_Known = dict[datetime, dict[str, Any]]


class Cases(Rollup, Part):
    async def put_cases(self, cases: Sequence[ClosedCase], now: datetime) -> list[CaseChange]:
        changes: list[CaseChange] = []
        for chunk in chunked(cases):
            changes += await self._put_chunk(chunk, now)
        return changes

    async def _put_chunk(self, cases: Sequence[ClosedCase], now: datetime) -> list[CaseChange]:
        known = await self._known_closures({case.case_id for case in cases})
        forgotten = await self._forgotten(cases)
        new: list[dict[str, Any]] = []
        updated: list[tuple[dict[str, Any], ClosedCase]] = []
        changes = []
        for case in cases:
            values = values_of(case)
            closures_of_case = known.setdefault(case.case_id, {})
            change = _change(closures_of_case, values, (case.case_id, case.closed_at) in forgotten)
            changes.append(change)
            if change in (CaseChange.NEW, CaseChange.CLOSED_AGAIN):
                values["stored_at"] = now
                new.append(values)
                closures_of_case[values["closed_at"]] = values
            elif change is CaseChange.UPDATED:
                before = closures_of_case[values["closed_at"]]
                if "id" in before:
                    updated.append((dict(before), case))
                before.update(values)
        if new:
            await self._insert_many(closures, new)
        for before, case in updated:
            await self._update_closure(before, case)
        return changes

    async def _known_closures(self, case_ids: Collection[str]) -> dict[str, _Known]:
        query = select(
            closures.c.id,
            closures.c.case_id,
            closures.c.closed_at,
            closures.c.digest,
            closures.c.recheck_of,
        ).where(closures.c.case_id.in_(case_ids))
        known: dict[str, _Known] = {}
        for row in await self._db.execute(query):
            found = {"id": row.id, "digest": row.digest, "recheck_of": row.recheck_of}
            known.setdefault(row.case_id, {})[row.closed_at] = found
        return known

    async def _forgotten(self, cases: Sequence[ClosedCase]) -> set[tuple[str, datetime]]:
        """Those of `cases` that were erased: the next nightly export must not bring them back."""
        if await self._db.scalar(select(erased.c.hash).limit(1)) is None:
            return set()
        by_hash = {self._closure_hash(case.case_id, case.closed_at): (case.case_id, case.closed_at) for case in cases}
        rows = await self._db.scalars(select(erased.c.hash).where(erased.c.hash.in_(by_hash)))
        return {by_hash[row] for row in rows}

    def _closure_hash(self, case_id: str, closed_at: datetime) -> str:
        return self._hashed(case_id, closed_at.astimezone(UTC).isoformat())

    async def _update_closure(self, before: Mapping[str, Any], case: ClosedCase) -> None:
        # its answers may have been counted under the old unit
        cells = await self._cells_of_closure(before["id"])
        await self._db.execute(update(closures).where(closures.c.id == before["id"]).values(values_of(case)))
        if cells:
            await self._move_cells(cells, await self._cells_of_closure(before["id"]))

    async def case(self, case_number: int) -> StoredCase | None:
        row = (await self._db.execute(select(closures).where(closures.c.id == case_number))).one_or_none()
        return StoredCase(row.id, case_from(row)) if row else None

    async def undecided(self, limit: int, after: int = 0) -> list[StoredCase]:
        query = (
            select(closures)
            .where(closures.c.decided_at.is_(None), closures.c.id > after)
            .order_by(closures.c.id)
            .limit(limit)
        )
        return [StoredCase(row.id, case_from(row)) for row in await self._db.execute(query)]

    async def still_undecided(self, case_numbers: Collection[int]) -> set[int]:
        found: set[int] = set()
        for chunk in chunked(case_numbers):
            query = select(closures.c.id).where(closures.c.id.in_(chunk), closures.c.decided_at.is_(None))
            found.update(await self._db.scalars(query))
        return found

    async def decide(self, decisions: Sequence[Decision], now: datetime) -> None:
        statement = (
            update(closures)
            .where(closures.c.id == bindparam("number"))
            .values(decided_at=now, not_asked=bindparam("reason"), draw_id=bindparam("draw"))
        )
        rows = [
            {"number": each.case_number, "reason": each.reason.value if each.reason else None, "draw": each.draw}
            for each in decisions
        ]
        if rows:
            await self._db.execute(statement, rows)

    async def asked_since(self, addresses: Collection[Address], since: datetime) -> set[Address]:
        found: set[Address] = set()
        for kind, column in (
            (AddressKind.MAIL, closures.c.mail),
            (AddressKind.PHONE, closures.c.phone),
            (AddressKind.CHAT, invitations.c.chat_id),
        ):
            wanted = [_comparable(address) for address in addresses if address.kind is kind]
            for values in chunked(wanted):
                query = (
                    select(column)
                    .distinct()
                    .join_from(invitations, closures, closures.c.id == invitations.c.closure_id)
                    .where(column.in_(values), _is_given(kind, column), invitations.c.created_at >= since)
                )
                found.update(Address(kind, str(value)) for value in await self._db.scalars(query))
        return found


def _is_given(kind: AddressKind, column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.is_not(None) if kind is AddressKind.CHAT else column != NOTHING


def _comparable(address: Address) -> str | int:
    return int(address.value) if address.kind is AddressKind.CHAT else address.value


def _change(known: _Known, values: Mapping[str, Any], forgotten: bool) -> CaseChange:
    closed_at = values["closed_at"]
    if closed_at in known:
        if known[closed_at]["recheck_of"] != values["recheck_of"]:
            return CaseChange.STALE
        return CaseChange.UNCHANGED if known[closed_at]["digest"] == values["digest"] else CaseChange.UPDATED
    if forgotten:
        return CaseChange.UNCHANGED
    # rechecks are ours: they are never stale, nor do they make stale what the case system tells
    told = [at for at, closure in known.items() if closure["recheck_of"] is None]
    if values["recheck_of"] is not None or not told:
        return CaseChange.NEW
    return CaseChange.CLOSED_AGAIN if closed_at > max(told) else CaseChange.STALE
