"""Text files as they come: which encoding, and lines of sane length."""

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from intake.columns import UnusableFileError

_CHUNK = 1 << 20
LONGEST_LINE = 1 << 20  #: characters; a file with a longer line is no export


def encoding_of(path: Path) -> str:
    """ "utf-8-sig" (with or without BOM) when the whole file is UTF-8, else "cp1252". Reads the file once.

    Raises UnusableFileError for an empty file, UTF-16, or what is no text at all.
    """
    try:
        with path.open("rb") as stream:
            return _encoding(stream)
    except OSError as error:
        raise UnusableFileError(f"can't be read: {error.strerror}") from None


def _encoding(stream: BinaryIO) -> str:
    start = stream.read(4)
    if not start:
        raise UnusableFileError("the file is empty; it needs a line of headers, and a row for each closed case")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
        raise UnusableFileError("the file is UTF-16 or no text; save it as CSV in UTF-8")
    stream.seek(0)
    for encoding in ("utf-8-sig", "cp1252"):
        stream.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnusableFileError("the file is neither UTF-8 nor Windows-1252; save it as CSV in UTF-8")


def numbered_lines(raw: BinaryIO, encoding: str) -> Iterator[tuple[int, str]]:
    """The lines with their line ends, numbered from 1. `raw` is read piece by piece, so its `tell` is the progress."""
    text = io.TextIOWrapper(raw, encoding=encoding, newline="")
    number = 0
    try:
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise UnusableFileError(f"line {number} is longer than {LONGEST_LINE:,} characters; is it a text file?")
            yield number, line
    finally:
        if not raw.closed:  # an import that failed has closed it before this generator is
            text.detach()
