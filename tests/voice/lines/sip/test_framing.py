"""Messages between the supervisor and the process that holds the calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.lines.sip.framing import HEADER, LONGEST, Kind, packed, unpacked


@given(st.integers(0, 2**32 - 1), st.sampled_from(Kind), st.binary(max_size=700))
def test_what_is_packed_is_unpacked(call: int, kind: Kind, payload: bytes) -> None:
    frame = packed(call, kind, payload)
    assert unpacked(frame[: HEADER.size]) == (call, kind, len(payload))
    assert frame[HEADER.size :] == payload


@pytest.mark.parametrize("header", [HEADER.pack(1, 99, 0), HEADER.pack(1, Kind.AUDIO, LONGEST + 1)])
def test_what_is_no_header_is_refused(header: bytes) -> None:
    with pytest.raises(ValueError, match=r"99|bytes"):
        unpacked(header)
