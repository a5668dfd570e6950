"""How long a text message is: as 3GPP TS 23.038 and 23.040 count it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.sms_length import Alphabet, measure, plain, split

GSM7, UCS2 = Alphabet.GSM7, Alphabet.UCS2


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", GSM7, 0, 1),
        ("å" * 160, GSM7, 160, 1),
        ("å" * 161, GSM7, 161, 2),
        ("å" * 306, GSM7, 306, 2),
        ("å" * 307, GSM7, 307, 3),
        ("€" * 80, GSM7, 160, 1),  # escape and euro: two places each
        ("€" * 81, GSM7, 162, 2),
        ("€" * 153, GSM7, 306, 3),  # 153 is odd: no part can hold 76.5 of them
        ("a" + "€" * 76 + "a" * 153, GSM7, 306, 2),
        ("”" * 70, UCS2, 70, 1),
        ("”" * 71, UCS2, 71, 2),
        ("😀" * 35, UCS2, 70, 1),
        ("😀" * 36, UCS2, 72, 2),
        ("😀" * 67, UCS2, 134, 3),  # 67 is odd: no part holds 33.5 of them
        ("€" * 69 + "”", UCS2, 70, 1),  # in UCS-2 a euro is one
    ],
)
def test_what_a_text_takes(text: str, alphabet: Alphabet, units: int, parts: int) -> None:
    length = measure(text)
    assert (length.alphabet, length.units, length.parts) == (alphabet, units, parts)


def test_swedish_fits_gsm_7_and_typographic_marks_do_not() -> None:
    assert measure("Å, ä, ö, é och ü? Ja! @ & € [§]").outside == ()
    assert measure("”Nej” – kanske…").outside == ("”", "–", "…")


def test_the_alphabet_has_as_many_characters_as_the_standard_says() -> None:
    every = [chr(code) for code in range(0x10000) if not 0xD800 <= code <= 0xDFFF]
    gsm7 = [char for char in every if not measure(char).outside]
    assert len(gsm7) == 127 + 10  # 128 places, one of them the escape; ten behind it
    assert sum(measure(char).units for char in gsm7) == 127 + 2 * 10


@given(st.text(max_size=400))
def test_parts_are_the_text_and_each_holds_what_a_part_may(text: str) -> None:
    parts, length = split(text), measure(text)
    assert "".join(parts) == text
    assert len(parts) == length.parts
    limit = {GSM7: (160, 153), UCS2: (70, 67)}[length.alphabet][len(parts) > 1]
    for part in parts:
        if length.alphabet is UCS2:
            assert len(part.encode("utf-16-le", "surrogatepass")) // 2 <= limit
        else:
            assert measure(part).units <= limit


@given(st.text(max_size=80), st.text(max_size=80))
def test_more_text_never_takes_fewer_parts(one: str, more: str) -> None:
    assert measure(one + more).parts >= measure(one).parts


@pytest.mark.parametrize(
    ("written", "as_plain"),
    [
        ("”Grönt” – ja…", '"Grönt" - ja...'),
        ("Tro’t", "Tro't"),
        ("A\u030aterkoppling", "Återkoppling"),  # å as macOS writes it, in two
        ("Café Ángel, Łódź", "Café Angel, Lodz"),
        ("  två\n\trader\u00a0här ", "två rader här"),
        ("Trasig lampa 💡 20 °C", "Trasig lampa 20 C"),
        ("½ l", "1/2 l"),
        ("Авария", "Авария"),
    ],
)
def test_a_subject_is_written_so_that_it_costs_little(written: str, as_plain: str) -> None:
    assert plain(written) == as_plain


@given(st.text())
def test_writing_it_plain_once_is_enough(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(codec="latin-1")))
def test_western_text_always_becomes_gsm_7(text: str) -> None:
    assert measure(plain(text)).alphabet is GSM7
