"""What far ends say, made fit to be shown and kept."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.lines.sip.wording import presentable


@pytest.mark.parametrize(
    "number",
    ["0701740605", "+46701740605", "070-174 06 05", "+46 (70) 174-06-05", "(070) 174 06 05", "0046.70.174.06.05",
     "070\u00a0174\u201106\u200b05", "070_174_06_05", "sip:0701740605", "０７０１７４０６０５", "070\r\n1740605"],
)  # fmt: skip
def test_no_number_is_left_however_it_is_written(number: str) -> None:
    left = presentable(f"No {number} here")
    assert re.fullmatch(r"No (sip:)?… here", left), left


@pytest.mark.parametrize("said", ["404 Not Found", "Q.850;cause=34", "Connection refused [111]", "anknytning 4711"])
def test_what_is_no_number_stands(said: str) -> None:
    assert presentable(said) == said


@given(st.text(max_size=300))
def test_whatever_is_said_is_one_short_printable_line(said: str) -> None:
    left = presentable(said)
    assert left.isprintable()
    assert len(left) <= 100
    assert not re.search(r"\d{6}", left)


def test_nothing_is_long_enough_to_hold_us_up() -> None:
    for each in ("0 ", "0    ", "+(", "12345x", "\x00"):
        assert len(presentable(each * 100_000)) <= 100
