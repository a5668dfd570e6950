"""The bodies of requests: bytes → JSON, and for `POST /api/cases` → items."""

import json
from dataclasses import dataclass
from typing import NoReturn

from aiohttp import web

from web.problems import ProblemError
from workflow.intake import FieldProblem, unique_keys

JSON_TYPES = ("application/json",)
JSON_LINES_TYPES = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines")
MAX_ITEMS = 10_000
_MAX_DIGITS = 100  # far below what Python refuses, in words that are for programmers


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line of JSON Lines that is no JSON: an item whose only content is its problem."""

    problem: FieldProblem


def check_content_type(content_type: str, charset: str | None) -> None:
    """Raises ProblemError 415 for what can't be read."""
    if content_type not in JSON_TYPES + JSON_LINES_TYPES:
        expected = "send application/json (one case or an array of them) or application/x-ndjson (one case a line)"
        raise ProblemError(415, "Unsupported Media Type", expected)
    check_charset(charset)


def check_json(request: web.Request) -> None:
    """The same, where only JSON will do."""
    if request.content_type not in JSON_TYPES:
        raise ProblemError(415, "Unsupported Media Type", "send application/json")
    check_charset(request.charset)


def check_charset(charset: str | None) -> None:
    if charset and charset.lower().replace("_", "-") not in ("utf-8", "utf8", "us-ascii"):
        raise ProblemError(415, "Unsupported Media Type", "JSON is UTF-8; leave out charset, and encode as UTF-8")


def items_of(body: bytes, content_type: str) -> list[object]:
    """The items, in order; raises ProblemError 400 or 413 when the body as a whole can't be read."""
    items = _from_lines(_text(body)) if content_type in JSON_LINES_TYPES else _from_json(body)
    if len(items) > MAX_ITEMS:
        raise ProblemError(413, "Content Too Large", f"{len(items)} cases at once; send at most {MAX_ITEMS}")
    return items


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProblemError(400, "Bad Request", f"byte {error.start} is not UTF-8; encode the body as UTF-8") from None


def json_of(body: bytes) -> object:
    """JSON, strictly; raises ProblemError 400."""
    try:
        return _loads(_text(body))
    except json.JSONDecodeError as error:
        detail = f"line {error.lineno}, column {error.colno} is no JSON: {error.msg}"
        raise ProblemError(400, "Bad Request", detail) from None
    except ValueError as error:
        raise ProblemError(400, "Bad Request", str(error)) from None


def _from_json(body: bytes) -> list[object]:
    found = json_of(body)
    if isinstance(found, dict):
        return [found]
    if not isinstance(found, list):
        raise ProblemError(400, "Bad Request", "send one case (an object) or an array of cases")
    return found


def _from_lines(text: str) -> list[object]:
    items: list[object] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        try:
            items.append(_loads(line))
        except ValueError:
            shown = line.strip()[:40]
            items.append(BrokenLine(FieldProblem("", "", shown, "write one JSON object a line")))
    return items


def _loads(text: str) -> object:
    """JSON, strictly: raises ValueError also for what Python's reader lets through or chokes on."""
    try:
        found: object = json.loads(text, parse_constant=_no_number, parse_int=_integer, object_pairs_hook=unique_keys)
    except RecursionError:
        raise ValueError("nested too deeply; a case is a flat object") from None
    return found


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits; a case has none so long")
    return int(digits)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
