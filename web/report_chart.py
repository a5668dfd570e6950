"""The trend of one question as positions in an SVG: points of the share "bra", their intervals, and the target."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.digest import Figures
from models.rating import Rating
from survey.periods import Kind
from survey.results import TrendCell
from survey.wording import percent
from web.report_words import Words

_LEFT, _RIGHT, _TOP, _BOTTOM = 108, 632, 14, 200  #: the plot inside the template's 640 × 240


@dataclass(frozen=True, slots=True)
class Dot:
    """A week's or month's share, and the ends of its interval; `chosen`: it is in the period that was chosen."""

    x: float
    y: float
    low: float
    high: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table beside the chart."""

    period: str
    share: str
    interval: str
    n: str
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`summary` says in words what one sees; without two points there is no picture, `dots` are ()."""

    dots: tuple[Dot, ...]
    grid: tuple[tuple[float, str], ...]
    target: float | None
    first: str
    last: str
    summary: str
    lines: tuple[Line, ...]


def chart_of(trend: Sequence[TrendCell], chosen_weeks: frozenset[object], target: float | None, words: Words) -> Chart:
    """`chosen_weeks` are the weeks of the chosen period."""
    step = (_RIGHT - _LEFT - 24) / max(1, len(trend) - 1)
    dots = []
    for at, point in enumerate(trend):
        if isinstance(point.cell, Figures):
            bounds = point.cell.bra_interval
            share = point.cell.bra / point.cell.n
            chosen = point.span.last in chosen_weeks
            dots.append(Dot(round(_LEFT + 12 + at * step, 1), _y(share), _y(bounds.low), _y(bounds.high), chosen))
    return Chart(
        dots=tuple(dots) if len(dots) > 1 else (),
        grid=tuple((_y(share), words.digest.percent(round(share * 100))) for share in (0.0, 0.5, 1.0)),
        target=None if target is None else _y(target),
        first=_brief(trend[0], trend, words) if trend else "",
        last=_brief(trend[-1], trend, words) if trend else "",
        summary=_summary(trend, words),
        lines=tuple(_line(point, words) for point in trend),
    )


def _summary(trend: Sequence[TrendCell], words: Words) -> str:
    shown = [(point.cell.percent(Rating.BRA), point) for point in trend if isinstance(point.cell, Figures)]
    if not shown:
        return words("chart.nothing")
    (low, lowest), (high, highest) = min(shown, key=lambda each: each[0]), max(shown, key=lambda each: each[0])
    newest = shown[-1]
    by = "months" if newest[1].span.kind is Kind.MONTH else "weeks"
    return words(
        f"chart.summary_{by}" if len(shown) > 1 else "chart.summary_one",
        count=len(shown),
        low=words.digest.percent(low),
        low_period=_brief(lowest, trend, words),
        high=words.digest.percent(high),
        high_period=_brief(highest, trend, words),
        newest=words.digest.percent(newest[0]),
        newest_period=_brief(newest[1], trend, words),
    )


def _brief(point: TrendCell, trend: Sequence[TrendCell], words: Words) -> str:
    """ "v. 21", with the year where the trend has weeks of two."""
    return words.brief(point.span, year=trend[0].span.first.year != trend[-1].span.last.year)


def _line(point: TrendCell, words: Words) -> Line:
    period = words.choice(point.span)
    if not isinstance(point.cell, Figures):
        return Line(period, "", "", "", words.hidden(point.cell))
    bounds = point.cell.bra_interval
    interval = words("chart.between", low=percent(bounds.low), high=percent(bounds.high))
    return Line(
        period, words.digest.percent(point.cell.percent(Rating.BRA)), interval, words.digest.number(point.cell.n), ""
    )


def _y(share: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * share, 1)
