"""What a chart's ends and its sentence say."""

from models.counts import IsoWeek
from models.digest import Figures, Hidden, Why
from omdome.texts import load_texts
from survey.figures import figures
from survey.periods import Kind, span_of
from survey.results import TrendCell
from web.report_chart import Chart, chart_of
from web.report_words import Words

NEWEST = IsoWeek(2026, 46)


def drawn(kind: Kind, weeks: list[IsoWeek], tallies: list[tuple[int, int, int] | None]) -> Chart:
    cells = [figures(tally) if tally else Hidden(Why.PROTECTED, 7) for tally in tallies]
    trend = [TrendCell(span_of(kind, week), cell) for week, cell in zip(weeks, cells, strict=True)]
    assert all(isinstance(each, Figures | Hidden) for each in cells)
    return chart_of(trend, frozenset(), None, Words(load_texts("sv"), NEWEST))


def plain(chart: Chart) -> str:
    return chart.summary.replace("\N{NO-BREAK SPACE}", " ")


def test_by_weeks() -> None:
    chart = drawn(Kind.WEEK, [IsoWeek(2026, week) for week in (44, 45, 46)], [(9, 1, 0), (5, 4, 1), (8, 2, 0)])
    assert (chart.first, chart.last) == ("v. 44", "v. 46")
    assert plain(chart) == "3 veckor. Lägst 50 % (v. 45), högst 90 % (v. 44), senast 80 % (v. 46)."


def test_weeks_of_two_years_have_their_year() -> None:
    chart = drawn(Kind.WEEK, [IsoWeek(2025, 46), IsoWeek(2026, 46)], [(9, 1, 0), (5, 4, 1)])
    assert (chart.first, chart.last) == ("v. 46 2025", "v. 46 2026")


def test_by_months_which_is_told() -> None:
    chart = drawn(Kind.MONTH, [IsoWeek(2025, 42), IsoWeek(2026, 42)], [(9, 1, 0), (5, 4, 1)])
    assert (chart.first, chart.last) == ("okt. 2025", "okt. 2026")
    assert plain(chart) == (
        "2 månader. Lägst 50 % (okt. 2026), högst 90 % (okt. 2025), senast 50 % (okt. 2026). "
        "En prick per månad: veckorna har för få svar."
    )


def test_a_single_one_is_no_series() -> None:
    chart = drawn(Kind.WEEK, [IsoWeek(2026, 45), IsoWeek(2026, 46)], [None, (9, 1, 0)])
    assert chart.dots == ()
    assert plain(chart) == "Bara v. 46 har siffror att visa: 90 %."
