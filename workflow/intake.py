"""Cases in: store what the case system told us."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from models.case import CaseChange, ClosedCase
from workflow.ports import Store


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One wrong value: which field (our name), their name for it, what stood there (shortened), what would be right."""

    field: str
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f'{self.column} "{self.value}": {self.expected}' if self.value else f"{self.column}: {self.expected}"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One row that could not be used: where it starts (lines from 1), and everything that is wrong with it."""

    file: str
    line: int
    problems: tuple[FieldProblem, ...]

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: " + "; ".join(map(str, self.problems))


class KeyTwiceError(ValueError):
    """A JSON object gives the same key twice: nobody can tell which one is meant."""


def unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """`object_pairs_hook` for JSON from outside; raises KeyTwiceError."""
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = sorted({name[:40] for name, number in times.items() if number > 1})
        raise KeyTwiceError(f"{', '.join(twice[:5])} stands twice in one object")
    return found


#: What a reader of files yields for each row.
Row = ClosedCase | RowProblem


@dataclass(slots=True)
class ImportReport:
    """What an import did: how many closures of each kind of change, and the rows that could not be used.

    Of the problems only the first `keep` are kept, so that a file of nothing but errors fits in memory.
    """

    changes: dict[CaseChange, int] = field(default_factory=lambda: dict.fromkeys(CaseChange, 0))
    problems: list[RowProblem] = field(default_factory=list)
    bad_rows: int = 0
    keep: int = 1000

    @property
    def stored(self) -> int:
        """Good rows, whatever storing them did."""
        return sum(self.changes.values())

    def add_problem(self, problem: RowProblem) -> None:
        self.bad_rows += 1
        if len(self.problems) < self.keep:
            self.problems.append(problem)


async def import_cases(
    store: Store,
    rows: Iterable[Row],
    now: datetime,
    *,
    batch: int = 1000,
    on_progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Store the good rows in transactions of `batch`; a re-run after a crash, or for no reason, changes nothing.

    `on_progress` gets the number of rows read since it was last called. Reading is done in a thread, a batch at a
    time, so that a big file doesn't hold up the bot.
    """
    report = ImportReport()
    reading = iter(rows)
    while taken := await asyncio.to_thread(_take, reading, batch):
        cases = [row for row in taken if isinstance(row, ClosedCase)]
        for row in taken:
            if isinstance(row, RowProblem):
                report.add_problem(row)
        if cases:
            async with store.step() as tx:
                changes = await tx.put_cases(cases, now)
            for change in changes:
                report.changes[change] += 1
        if on_progress is not None:
            on_progress(len(taken))
    return report


def _take(rows: Iterator[Row], count: int) -> list[Row]:
    return list(islice(rows, count))
