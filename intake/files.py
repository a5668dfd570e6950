"""A file of closed cases, whatever its format."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from intake.columns import UnusableFileError
from intake.csv_cases import CsvCases
from intake.jsonl_cases import JsonLinesCases
from intake.rows import RowParser, RowRules

CaseFile = CsvCases | JsonLinesCases

SUFFIXES: Mapping[str, type[CsvCases] | type[JsonLinesCases]] = {
    ".csv": CsvCases,
    ".tsv": CsvCases,
    ".txt": CsvCases,
    ".jsonl": JsonLinesCases,
    ".ndjson": JsonLinesCases,
}


def open_cases(path: Path, columns: Mapping[str, Sequence[str]], rules: RowRules, *, suffix: str = "") -> CaseFile:
    """The cases in `path`, read as its name's suffix says (or as `suffix`, such as ".csv").

    Raises UnusableFileError, which says what is wrong with the file as a whole.
    """
    kind = SUFFIXES.get((suffix or path.suffix).lower())
    if kind is None:
        raise UnusableFileError(f"can't tell its format from its name; use one of {', '.join(SUFFIXES)}")
    return kind(path, columns, RowParser(rules))
