"""Closed cases as JSON: objects (as the case API gets them) and JSON Lines files."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from intake.columns import UnusableFileError, recognised, standing_twice
from intake.rows import RowParser, shortened
from intake.text_files import encoding_of, numbered_lines
from models.case import ClosedCase
from workflow.intake import FieldProblem, KeyTwiceError, Row, RowProblem, unique_keys


class ObjectParser:
    """Reads one JSON object whose keys are any of the names in `columns`; keys it doesn't know are passed over."""

    def __init__(self, columns: Mapping[str, Sequence[str]], parse: RowParser) -> None:
        self._columns = columns
        self._parse = parse

    def __call__(self, found: object) -> ClosedCase | tuple[FieldProblem, ...]:
        if not isinstance(found, dict):
            expected = 'write an object such as {"case_id": "…", "closed_at": "…"}'
            return (FieldProblem("", "the item", shortened(found), expected),)
        keys = list(found)
        places = recognised(keys, self._columns)
        if twice := standing_twice(keys, places):
            return tuple(FieldProblem("", key, shortened(found[key]), "give it once; it stands twice") for key in twice)
        names = {field: keys[place] for field, place in places.items()}
        return self._parse({field: found[key] for field, key in names.items()}, names)


class JsonLinesCases:
    """A JSON Lines file of closed cases; iterate it once. Raises UnusableFileError if nothing in it can be read."""

    def __init__(self, path: Path, columns: Mapping[str, Sequence[str]], parse: RowParser) -> None:
        self.name = path.name
        self.encoding = encoding_of(path)
        self.size = path.stat().st_size
        self._path = path
        self._parse = ObjectParser(columns, parse)
        self._stream: BinaryIO | None = None
        if self.encoding != "utf-8-sig":
            raise UnusableFileError("the file is not UTF-8; JSON Lines is always UTF-8")

    @property
    def position(self) -> int:
        return self._stream.tell() if self._stream and not self._stream.closed else 0

    def __iter__(self) -> Iterator[Row]:
        with self._path.open("rb") as stream:
            self._stream = stream
            for number, line in numbered_lines(stream, self.encoding):
                if line.strip():
                    yield self._row(number, line)

    def _row(self, number: int, line: str) -> Row:
        try:
            found = json.loads(line, object_pairs_hook=unique_keys)
        except (ValueError, RecursionError) as error:
            reason = "it can't be read"
            if isinstance(error, json.JSONDecodeError):
                reason = error.msg
            elif isinstance(error, KeyTwiceError):
                reason = str(error)
            problem = FieldProblem("", "the line", shortened(line.strip()), f"write one JSON object a line ({reason})")
            return RowProblem(self.name, number, (problem,))
        read = self._parse(found)
        return RowProblem(self.name, number, read) if isinstance(read, tuple) else read
