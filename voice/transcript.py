"""What was said in a call, by whom and when: for the one who listens in, for tests, and for finding faults."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

SUFFIX = ".jsonl"  #: of a file that holds a transcript
SILENCE = "(silence)"  #: what a caller said who said nothing


class Who(StrEnum):
    WE = "we"
    CALLER = "caller"
    CALL = "call"  #: what happened to the call itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the transcript. What doesn't apply is "" or None."""

    who: Who
    seconds: float  #: since the call began
    text: str = ""  #: the prompt's words; the words that were heard; what happened
    prompt: str = ""  #: the prompt's key
    key: str = ""  #: the key that was pressed
    confidence: float | None = None  #: of a hearing, 0..1
    trust: str = ""  #: of a hearing: accept, confirm, ask_again
    rating: str = ""  #: what was stored of it: bra, ok, dåligt
    question: str = ""  #: to which question


def json_lines(entries: Iterable[Entry]) -> str:
    """One JSON object a line, without what doesn't apply."""
    plain = ({name: value for name, value in asdict(entry).items() if value not in ("", None)} for entry in entries)
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in plain)
