"""What people write, and what is left of it. All numbers are invented, or from the series reserved for fiction."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.redaction import Markers, redact

MARKERS = Markers(phone="[telefonnummer]", mail="[e-post]", personal_number="[personnummer]")


def redacted(text: str) -> str:
    return redact(text, MARKERS)


@pytest.mark.parametrize(
    "number",
    [
        "070-174 06 05",
        "0701740605",
        "070 1740605",
        "070-1740605",
        "070.174.06.05",
        "070/174 06 05",
        "(070) 174 06 05",
        "0 7 0 1 7 4 0 6 0 5",
        "+46701740605",
        "+46 70 174 06 05",
        "+46 (0)70-174 06 05",
        "+46(0)701740605",
        "0046 70 174 06 05",
        "46701740605",
        "70-174 06 05",
        "070\u2011174\u00a006\u00a005",
        "\u202d070-174 06 05\u202c",
        "011-12 34 56",
        "0123-45 67 8",
        "+358 40 123 45 67",
        "070_174_06_05",
        "070*174*06*05",
        "070,174,06,05",
        "070174O605",
        "07o-174 o6 o5",
    ],
)
def test_phone_numbers_go(number: str) -> None:
    left = redacted(f"Ring mig på {number}, helst på kvällen!")
    assert "[telefonnummer]" in left
    assert not re.search(r"\d", left)
    assert left.startswith("Ring mig på ")
    assert left.endswith(", helst på kvällen!")


@pytest.mark.parametrize(
    "number",
    [
        "19121212-1212",
        "191212121212",
        "121212-1212",
        "1212121212",
        "121212+1212",
        "121212 1212",
        "121212 - 1212",
        "12 12 12-1212",
        "19 12 12 12 12 12",
        "1912-12-12-1212",
        "1 9 1 2 1 2 1 2 1 2 1 2",
        "121212–1212",
        "１２１２１２－１２１２",
        "20121272-1234",  # samordningsnummer: the day plus 60
        "701272-1234",
        "121212-1213",  # wrong check digit: somebody's all the same, mistyped
    ],
)
def test_personal_numbers_go(number: str) -> None:
    assert redacted(f"Mitt personnummer är {number}.") == "Mitt personnummer är [personnummer]."


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.org",
        "Anna.Ek+kommun@mail.example.org",
        "åsa.öberg@exämple.se",
        "a_b-c@example.co.uk",
        "x @ example.se",
        "anna(at)example.org",
        "anna＠example.org",
        "anna@example .se",
        "anna @ example . se",
    ],
)
def test_mail_addresses_go(address: str) -> None:
    assert redacted(f"Skriv till {address}, tack") == "Skriv till [e-post], tack"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ärende TK-2015-0240 tog 14 dagar, från 2015-08-01 till 2015-08-15.",
        "Kom kl 08.00-16.00 den 01-12-2026.",
        "Det kostade 12 500 kr, alltså 1 250 000 öre.",
        "Lampa 12345 på Storgatan 12, 602 24.",
        "Betyg: 3/3 @ er 👍🏽",
        "Kom kl 08.00, 12.00 eller 15.30. Vi är 3 @ jobbet. Tack",
        "112 och 11414 funkar, men ni svarar inte.",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert redacted(text) == text


def test_a_number_that_a_word_announces_goes_without_area_code() -> None:
    assert redacted("Ring 174 06 05 i stället") == "Ring [telefonnummer] i stället"
    assert redacted("mobil: 1740605") == "mobil: [telefonnummer]"


def test_several_in_one_text() -> None:
    text = "2026-11-17: 0701740605 eller anna@example.org. Född 121212-1212, tel. 070-174 06 99"
    assert redacted(text) == "2026-11-17: [telefonnummer] eller [e-post]. Född [personnummer], tel. [telefonnummer]"


def test_a_mobile_number_without_dash_is_not_called_a_personal_number() -> None:
    assert redacted("0701740605") == "[telefonnummer]"
    assert redacted("0701740612") in {"[telefonnummer]", "[personnummer]"}  # could be either; gone it is


GAPS = st.sampled_from(["", "", " ", "-", ".", " - ", "\u00a0", "–"])
WORDS = st.text(st.characters(categories=("L", "P", "Z"), exclude_characters="@＠"), max_size=20)


@given(WORDS, st.sampled_from(["070", "+4670", "004670", "+46(0)70"]), st.lists(GAPS, min_size=7, max_size=7), WORDS)
def test_however_it_is_spaced_no_digit_is_left(before: str, start: str, gaps: list[str], after: str) -> None:
    number = start + "".join(gap + digit for gap, digit in zip(gaps, "1740605", strict=True))
    assert not re.search(r"\d", redacted(f"{before} {number} {after}"))


@given(
    st.dates(date(1850, 1, 1), date(2099, 12, 31)),
    st.integers(0, 9999),
    st.sampled_from(["%Y%m%d", "%y%m%d", "%y %m %d", "%Y-%m-%d"]),
    st.sampled_from(["", "-", " ", "+", "–", " - "]),
    WORDS,
)
def test_every_birthday_is_recognised(born: date, last: int, style: str, gap: str, word: str) -> None:
    number = f"{born:{style}}{gap}{last:04}"
    assert not re.search(r"\d", redacted(f"{word} {number} {word}")), number


@given(st.text(st.characters(exclude_categories=("N",), exclude_characters="@＠"), max_size=200))
def test_text_without_digits_and_at_signs_is_left_alone(text: str) -> None:
    if "(at)" not in text.lower() and "[at]" not in text.lower():
        assert redacted(text) == text


def test_long_texts_take_no_time() -> None:
    """Nobody can stall the digest with a comment of fifty thousand signs."""
    for text in ("0 " * 25_000, "a" * 50_000 + "@", "1" * 50_000, "ring " * 10_000, "+" * 50_000):
        redacted(text)
