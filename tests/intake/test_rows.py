"""What one row may say, and what is answered when it can't be used."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rows import RowParser, RowRules, readers
from models.case import ClosedCase, CustomerType

RULES = RowRules(zone=ZoneInfo("Europe/Stockholm"), now=datetime(2026, 11, 21, 12, tzinfo=UTC))
PARSE = RowParser(RULES)
GOOD = {"case_id": "TK-1", "closed_at": "2026-11-20 08:17"}


def read(**fields: object) -> ClosedCase:
    case = PARSE({**GOOD, **fields})
    assert isinstance(case, ClosedCase), case
    return case


def fault(**fields: object) -> str:
    problems = PARSE({**GOOD, **fields})
    assert isinstance(problems, tuple), problems
    assert len(problems) == 1
    return str(problems[0])


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2015-08-01 08:17", "2015-08-01T06:17"),  # summer
        ("2015-12-01T08:17:30", "2015-12-01T07:17:30"),  # winter
        ("2015-08-01T08:17Z", "2015-08-01T08:17"),
        ("2015-08-01T08:17:00+05:30", "2015-08-01T02:47"),
        ("  2015-08-01\N{NO-BREAK SPACE}08:17 ", "2015-08-01T06:17"),
        ("2015-10-25 02:30", "2015-10-25T00:30"),  # happens twice: the first
        ("2015-03-29 02:30", "2015-03-29T01:30"),  # is skipped: read as winter time
    ],
)
def test_times_without_an_offset_are_local(written: str, meant: str) -> None:
    assert read(closed_at=written).closed_at == utc(meant)


@pytest.mark.parametrize("written", ["igår", "20/11 2026", "2026-13-01 08:00", "0001-01-01 00:00", "9999-12-31 23:59"])
def test_other_times_are_refused_with_what_would_be_right(written: str) -> None:
    assert "2026-11-21 08:17" in fault(closed_at=written)


def test_a_date_alone_will_do_for_opening_but_not_for_closing() -> None:
    assert read(opened_at="2026-11-01").opened_at == utc("2026-10-31T23:00")
    assert "a date alone" in fault(closed_at="2026-11-01")


def test_closing_may_not_lie_ahead_but_clocks_may_differ() -> None:
    assert read(closed_at="2026-11-22 12:00").closed_at > RULES.now
    assert "in the future" in fault(closed_at="2026-11-23 12:00")


def test_opened_after_closed() -> None:
    assert fault(opened_at="2026-11-20 08:18") == 'opened_at "2026-11-20 08:18": opened after it was closed'


@pytest.mark.parametrize(
    "written", ["070-174 06 05", "+46701740605", "0046 70 174 06 05", "+46 (0)70-1740605", "701740605", " 070/1740605"]
)
def test_phone_numbers_become_e164(written: str) -> None:
    assert read(phone=written).phone == "+46701740605"


@pytest.mark.parametrize(
    "written", ["4.67E+10", "112", "070-174 06 05 ankn 3", "070-174 06 05, 070-174 06 06", "ring!"]
)
def test_what_is_no_phone_number(written: str) -> None:
    assert "070-174 06 05" in fault(phone=written)


def test_mails_are_lower_cased_and_only_their_shape_is_checked() -> None:
    assert read(mail=" Anna.Ek@Example.SE ").mail == "anna.ek@example.se"
    assert read(mail="a@exämple.se").mail == "a@xn--exmple-cua.se"


@pytest.mark.parametrize("written", ["anna", "a@b", "a@@example.se", "a b@example.se", "a@example.se; b@example.se"])
def test_what_is_no_mail(written: str) -> None:
    assert "namn@example.se" in fault(mail=written)


def test_synonyms() -> None:
    assert read(customer_type="Privatperson").customer_type is CustomerType.MEDBORGARE
    assert read(customer_type="FÖRETAGARE").customer_type is CustomerType.FORETAG
    assert read(customer_type="").customer_type is None
    assert read(language="sv-SE").language == "sv"
    assert read(language="Engelska").language == "en"
    assert read(auto_closed="Ja").auto_closed
    assert not read(auto_closed="0").auto_closed
    assert "medborgare or företag" in fault(customer_type="kommun")
    assert "sv or en" in fault(language="tlh")
    assert "ja or nej" in fault(auto_closed="kanske")


def test_texts_are_tidied() -> None:
    case = read(subject=" Trasig\r\n  gatu-\N{NO-BREAK SPACE}belysning ", unit="Spa\u030ar")
    assert (case.subject, case.unit) == ("Trasig gatu- belysning", "Spår")


def test_control_characters_and_endless_texts_are_refused() -> None:
    assert "control characters" in fault(subject="bad\x00")
    assert "control characters" in fault(subject="\ud800")
    message = fault(subject="x" * 201)
    assert "at most 200 characters" in message
    assert len(message) < 150


def test_required_fields_and_everything_wrong_at_once() -> None:
    problems = PARSE({"case_id": " ", "phone": "x"})
    assert isinstance(problems, tuple)
    assert [str(problem) for problem in problems][:2] == ['case_id " ": is required', "closed_at: is required"]
    assert len(problems) == 3


def test_messages_use_the_senders_own_names() -> None:
    problems = PARSE({**GOOD, "phone": "x"}, {"phone": "Mobil"})
    assert isinstance(problems, tuple)
    assert str(problems[0]).startswith('Mobil "x": write one whole phone number')


def test_json_values() -> None:
    assert read(case_id=17, phone=None, auto_closed=True).case_id == "17"
    assert "as text" in fault(subject=["a"])
    assert "as text" in fault(case_id=1.5)


@given(
    st.dictionaries(
        st.sampled_from(sorted(readers(RULES))), st.one_of(st.text(), st.none(), st.integers(), st.booleans())
    )
)
def test_whatever_is_written_the_row_is_a_case_or_its_faults(raw: dict[str, object]) -> None:
    found = PARSE({**GOOD, **raw})
    if isinstance(found, tuple):
        assert all(str(problem).isprintable() or "\n" not in str(problem) for problem in found)
    else:
        assert found.closed_at.tzinfo is UTC
        again = PARSE({field: _plain(getattr(found, field)) for field in readers(RULES)})
        assert again == found  # reading what was read changes nothing


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
