"""What schemathesis can't guess from the document: addresses that exist, times that have been, JSON Lines."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import schemathesis
from hypothesis import strategies as st

_YEAR_AGO = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=365)


def _time(earliest: int, latest: int) -> st.SearchStrategy[str]:
    minutes = st.integers(earliest * 1440, latest * 1440)
    return minutes.map(lambda each: (_YEAR_AGO + timedelta(minutes=each)).isoformat(" ", "minutes"))


for name, strategy in {
    "phone-number": st.integers(5, 99).map(lambda each: f"070-174 06 {each:02}"),
    "mail-address": st.integers(1, 50).map(lambda each: f"Kund{each}@example.se"),
    "time-of-opening": _time(0, 100),
    "time-of-closing": _time(100, 360),
    "first-day-or-week": st.sampled_from(["2025-01-01", "2025-W01", "2025-W10", "2025-03-15"]),
    "last-day-or-week": st.sampled_from(["2025-12-31", "2025-W20", "2999-W01", "2025-04-01"]),
}.items():
    schemathesis.openapi.format(name, strategy)


@schemathesis.serializer("application/x-ndjson")
def json_lines(context: schemathesis.SerializationContext, value: object) -> bytes:
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "replace")


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Not what is too long for a request line of HTTP: that is refused (400) before it is anybody's operation."""
    return len(urlencode(case.query or {}, doseq=True)) < 8000
