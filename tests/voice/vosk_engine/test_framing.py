"""Frames come out as they went in, and what is no frame is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.vosk_engine.framing import HEADER, Kind, packed, unpacked


@given(st.integers(0, 255), st.sampled_from(Kind), st.binary(max_size=1000))
def test_what_is_packed_is_unpacked(slot: int, kind: Kind, payload: bytes) -> None:
    frame = packed(slot, kind, payload)
    assert unpacked(frame[: HEADER.size]) == (slot, kind, len(payload))
    assert frame[HEADER.size :] == payload


@pytest.mark.parametrize("header", [b"hello\n", b"\x00\xc8\x00\x00\x00\x00", b"\x00\x0d\xff\xff\xff\xff"])
def test_what_is_no_header(header: bytes) -> None:
    with pytest.raises(ValueError, match=r"is not a valid Kind|a payload of"):
        unpacked(header)
