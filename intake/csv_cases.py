"""Closed cases from a CSV file, row by row, in constant memory."""

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from intake.columns import UnusableFileError, check_headers, recognised
from intake.rows import RowParser, shortened
from intake.text_files import encoding_of, numbered_lines
from workflow.intake import FieldProblem, Row, RowProblem

_DELIMITERS = (";", ",", "\t")
_LINES_IN_A_ROW = 50  # a quoted text may have so many lines; more means that a quote is missing


class CsvCases:
    """A CSV file of closed cases; iterate it once. Raises UnusableFileError at once if nothing in it can be read.

    `columns` maps our fields to the headers they may have. `encoding` and `delimiter` say how the file was read;
    `position` is how many of its `size` bytes have been.
    """

    def __init__(self, path: Path, columns: Mapping[str, Sequence[str]], parse: RowParser) -> None:
        self.name = path.name
        self.encoding = encoding_of(path)
        self.size = path.stat().st_size
        self._path = path
        self._parse = parse
        self._columns = columns
        self._stream: BinaryIO | None = None
        with path.open("rb") as stream:
            _, headers, self.delimiter = _header(numbered_lines(stream, self.encoding), columns)
        self._width = len(headers)
        self._places = recognised(headers, columns)
        check_headers(headers, self._places, columns)
        self._names = {field: headers[place].strip() for field, place in self._places.items()}

    @property
    def position(self) -> int:
        return self._stream.tell() if self._stream and not self._stream.closed else 0

    def __iter__(self) -> Iterator[Row]:
        with self._path.open("rb") as stream:
            self._stream = stream
            lines = numbered_lines(stream, self.encoding)
            _header(lines, self._columns)
            for number, fields in _records(lines, self.delimiter, self._width):
                yield self._row(number, fields)

    def _row(self, number: int, fields: Sequence[str] | str) -> Row:
        if isinstance(fields, str):
            return self._problem(number, fields, 'a quote (") is missing or too many; quotes inside a text are doubled')
        if len(fields) != self._width:
            expected = (
                f"{self._width} columns as in the header, this row has {len(fields)} "
                f"(a text that contains {self.delimiter!r} must stand in quotes)"
            )
            return self._problem(number, self.delimiter.join(fields), expected)
        read = self._parse({field: fields[place] for field, place in self._places.items()}, self._names)
        return RowProblem(self.name, number, read) if isinstance(read, tuple) else read

    def _problem(self, number: int, text: str, expected: str) -> RowProblem:
        return RowProblem(self.name, number, (FieldProblem("", "the row", shortened(text), expected),))


def _header(lines: Iterator[tuple[int, str]], columns: Mapping[str, Sequence[str]]) -> tuple[int, list[str], str]:
    """The first line with anything on it, split by the delimiter that makes most sense of it."""
    for number, line in lines:
        if not line.strip() or line.lower().startswith("sep="):  # Excel's own hint
            continue
        if "\0" in line:
            raise UnusableFileError("the file is UTF-16 or no text; save it as CSV in UTF-8")
        splits = [(_split(line, delimiter) or [], delimiter) for delimiter in _DELIMITERS]
        headers, delimiter = max(splits, key=lambda split: (len(recognised(split[0], columns)), len(split[0])))
        return number, headers, delimiter
    raise UnusableFileError("the file is empty; it needs a line of headers, and a row for each closed case")


def _split(text: str, delimiter: str) -> list[str] | None:
    """The fields of one record, None if its quotes are wrong."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _records(lines: Iterator[tuple[int, str]], delimiter: str, width: int) -> Iterator[tuple[int, list[str] | str]]:
    """Rows with the number of their first line. A quoted text may span lines.

    When joining lines doesn't give a whole row, a quote is missing: only its first line is given up (and yielded as
    it stands), and reading goes on with the next.
    """
    waiting: deque[tuple[int, str]] = deque()

    def more() -> tuple[int, str] | None:
        return waiting.popleft() if waiting else next(lines, None)

    while (first := more()) is not None:
        number, text = first
        if not text.strip():
            continue
        taken: list[tuple[int, str]] = []
        fields = _whole(text, delimiter)
        while fields is None and len(taken) < _LINES_IN_A_ROW and (follower := more()) is not None:
            taken.append(follower)
            text += follower[1]
            fields = _whole(text, delimiter)
        if taken and (fields is None or len(fields) != width):
            waiting.extendleft(reversed(taken))
            fields = None
        if fields is not None and len(fields) > width and not any(fields[width:]):
            fields = fields[:width]  # trailing delimiters
        yield number, first[1].rstrip("\r\n") if fields is None else fields


def _whole(text: str, delimiter: str) -> list[str] | None:
    return None if text.count('"') % 2 else _split(text, delimiter)
