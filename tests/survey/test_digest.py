"""The digest as a reader meets it: from counts to figures, words' keys and lists."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from models.counts import AccountRow, AnswerCount, IsoWeek, SurveyedCase
from models.digest import (
    Against,
    CannotSay,
    Digest,
    DigestPolicy,
    Dimension,
    Direction,
    Figures,
    GroupTable,
    Hidden,
    HighlightKind,
    Note,
    Why,
)
from models.rating import Rating
from models.selection import NotAsked
from models.survey import Channel
from omdome.lexicons import load_lexicon
from survey.digest import Copy, Material, compose
from survey.redaction import Markers

WEEK = IsoWeek(2026, 47)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
MARKERS = Markers(phone="[telefonnummer]", mail="[e-post]", personal_number="[personnummer]")
QUESTIONS = ("bemotande", "tillganglighet", "leverans")
POLICY = DigestPolicy(organisation="Norrköpings kommun", questions=QUESTIONS, targets={"leverans": 0.7})
GENERAL = Copy(markers=MARKERS)
NAMED = Copy(markers=MARKERS, identified=True, lexicons=(load_lexicon("sv"),))


def cells(
    week: IsoWeek, question: str, bra: int, ok: int, daligt: int, *, unit: str = "Gata", kind: str = "medborgare"
) -> list[AnswerCount]:
    return [
        AnswerCount(
            week=week,
            department="Tekniska kontoret",
            unit=unit,
            customer_type=kind,
            intake_channel="telefon",
            channel=Channel.CHAT,
            question=question,
            rating=rating,
            count=count,
        )
        for rating, count in zip(Rating, (bra, ok, daligt), strict=True)
        if count
    ]


def case(number: int, ratings: Iterable[Rating | None], comment: str = "", unit: str = "Gata") -> SurveyedCase:
    return SurveyedCase(
        invitation_id=number,
        case_id=f"TK-{number}",
        department="Tekniska kontoret",
        unit=unit,
        subject="Potthål",
        handler="handlaggare01",
        handler_mail="handlaggare01@example.org",
        contractor="",
        customer_type="medborgare",
        intake_channel="telefon",
        closed_at=datetime(2026, 11, 12, 9, 0, tzinfo=UTC),
        answered_at=datetime(2026, 11, 17, 9, number, tzinfo=UTC),
        ratings=tuple(zip(QUESTIONS, ratings, strict=True)),
        reasons=(("leverans", "", "ring 0701740605"),) if Rating.DALIGT in set(ratings) else (),
        comments=(comment,) if comment else (),
    )


def digest(counts: list[AnswerCount], copy: Copy = GENERAL, **rest: object) -> Digest:
    return compose(Material(counts=counts, **rest), copy, POLICY, WEEK, NOW)  # type: ignore[arg-type]


def table(found: Digest, dimension: Dimension) -> GroupTable:
    return next(each for each in found.groups if each.dimension is dimension)


def shares(cell: object) -> str:
    assert isinstance(cell, Figures), cell
    return "/".join(str(cell.percent(rating)) for rating in Rating)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((52, 6, 2), "87/10/3"), ((1, 0, 7), "13/0/88"), ((1, 1, 1), "33/33/33"), ((0, 0, 9), "0/0/100")],
)
def test_shares_are_rounded_half_up_each_on_its_own(counts: tuple[int, int, int], expected: str) -> None:
    assert shares(digest(cells(WEEK, "bemotande", *(10 * each for each in counts))).questions[0].week) == expected


def test_nobody_answered() -> None:
    found = digest(cells(WEEK.shifted(-1), "bemotande", 20, 5, 5), account=[_row(None, 12)])
    assert found.nothing
    assert found.notes == (Note.NOTHING_ANSWERED,)
    assert found.groups == ()
    assert found.questions[0].week == Hidden(Why.NOTHING, 7)
    assert found.account.asked == 12


def test_three_answers_are_too_few_to_show() -> None:
    found = digest(cells(WEEK, "bemotande", 1, 1, 1))
    assert found.questions[0].week == Hidden(Why.PROTECTED, 7)
    assert found.notes[0] is Note.TOO_FEW
    assert not found.nothing


def steady(
    question: str, recent: tuple[int, int, int], before: tuple[int, int, int], **group: str
) -> list[AnswerCount]:
    """The same counts every week of each window."""
    found = []
    for back in range(30):
        found += cells(WEEK.shifted(-back), question, *(recent if back < 4 else before), **group)
    return found


def test_a_real_change_for_the_worse_is_said_and_pointed_out() -> None:
    found = digest(steady("leverans", (10, 8, 12), (20, 5, 5)) + steady("bemotande", (26, 3, 1), (26, 3, 1)))
    leverans, bemotande = found.questions[2], found.questions[0]
    assert leverans.change.direction is Direction.WORSE
    assert (shares(leverans.change.recent), leverans.change.recent.n) == ("33/27/40", 120)
    assert (shares(leverans.change.base), leverans.change.base.n) == ("67/17/17", 780)
    assert bemotande.change.direction is Direction.UNCHANGED
    assert leverans.target is not None
    assert leverans.target.result is Against.BELOW
    assert [(each.kind, each.question) for each in found.highlights] == [
        (HighlightKind.WORSE, "leverans"),
        (HighlightKind.BELOW_TARGET, "leverans"),
    ]


def test_a_change_in_one_unit_is_found_among_many_comparisons() -> None:
    counts = steady("leverans", (2, 3, 7), (8, 2, 2), unit="Spår")
    for unit in ("Gata", "Park", "Avfall"):
        counts += steady("leverans", (8, 2, 2), (8, 2, 2), unit=unit)
    found = digest(counts)
    directions = {row.name: row.cells[2].change.direction for row in table(found, Dimension.UNIT).rows}
    assert directions.pop("Spår") is Direction.WORSE
    assert set(directions.values()) <= {Direction.UNCHANGED, Direction.CANNOT_SAY}
    assert (Dimension.UNIT, "Spår") in {(each.dimension, each.group) for each in found.highlights}


def test_a_difference_that_may_be_chance_is_neither_a_change_nor_none() -> None:
    found = digest(steady("leverans", (4, 2, 2), (5, 1, 2)))
    assert found.questions[2].change.direction is Direction.CANNOT_SAY
    assert found.questions[2].change.reason is CannotSay.UNCERTAIN


def test_weeks_follow_the_iso_year() -> None:
    """2027-W01 compares with 2026-W53 and what came before it."""
    week = IsoWeek(2027, 1)
    counts = cells(week, "bemotande", 8, 1, 1) + cells(IsoWeek(2026, 53), "bemotande", 7, 2, 1)
    found = compose(Material(counts=counts), GENERAL, POLICY, week, NOW)
    assert found.questions[0].change.recent.n == 20
    assert [str(point.week) for point in found.questions[0].trend[-3:]] == ["2026-W52", "2026-W53", "2027-W01"]
    assert len(found.questions[0].trend) == POLICY.trend_weeks


def test_a_units_copy_holds_that_unit_only() -> None:
    counts = cells(WEEK, "bemotande", 9, 1, 1, unit="Gata") + cells(WEEK, "bemotande", 2, 6, 2, unit="Park")
    voices = [case(1, (Rating.DALIGT,) * 3, unit="Gata"), case(2, (Rating.DALIGT,) * 3, unit="Park")]
    copy = Copy(markers=MARKERS, units=("Park",), identified=True)
    found = digest(counts, copy, cases=voices, account=[_row(Channel.CHAT, 10, "Park"), _row(None, 5, "Gata")])
    assert shares(found.questions[0].week) == "20/60/20"
    assert [voice.case_id for voice in found.follow_ups] == ["TK-2"]
    assert found.account.answered == found.account.closed == 10
    assert found.groups == ()


VOICES = [
    case(1, (Rating.BRA, Rating.OK, Rating.DALIGT)),
    case(2, (Rating.BRA, None, Rating.BRA), "Snabbt och bra! anna@example.org"),
    case(3, (Rating.BRA, Rating.OK, None), "Jaha"),
    case(4, (Rating.BRA, Rating.BRA, Rating.BRA)),
]


def test_the_general_copy_names_no_case() -> None:
    found = digest(cells(WEEK, "bemotande", 9, 1, 1), cases=VOICES)
    assert (found.follow_ups, found.praise, found.comments) == ((), (), ())


def test_a_named_recipient_reads_what_customers_said_without_their_numbers() -> None:
    found = digest(cells(WEEK, "bemotande", 9, 1, 1), NAMED, cases=VOICES)
    assert [voice.case_id for voice in found.follow_ups] == ["TK-1"]
    assert found.follow_ups[0].poor == ("leverans",)
    assert found.follow_ups[0].reasons == (("leverans", "", "ring [telefonnummer]"),)
    assert [(voice.case_id, voice.comments) for voice in found.praise] == [("TK-2", ("Snabbt och bra! [e-post]",))]
    assert [voice.case_id for voice in found.comments] == ["TK-3"]


def _row(channel: Channel | None, count: int, unit: str = "Gata", reason: NotAsked | None = None) -> AccountRow:
    return AccountRow(unit=unit, reason=reason, reached=channel is not None, channel=channel, count=count)


def test_the_account_adds_up() -> None:
    rows = [
        _row(None, 60, reason=NotAsked.EXCLUDED_UNIT),
        _row(None, 5, reason=NotAsked.NO_ADDRESS),
        _row(None, 436),
        _row(Channel.CHAT, 50),
        _row(Channel.WEB, 14, "Park"),
    ]
    found = digest([], account=rows).account
    assert (found.closed, found.asked, found.reached, found.answered) == (565, 500, 64, 64)
    assert found.not_asked == ((NotAsked.EXCLUDED_UNIT, 60), (NotAsked.NO_ADDRESS, 5))
    assert found.channels == ((Channel.CHAT, 50), (Channel.WEB, 14))


def test_rows_are_alphabetical_in_swedish_and_the_nameless_last() -> None:
    counts = []
    for unit in ("Öppna data", "", "Ängar", "Park", "Åkrar", "avfall"):
        counts += cells(WEEK, "bemotande", 9, 1, 1, unit=unit)
    names = [row.name for row in table(digest(counts), Dimension.UNIT).rows]
    assert names == ["avfall", "Park", "Åkrar", "Ängar", "Öppna data", ""]


def test_false_alarms_stay_within_the_promise() -> None:
    """Half a year in which nothing changes, 40 answers a week in four units: at most 10 % of 200 digests say so."""
    rng = random.Random(47)
    alarms = 0
    for _ in range(200):
        counts = []
        for back in range(30):
            for unit, size in (("Gata", 20), ("Park", 10), ("Spår", 6), ("Avfall", 4)):
                for question, good in zip(QUESTIONS, (0.87, 0.75, 0.42), strict=True):
                    bra = sum(rng.random() < good for _ in range(size))
                    counts += cells(WEEK.shifted(-back), question, bra, size - bra, 0, unit=unit)
        found = digest(counts)
        changes = [each.change for each in found.questions]
        changes += [cell.change for each in found.groups for row in each.rows for cell in row.cells]
        alarms += any(change.direction in (Direction.BETTER, Direction.WORSE) for change in changes)
    assert alarms / 200 <= 0.10
