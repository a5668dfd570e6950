"""`POST /api/cases`: closed cases straight from the case system. docs/case-export.md describes it for its people."""

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from models.case import CaseChange, ClosedCase
from web.api_operations import Call
from web.case_bodies import BrokenLine, check_content_type, items_of
from web.problems import ProblemError, problem_response
from workflow.intake import FieldProblem
from workflow.ports import Clock, Store

#: Reads one JSON object as a closed case.
ParseCase = Callable[[object], ClosedCase | tuple[FieldProblem, ...]]

_KEY = re.compile(r"^[\x21-\x7e]{1,255}$")
_FACT = "case_api.idempotency."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request: how many items did what, and what was wrong with the others."""

    received: int
    stored: Mapping[str, int]
    errors: Sequence[Mapping[str, object]]

    def response(self, *, replayed: bool) -> web.Response:
        """200 all stored, 207 some, 422 none."""
        headers = {"Idempotency-Replayed": "true"} if replayed else None
        body = {"received": self.received, "stored": self.stored, "errors": self.errors}
        if self.errors and not any(self.stored.values()):
            detail = "none of the cases could be used; errors says why"
            return problem_response(422, "Unprocessable Content", detail, headers, **body)
        text = json.dumps(body, ensure_ascii=False)
        return web.Response(
            status=207 if self.errors else 200, text=text, content_type="application/json", headers=headers
        )


class CaseApi:
    """The handler. `parser_at(now)` gives what reads a case by the rules of that moment."""

    def __init__(self, store: Store, clock: Clock, parser_at: Callable[[datetime], ParseCase]) -> None:
        self._store = store
        self._clock = clock
        self._parser_at = parser_at

    async def handle(self, call: Call) -> web.Response:
        """Answer one request: read, then store all good items in one transaction."""
        request = call.request
        check_content_type(request.content_type, request.charset)
        key = _idempotency_key(request)
        body = await request.read()
        items = await asyncio.to_thread(items_of, body, request.content_type)
        if key is None:
            return await self._store_items(items)
        fingerprint = hashlib.sha256(request.content_type.encode() + b"\0" + body).hexdigest()
        return await self._store_once(items, _FACT + hashlib.sha256(key.encode()).hexdigest(), fingerprint)

    async def _store_items(self, items: Sequence[object]) -> web.Response:
        now = self._clock.now()
        cases, errors = await asyncio.to_thread(_read, items, self._parser_at(now))
        async with self._store.step() as tx:
            changes = await tx.put_cases(cases, now)
        return Outcome(len(items), _counted(changes), errors).response(replayed=False)

    async def _store_once(self, items: Sequence[object], fact: str, fingerprint: str) -> web.Response:
        """Store under an idempotency key, looked up and kept in the same transaction as the cases.

        Errors hold what was sent, personal data included, so they aren't kept: the same body read by the rules of the
        same moment has the same errors.
        """
        now = self._clock.now()
        cases, errors = await asyncio.to_thread(_read, items, self._parser_at(now))
        async with self._store.step() as tx:
            kept = await tx.fact(fact)
            if kept is None:
                stored = _counted(await tx.put_cases(cases, now))
                said = {"body": fingerprint, "at": now.isoformat(), "stored": stored}
                await tx.set_fact(fact, json.dumps(said), now)
        if kept is None:
            return Outcome(len(items), stored, errors).response(replayed=False)
        before = json.loads(kept)
        if before["body"] != fingerprint:
            detail = "this Idempotency-Key came with another body before; use a new key for each new request"
            raise ProblemError(422, "Unprocessable Content", detail)
        _, errors = await asyncio.to_thread(_read, items, self._parser_at(datetime.fromisoformat(before["at"])))
        return Outcome(len(items), before["stored"], errors).response(replayed=True)


def _idempotency_key(request: web.Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.match(key):
        raise ProblemError(400, "Bad Request", "Idempotency-Key must be 1-255 visible ASCII characters, such as a UUID")
    return key


def _read(items: Sequence[object], parse: ParseCase) -> tuple[list[ClosedCase], list[dict[str, object]]]:
    cases: list[ClosedCase] = []
    errors: list[dict[str, object]] = []
    for index, item in enumerate(items):
        found = (item.problem,) if isinstance(item, BrokenLine) else parse(item)
        if isinstance(found, ClosedCase):
            cases.append(found)
        else:
            errors += [
                {"index": index, "field": each.column, "value": each.value, "expected": each.expected} for each in found
            ]
    return cases, errors


def _counted(changes: Sequence[CaseChange]) -> dict[str, int]:
    counts = Counter(changes)
    return {change.value: counts[change] for change in CaseChange}
