"""Importing files of closed cases from the command line: one after the other, told with progress."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intake.columns import UnusableFileError
from intake.files import CaseFile, open_cases
from intake.rows import RowRules
from models.case import CaseChange
from workflow.intake import ImportReport, RowProblem, import_cases
from workflow.ports import Store

#: Called for a file that can be read, with how many of its bytes have been.
OnRead = Callable[[CaseFile, int], None]


@dataclass(kw_only=True)
class FileReport:
    """What became of one file. `unusable` says why nothing of it could be read; `stored` is None in a dry run."""

    file: str
    unusable: str = ""
    encoding: str = ""
    good_rows: int = 0
    bad_rows: int = 0
    stored: Mapping[CaseChange, int] | None = None
    problems: Sequence[RowProblem] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        if self.unusable:
            return {"file": self.file, "unusable": self.unusable}
        problems = [
            {"line": row.line, "column": each.column, "value": each.value, "expected": each.expected}
            for row in self.problems
            for each in row.problems
        ]
        return {
            "file": self.file,
            "encoding": self.encoding,
            "good_rows": self.good_rows,
            "bad_rows": self.bad_rows,
            "stored": None if self.stored is None else {change.value: n for change, n in self.stored.items()},
            "problems": problems,
        }


async def import_file(
    store: Store | None,
    path: Path,
    columns: Mapping[str, Sequence[str]],
    rules: RowRules,
    *,
    suffix: str = "",
    on_read: OnRead | None = None,
) -> FileReport:
    """Import one file; without a store it is only read (a dry run)."""
    try:
        cases = open_cases(path, columns, rules, suffix=suffix)
        report = await _imported(store, cases, rules, on_read)
    except UnusableFileError as error:
        return FileReport(file=str(path), unusable=str(error))
    return report


async def _imported(store: Store | None, cases: CaseFile, rules: RowRules, on_read: OnRead | None) -> FileReport:
    def progress(rows: int) -> None:
        if on_read is not None:
            on_read(cases, cases.position)

    if store is None:
        report = _read_only(cases, progress)
    else:
        report = await import_cases(store, cases, rules.now, on_progress=progress)
    good = report.stored
    return FileReport(
        file=cases.name,
        encoding=cases.encoding,
        good_rows=good,
        bad_rows=report.bad_rows,
        stored=None if store is None else report.changes,
        problems=report.problems,
    )


def _read_only(cases: CaseFile, progress: Callable[[int], None]) -> ImportReport:
    report = ImportReport()
    for number, row in enumerate(cases, start=1):
        if isinstance(row, RowProblem):
            report.add_problem(row)
        else:
            report.changes[CaseChange.NEW] += 1
        if number % 1000 == 0:
            progress(1000)
    return report
