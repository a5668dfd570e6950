"""Figures of what a reader chooses: the digest's own where the choice is the digest's."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime

from models.counts import AnswerCount, IsoWeek
from models.digest import CannotSay, DigestPolicy, Dimension, Direction, Figures, Hidden, Why
from models.rating import Rating
from models.survey import Channel
from survey.digest import Copy, Material, compose
from survey.periods import Kind, Span, span_of
from survey.redaction import Markers
from survey.results import Chosen, Results, results, weeks_needed

WEEK = IsoWeek(2026, 48)  # November's last
MONTH = span_of(Kind.MONTH, WEEK)
POLICY = DigestPolicy(organisation="", questions=("bemotande", "leverans"), targets={"leverans": 0.7})
SIZES = {"Gata": 30, "Park": 20, "Spår": 12, "Hamn": 2}  #: answers a week


def answers(
    week: IsoWeek, bra: int, ok: int = 0, daligt: int = 0, *, unit: str = "Gata", question: str = "leverans", **of: str
) -> list[AnswerCount]:
    groups = {"department": "", "customer_type": "medborgare", "intake_channel": "telefon"} | of
    return [
        AnswerCount(week=week, unit=unit, channel=Channel.WEB, question=question, rating=rating, count=count, **groups)
        for rating, count in zip(Rating, (bra, ok, daligt), strict=True)
        if count
    ]


def two_years(worse_from: IsoWeek | None = None) -> list[AnswerCount]:
    rng = random.Random(7)
    counts = []
    for back in range(104):
        week = WEEK.shifted(-back)
        for question in POLICY.questions:
            for unit, size in SIZES.items():
                share = 0.35 if worse_from and week >= worse_from and unit == "Park" else 0.7
                bra = sum(rng.random() < share for _ in range(size))
                for way, part in (("telefon", bra // 2), ("e-post", bra - bra // 2)):
                    counts += answers(week, part, unit=unit, question=question, intake_channel=way)
                counts += answers(
                    week, 0, (size - bra) // 2, size - bra - (size - bra) // 2, unit=unit, question=question
                )
    return counts


COUNTS = two_years()


def asked(counts: Sequence[AnswerCount] = COUNTS, group_by: Sequence[Dimension] = (), **chosen: object) -> Results:
    wanted = Chosen(**({"first": WEEK, "last": WEEK} | chosen))  # type: ignore[arg-type]
    return results(counts, wanted, POLICY, WEEK, group_by)


def n(result: object) -> int | None:
    return result.n if isinstance(result, Figures) else None


def test_a_weeks_figures_changes_targets_and_trend_are_the_digests() -> None:
    counts = two_years(worse_from=WEEK.shifted(-3))
    copy = Copy(markers=Markers("", "", ""))
    digest = compose(Material(counts=counts), copy, POLICY, WEEK, datetime(2026, 11, 30, tzinfo=UTC))
    found = asked(counts, tuple(Dimension))
    for ours, digests in zip(found.questions, digest.questions, strict=True):
        assert ours.cell == digests.week
        assert ours.compared.change == digests.change
        assert ours.target == digests.target
        assert [point.cell for point in ours.trend] == [point.cell for point in digests.trend]
    [units] = [table for table in digest.groups if table.dimension is Dimension.UNIT]
    [ours] = [table for table in found.tables if table.dimension is Dimension.UNIT]
    park = next(row for row in ours.rows if row.name == "Park")
    theirs = next(row for row in units.rows if row.name == "Park")
    assert [cell.change.recent for cell in park.cells] == [cell.recent for cell in theirs.cells]
    assert park.cells[1].change.direction is Direction.WORSE


def test_small_units_are_shown_by_the_month_not_by_the_week() -> None:
    assert n(asked(units=("hamn",)).questions[0].cell) is None
    month = asked(group_by=[Dimension.UNIT], first=MONTH.first)
    assert [(row.name, n(row.cells[0].change.recent)) for row in month.tables[0].rows] == [
        ("Gata", 120), ("Hamn", 8), ("Park", 80), ("Spår", 48),
    ]  # fmt: skip
    assert n(asked(first=MONTH.first, units=("hamn",)).questions[0].cell) == 8
    assert len(asked(first=MONTH.first, units=("hamn",)).questions[0].trend) == 13, "by months"


def test_other_weeks_of_a_small_unit_could_be_subtracted_and_are_hidden() -> None:
    assert n(asked(first=MONTH.first.shifted(-1), units=("Hamn",)).questions[0].cell) is None
    assert n(asked(first=MONTH.first.shifted(-1), units=("Gata",)).questions[0].cell) == 150


def test_two_groups_may_be_crossed_and_three_not() -> None:
    assert n(asked(first=MONTH.first, units=("Gata",), channel="telefon").questions[0].cell) is not None
    three = asked(first=MONTH.first, units=("Gata",), channel="telefon", customer_type="medborgare")
    assert three.chosen.groups == 3
    assert three.questions[0].cell == Hidden(Why.PROTECTED, 7)


def test_several_units_together_are_shown_if_each_is() -> None:
    assert n(asked(first=MONTH.first, units=("Gata", "Hamn")).questions[0].cell) == 128
    assert n(asked(units=("Gata", "Hamn")).questions[0].cell) is None


def test_a_longer_period_is_compared_with_as_many_weeks_before() -> None:
    half = span_of(Kind.HALF, IsoWeek(2026, 1))
    found = asked(first=half.first, last=half.last)
    assert found.recent == Span(half.first, half.last)
    assert found.questions[0].compared.base.weeks == 26
    year = asked(first=WEEK.shifted(-51))
    assert year.questions[0].compared.base.weeks == 52


def test_a_small_groups_base_is_the_whole_months_in_it() -> None:
    weekly = asked(first=MONTH.first, units=("Hamn",)).questions[0].compared
    assert weekly.base == Span(IsoWeek(2026, 19), IsoWeek(2026, 44)), "here the 26 weeks are whole months"
    may = asked(first=IsoWeek(2026, 19), last=IsoWeek(2026, 22), units=("Hamn",)).questions[0].compared
    assert may.base == Span(IsoWeek(2025, 45), IsoWeek(2026, 18)), "week 44 of 2025 is October's, and too small"
    assert isinstance(may.change.base, Figures)


def test_the_week_under_way_counts_nowhere() -> None:
    growing = [*COUNTS, *answers(WEEK.shifted(1), 50)]
    assert asked(growing, first=WEEK, last=WEEK.shifted(3)) == asked()
    assert asked(growing, first=WEEK.shifted(1), last=WEEK.shifted(2)) == asked()


def test_nothing_is_told_of_what_there_is_nothing_of() -> None:
    nothing = asked([])
    assert nothing.questions[0].cell == Hidden(Why.NOTHING, 7)
    assert nothing.questions[0].compared.change.reason is CannotSay.NO_HISTORY
    assert nothing.tables == ()
    nobody = asked(units=("Nirgends",), first=MONTH.first).questions[0].cell
    assert nobody == Hidden(Why.NOTHING, 7)


def test_the_counts_that_are_needed_are_whole_years_up_to_the_last_week() -> None:
    chosen = Chosen(first=IsoWeek(2026, 3), last=WEEK)
    assert weeks_needed(chosen, POLICY, WEEK) == (IsoWeek(2025, 1), WEEK)
    last_year = Chosen(first=IsoWeek(2025, 3), last=IsoWeek(2025, 6))
    assert weeks_needed(last_year, POLICY, WEEK) == (IsoWeek(2023, 1), IsoWeek(2025, 52))
    first, last = weeks_needed(chosen, POLICY, WEEK)
    needed = [each for each in COUNTS if first <= each.week <= last]
    assert results(needed, chosen, POLICY, WEEK, tuple(Dimension)) == results(
        COUNTS, chosen, POLICY, WEEK, tuple(Dimension)
    )


def test_businesses_need_ten() -> None:
    counts = [
        each
        for back in range(4)
        for each in (
            *answers(WEEK.shifted(-back), 2, customer_type="företag"),
            *answers(WEEK.shifted(-back), 10, 5, 5),
            *answers(WEEK.shifted(-back), 10, 5, 5, customer_type=""),
        )
    ]
    found = asked(counts, first=MONTH.first, customer_type="företag")
    assert found.questions[1].cell == Hidden(Why.PROTECTED, 10)
    one_more = [*counts, *answers(WEEK, 0, 1, 1, customer_type="företag")]
    assert n(asked(one_more, first=MONTH.first, customer_type="företag").questions[1].cell) == 10
