"""What `GET /api/results` takes and answers. Figures are spelled as in `digest --json`."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from models.counts import IsoWeek
from models.digest import Against, CannotSay, Cell, Change, Dimension, Direction, Figures, Interval, Why
from models.rating import Rating
from survey.periods import Span
from survey.results import Compared, QuestionResult, ResultTable
from web.api_shapes import Shape

_DAY_OR_WEEK = r"^(19[7-9][0-9]|2[0-9]{3})-(W(0[1-9]|[1-4][0-9]|5[0-3])|(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))$"
_PERIOD = "a date or an ISO week, 2026-11-21 or 2026-W47; a week belongs to the period that its Thursday is in"


def day_or_week(text: str) -> date | IsoWeek:
    """Raises ValueError saying what would be right."""
    expected = "write a day or an ISO week, 2026-11-21 or 2026-W47"
    if not re.fullmatch(_DAY_OR_WEEK, text, re.ASCII):
        raise ValueError(expected)
    try:
        return IsoWeek.parse(text) if "W" in text else date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no such day or week; {expected}") from None


def _read(text: str) -> str:
    day_or_week(text)
    return text


First = Annotated[
    str, AfterValidator(_read), Field(json_schema_extra={"pattern": _DAY_OR_WEEK, "format": "first-day-or-week"})
]
Last = Annotated[
    str, AfterValidator(_read), Field(json_schema_extra={"pattern": _DAY_OR_WEEK, "format": "last-day-or-week"})
]
Name = Annotated[str, Field(max_length=200)]


class ResultsQuery(Shape):
    """The parameters of the query."""

    first: First = Field(alias="from", description=_PERIOD)
    last: Last = Field(alias="to", description=_PERIOD)
    unit: list[Name] = Field(default=[], max_length=10, description="only these; give it once for each")
    group_by: Dimension | None = Field(default=None, description="figures of each group too")
    customer_type: Literal["medborgare", "företag", ""] | None = Field(
        default=None, description='only these; "" is those that the case system gave none for'
    )
    channel: Name | None = Field(default=None, description='only cases that came in so; "" is those without')


class Weeks(Shape):
    """Whole ISO weeks, both ends included."""

    first_week: str
    last_week: str
    first_day: date
    last_day: date


class ShownFigures(Shape):
    """The answers to one question."""

    hidden: None
    n: int = Field(ge=1, description="how many answered; every share is of these")
    counts: dict[Rating, int]
    percent: dict[Rating, int] = Field(description="whole, each rounded on its own")
    bra_interval: tuple[float, float] = Field(description="95 % confidence, 0..1")
    daligt_interval: tuple[float, float] = Field(description="95 % confidence, 0..1")


class HiddenFigures(Shape):
    """No figures: nothing was answered, or they would give away what a few said."""

    hidden: Why
    minimum: int = Field(description="how many answers such a group needs")


Given = ShownFigures | HiddenFigures


class GivenChange(Shape):
    """Has the share of bra changed? `recent` against `base`, at most so sure as `p` says."""

    direction: Direction
    reason: CannotSay | None = Field(description="why nothing can be said; null otherwise")
    recent: Given
    base: Given
    base_weeks: Weeks
    p: float | None


class GivenTarget(Shape):
    share: float
    result: Against | None


class TrendPoint(Shape):
    weeks: Weeks
    figures: Given


class QuestionFigures(Shape):
    question: str
    figures: Given = Field(description="of the weeks asked for")
    change: GivenChange
    target: GivenTarget | None
    trend: list[TrendPoint] = Field(description="weeks, or months where weeks are too small; oldest first")


class GroupFigures(Shape):
    question: str
    change: GivenChange = Field(description="recent are the group's figures")


class Group(Shape):
    name: str = Field(description='as the case system has it; "": it gave none')
    questions: list[GroupFigures]


class AskedResults(Shape):
    weeks: Weeks = Field(description="what was asked for, in whole weeks that are over")
    recent: Weeks = Field(description="what changes and groups are about: the same, or the digest's if that is longer")
    questions: list[QuestionFigures]
    group_by: Dimension | None
    groups: list[Group] = Field(description="in alphabetical order; none where none may be shown")
    hidden_groups: bool = Field(description="some group isn't shown, to protect somebody")


def weeks_from(span: Span) -> Weeks:
    first, last = span.first, span.last
    return Weeks(first_week=str(first), last_week=str(last), first_day=first.monday, last_day=last.sunday)


def cell_from(cell: Cell) -> Given:
    if not isinstance(cell, Figures):
        return HiddenFigures(hidden=cell.why, minimum=cell.minimum)
    return ShownFigures(
        hidden=None,
        n=cell.n,
        counts={rating: cell.count(rating) for rating in Rating},
        percent={rating: cell.percent(rating) for rating in Rating},
        bra_interval=_ends(cell.bra_interval),
        daligt_interval=_ends(cell.daligt_interval),
    )


def _ends(interval: Interval) -> tuple[float, float]:
    return round(interval.low, 4), round(interval.high, 4)


def question_from(result: QuestionResult) -> QuestionFigures:
    target = result.target
    return QuestionFigures(
        question=result.question,
        figures=cell_from(result.cell),
        change=_change_from(result.compared),
        target=GivenTarget(share=target.share, result=target.result) if target else None,
        trend=[TrendPoint(weeks=weeks_from(each.span), figures=cell_from(each.cell)) for each in result.trend],
    )


def groups_from(tables: tuple[ResultTable, ...]) -> list[Group]:
    return [
        Group(
            name=row.name,
            questions=[GroupFigures(question=each.question, change=_change_from(each)) for each in row.cells],
        )
        for table in tables
        for row in table.rows
    ]


def _change_from(compared: Compared) -> GivenChange:
    change: Change = compared.change
    return GivenChange(
        direction=change.direction,
        reason=change.reason,
        recent=cell_from(change.recent),
        base=cell_from(change.base),
        base_weeks=weeks_from(compared.base),
        p=change.p,
    )
