"""What customers read in a text message, and that it stays short."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.invitation_sms import InvitationSms
from delivery.sms_length import Alphabet, measure
from models.case import ClosedCase
from models.survey import Invitation, Purpose
from omdome.texts import load_texts
from workflow.inviting import About
from workflow.ports import PermanentError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "Zk3_vUe0-mq8Wd1ArT5yHg"
LINK = f"https://omdome.example.se/s/{TOKEN}"
TEXTS = {language: load_texts(language) for language in ("sv", "en")}


def writer(**changed: Any) -> InvitationSms:
    usual: dict[str, Any] = {
        "texts": TEXTS,
        "language": "sv",
        "organisation": "Exempelkommunen",
        "questions": ("bemotande", "tillganglighet", "leverans"),
        "link": lambda token: f"https://omdome.example.se/s/{token}",
    }
    return InvitationSms(**usual | changed)


def about(subject: str = "Potthål", language: str = "sv", *, recheck: bool = False, **changed: Any) -> About:
    questions = ("leverans",) if recheck else ()
    invitation = Invitation(
        id=7, case_number=3, token=TOKEN, language=language, created_at=NOW, expires_at=NOW, questions=questions
    )
    case = ClosedCase(
        case_id="SK-1", closed_at=NOW, subject=subject, phone="+46701740605", recheck_of=5 if recheck else None
    )
    return About(**{"invitation": invitation, "case": case, "purpose": Purpose.INVITATION, "now": NOW} | changed)


def test_it_says_who_we_are_which_case_where_to_answer_and_that_no_is_an_answer() -> None:
    assert writer().payload(about()) == {
        "to": "+46701740605",
        "text": 'Hej från Exempelkommunen! Hur gick det med "Potthål"? '
        f"Svara på tre snabba frågor eller säg nej: {LINK}",
    }


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (
            about(purpose=Purpose.REMINDER),
            'Hej igen från Exempelkommunen! Du hinner än berätta hur det gick med "Potthål", eller säga nej: ',
        ),
        (
            about(purpose=Purpose.REMINDER, begun=True),
            'Hej igen från Exempelkommunen! Du har börjat svara om "Potthål". Här kan du svara klart eller säga nej: ',
        ),
        (
            about(recheck=True),
            'Hej från Exempelkommunen! Vi har försökt rätta till "Potthål". Vad tycker du nu? Svara eller säg nej: ',
        ),
        (
            about(recheck=True, purpose=Purpose.REMINDER),
            'Hej igen från Exempelkommunen! Vad tycker du nu om "Potthål"? Du hinner än svara eller säga nej: ',
        ),
        (
            about(language="en"),
            'Hello from Exempelkommunen! How did it go with "Potthål"? Answer three quick questions or say no: ',
        ),
        (
            about(language="ar"),  # we have no such texts: the organisation's own language
            'Hej från Exempelkommunen! Hur gick det med "Potthål"? Svara på tre snabba frågor eller säg nej: ',
        ),
    ],
)
def test_each_occasion_has_its_words(asked: About, text: str) -> None:
    assert writer().text(asked) == text + LINK


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("kind", ["invitation", "reminder", "begun", "recheck", "recheck_reminder"])
def test_every_wording_without_a_subject_fits_one_part(language: str, kind: str) -> None:
    count = TEXTS[language]("chat.counts.3")
    text = TEXTS[language](f"sms.{kind}.plain", organisation="Exempelkommunen", questions=count, link=LINK)
    length = measure(text)
    assert (length.alphabet, length.parts) == (Alphabet.GSM7, 1)


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Trasig gatlykta på Storgatan vid busshållplatsen", '"Trasig gatlykta på..."'),
        ("”Grön” väska – borta", "\"'Grön' väska - borta\""),
        ("Höghastighetsinternetuppkoppling", '"Höghastighetsinter..."'),
        ("Прорыв трубы", "ditt ärende"),  # would make three parts of one
        ("", "ditt ärende"),
    ],
)
def test_a_subject_is_shortened_or_left_out_rather_than_making_a_second_part(subject: str, shown: str) -> None:
    text = writer().text(about(subject))
    assert f"Hur gick det med {shown}?" in text
    assert measure(text).parts == 1


@pytest.mark.parametrize(
    "subject", ["Vinn på evil.example.com nu", "http://10.0.0.1/x", "se g.co/abc", "www.vinn", "mejla a@b"]
)
def test_what_a_phone_would_make_a_link_of_is_not_passed_on(subject: str) -> None:
    text = writer().text(about(subject))
    assert text.count("http") == 1
    assert "ditt ärende" in text


def test_an_abbreviation_is_no_link() -> None:
    assert '"Avfall t.ex. glas"' in writer().text(about("Avfall t.ex. glas"))


def test_a_long_name_takes_a_second_part_where_that_is_allowed_and_is_brief_where_not() -> None:
    long = "Samhällsbyggnadsförvaltningen i Exempelköpings kommun"
    two = writer(organisation=long).text(about("Trasig gatlykta på Storgatan"))
    assert measure(two).parts == 2
    assert '"Trasig gatlykta på Storgatan"' in two
    assert writer(organisation=long, max_parts=1).text(about()) == f"{long}: hur gick det? {LINK}"


@given(st.text(max_size=200), st.text(min_size=1, max_size=90), st.integers(1, 6), st.booleans())
def test_the_link_is_never_cut_and_there_are_never_too_many_parts(
    subject: str, organisation: str, max_parts: int, recheck: bool
) -> None:
    text = writer(organisation=organisation, max_parts=max_parts).text(about(subject, recheck=recheck))
    assert text.endswith(LINK)
    assert measure(text).parts <= max_parts


def test_without_a_number_there_is_nothing_to_write() -> None:
    case = ClosedCase(case_id="SK-1", closed_at=NOW, mail="kund@example.org")
    with pytest.raises(PermanentError, match="no phone number"):
        writer().payload(about(case=case))
