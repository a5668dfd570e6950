"""The digest as one picture: per question this week's shares, and the share of bra week by week."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import resvg_py
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from delivery.digest_html import COLOURS, TEMPLATES
from delivery.page import QuestionPart
from delivery.paging import page
from models.digest import Cell, Change, Digest, Figures, QuestionFigures
from models.texts import Texts
from survey.wording import Phrases, percent

#: Named one by one: where a font is missing, resvg draws blank text without an error.
FONTS = tuple(Path(__file__).parent / "fonts" / name for name in ("OpenSans-Regular.ttf", "OpenSans-Bold.ttf"))

WIDTH, LEFT, RIGHT = 1000, 40, 960
PLOT_RIGHT = 890  #: right of it stand the axis labels
TOP, BAR_PANEL, PLOT_PANEL = 120, 130, 290
PLOT_TOP, PLOT_BOTTOM = 132, 236


@dataclass(frozen=True, slots=True)
class Block:
    x: float
    width: float
    colour: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One week: its share of bra and the interval around it."""

    x: float
    y: float
    low: float
    high: float
    recent: bool


@dataclass(frozen=True, slots=True)
class Level:
    """The share of bra over several weeks together."""

    start: float
    end: float
    y: float
    recent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One question, in pixels from the panel's top."""

    top: int
    name: str
    share: str
    legend: str
    bars: tuple[Block, ...]
    interval: tuple[float, float] | None
    grid: tuple[tuple[float, str], ...]
    target: float | None
    dots: tuple[Dot, ...]
    levels: tuple[Level, ...]
    first_week: str
    last_week: str
    note: str


def chart_png(digest: Digest, texts: Texts) -> bytes:
    """The chart, 1000 pixels wide, as PNG."""
    return drawn(chart_svg(digest, texts))


def chart_svg(digest: Digest, texts: Texts) -> str:
    said = page(digest, texts)
    say = Phrases(texts)
    panels: list[Panel] = []
    bottom = TOP
    for question, part in zip(() if digest.nothing else digest.questions, said.questions, strict=True):
        panels.append(_panel(bottom, question, part, digest, say))
        bottom += PLOT_PANEL if panels[-1].dots else BAR_PANEL
    values = {"weeks": digest.recent_weeks, "base_weeks": digest.base_weeks}
    key = [say("chart.interval"), say("chart.plot", **values)] if any(panel.dots for panel in panels) else said.lines
    return _template().render(
        page=said,
        panels=panels,
        width=WIDTH,
        height=bottom + 26 * len(key) + 20,
        key=key,
        left=LEFT,
        right=RIGHT,
        plot_right=PLOT_RIGHT,
        middle=(LEFT + PLOT_RIGHT) / 2,
    )


def drawn(svg: str) -> bytes:
    """An SVG as PNG, with our fonts and no others, so that it looks the same on every machine."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        skip_system_fonts=True,
        font_files=[str(font) for font in FONTS],
        font_family="Open Sans",
        sans_serif_family="Open Sans",
    )


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("chart.svg.j2")


def _panel(top: int, question: QuestionFigures, part: QuestionPart, digest: Digest, say: Phrases) -> Panel:
    week = question.week
    share = f"{part.bars[0].share} {part.bars[0].label} ({say('chart.answers', n=part.n)})" if part.bars else ""
    legend = "  ·  ".join(f"{bar.share} {bar.label}" for bar in part.bars) or part.missing
    xs = _week_positions(len(question.trend))
    return Panel(
        top=top,
        name=part.name,
        share=share,
        legend=legend,
        bars=_bars(week),
        interval=_interval(week),
        grid=tuple((_y(value), say.percent(percent(value))) for value in (0.0, 0.5, 1.0)),
        target=_y(question.target.share) if question.target else None,
        dots=_dots(question, xs, digest.recent_weeks),
        levels=_levels(question.change, xs, digest.recent_weeks),
        first_week=say("week_short", week=question.trend[0].week.week) if question.trend else "",
        last_week=say("week_short", week=digest.week.week),
        note=say("chart.target", target=percent(question.target.share)) if question.target else "",
    )


def _dots(question: QuestionFigures, xs: list[float], recent_weeks: int) -> tuple[Dot, ...]:
    """The weeks that have figures; none when it is only this one, which the bar shows already."""
    dots = []
    for at, (x, point) in enumerate(zip(xs, question.trend, strict=True)):
        if isinstance(point.cell, Figures):
            bounds = point.cell.bra_interval
            recent = len(xs) - at <= recent_weeks
            dots.append(Dot(x, _y(point.cell.bra / point.cell.n), _y(bounds.low), _y(bounds.high), recent))
    return tuple(dots) if len(dots) > 1 else ()


def _bars(cell: Cell) -> tuple[Block, ...]:
    if not isinstance(cell, Figures):
        return ()
    blocks, x = [], float(LEFT)
    for rating, count in (("bra", cell.bra), ("ok", cell.ok), ("dåligt", cell.daligt)):
        width = (RIGHT - LEFT) * count / cell.n
        blocks.append(Block(x, max(0.0, width - 3), COLOURS[rating]))
        x += width
    return tuple(blocks)


def _interval(cell: Cell) -> tuple[float, float] | None:
    if not isinstance(cell, Figures):
        return None
    bounds = cell.bra_interval
    return LEFT + (RIGHT - LEFT) * bounds.low, LEFT + (RIGHT - LEFT) * bounds.high


def _levels(change: Change, xs: list[float], recent_weeks: int) -> tuple[Level, ...]:
    """What is compared: the recent weeks together, and those before them together (as many as are drawn)."""
    split = max(0, len(xs) - recent_weeks)
    levels = []
    for cell, part, recent in ((change.base, xs[:split], False), (change.recent, xs[split:], True)):
        if isinstance(cell, Figures) and isinstance(change.base, Figures) and part:
            levels.append(Level(part[0] - 10, part[-1] + 10, _y(cell.bra / cell.n), recent))
    return tuple(levels)


def _week_positions(weeks: int) -> list[float]:
    step = (PLOT_RIGHT - LEFT - 40) / max(1, weeks - 1)
    return [PLOT_RIGHT - 20 - step * back for back in range(weeks - 1, -1, -1)]


def _y(share: float) -> float:
    return PLOT_BOTTOM - (PLOT_BOTTOM - PLOT_TOP) * share
