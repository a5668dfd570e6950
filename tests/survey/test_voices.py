"""What a named recipient reads of single cases: what holds now, and in the right list."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from models.counts import SurveyedCase
from models.rating import Rating
from omdome.lexicons import load_lexicon
from survey.praise import is_praise
from survey.redaction import Markers
from survey.scope import unknown_units
from survey.voices import Voices, voices

MARKERS = Markers(phone="[telefonnummer]", mail="[e-post]", personal_number="[personnummer]")
LEXICONS = (load_lexicon("sv"), load_lexicon("en"))
QUESTIONS = ("bemotande", "tillganglighet", "leverans")
BRA, DALIGT = Rating.BRA, Rating.DALIGT


def case(ratings: Iterable[Rating | None], *comments: str, **changed: object) -> SurveyedCase:
    fields: dict[str, object] = {
        "invitation_id": 1,
        "case_id": "TK-1",
        "department": "Tekniska kontoret",
        "unit": "Gata",
        "subject": "Potthål",
        "handler": "handlaggare01",
        "handler_mail": "handlaggare01@example.org",
        "contractor": "",
        "customer_type": "medborgare",
        "intake_channel": "telefon",
        "closed_at": datetime(2026, 11, 12, 9, 0, tzinfo=UTC),
        "answered_at": datetime(2026, 11, 17, 9, 0, tzinfo=UTC),
        "ratings": tuple(zip(QUESTIONS, ratings, strict=True)),
        "comments": comments,
    }
    return SurveyedCase(**{**fields, **changed})  # type: ignore[arg-type]


def sorted_out(*cases: SurveyedCase, units: tuple[str, ...] = ()) -> Voices:
    return voices(cases, units, MARKERS, LEXICONS)


def test_a_reason_goes_when_the_rating_is_made_better() -> None:
    left = (("leverans", "inte_atgardat", ""),)
    found = sorted_out(case((BRA, BRA, BRA), "Toppen, det ordnade sig!", reasons=left))
    assert [voice.reasons for voice in found.praise] == [()]
    again = sorted_out(case((DALIGT, BRA, BRA), reasons=(*left, ("bemotande", "annat", ""))))
    assert [voice.reasons for voice in again.follow_ups] == [(("bemotande", "annat", ""),)]


def test_of_several_reasons_for_a_question_the_last_one_counts() -> None:
    told = (("leverans", "inte_atgardat", ""), ("leverans", "", "Ring 070-174 06 05"), ("leverans", "annat", ""))
    found = sorted_out(case((BRA, BRA, DALIGT), reasons=told))
    assert found.follow_ups[0].reasons == (("leverans", "annat", ""),)


@pytest.mark.parametrize("comment", ["Tack för snabb hjälp!", "Great service"])
def test_three_bra_and_kind_words_are_praise(comment: str) -> None:
    assert sorted_out(case((BRA, BRA, BRA), comment)).praise


@pytest.mark.parametrize(
    "comment", ["Bra tack. Förresten är lampan trasig igen, när kommer ni?", "Lampan sitter vid porten"]
)
def test_three_bra_and_other_words_are_a_comment(comment: str) -> None:
    found = sorted_out(case((BRA, BRA, BRA), comment))
    assert (len(found.praise), len(found.comments)) == (0, 1)


def test_praise_followed_by_something_else_is_no_longer_praise() -> None:
    assert is_praise(["Jättebra jobbat!"], LEXICONS)
    assert not is_praise(["Jättebra jobbat!", "Nu är lampan trasig igen"], LEXICONS)
    assert not is_praise([" "], LEXICONS)


@pytest.mark.parametrize("written", ["Park Natur", "park natur", " Park  natur "])
def test_a_unit_is_found_however_it_is_written(written: str) -> None:
    theirs = case((DALIGT, BRA, BRA), unit="Park Natur")
    assert (
        sorted_out(theirs, case((DALIGT, BRA, BRA), unit="Gata"), units=(written,)).follow_ups[0].unit == "Park Natur"
    )


def test_a_unit_that_has_no_case_is_named() -> None:
    assert unknown_units(("park natur", "Gator"), ("Park Natur", "Gata")) == ["Gator"]
