"""An attacker who may ask for any weeks, any groups and any two groups crossed, and puts all the answers together.

He knows every figure that can be shown, that counts are not negative, and what adds up to what. For what is hidden he
asks linear programming for the least and the most that it can be.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import linprog

from models.counts import AnswerCount, IsoWeek
from models.digest import DigestPolicy, Dimension, Figures, Hidden, Why
from models.rating import Rating
from models.survey import Channel
from survey.periods import Span, cover
from survey.results import Chosen, results
from survey.shown import YearShown, key_of

POLICY = DigestPolicy(organisation="", questions=("leverans",), recent_weeks=1, base_weeks=1, trend_weeks=1)
UNITS = {"Gata": "Teknik", "Park": "Teknik", "Lov": "Bygg", "Kök": "Bildning"}  # unit: department
TYPES = ("företag", "medborgare")
WAYS = ("telefon", "e-post")
WEEKS = [IsoWeek(2026, 36).shifted(forth) for forth in range(10)]  # September, October, and November's first week
ATOMS = list(product(WEEKS, UNITS, TYPES, WAYS))
Group = tuple[Dimension, str]
GROUPS: list[Group] = [
    *((Dimension.UNIT, name) for name in UNITS),
    *((Dimension.CUSTOMER_TYPE, name) for name in TYPES),
    *((Dimension.INTAKE_CHANNEL, name) for name in WAYS),
]
CROSSED: list[tuple[Group, ...]] = [
    (),
    *((group,) for group in GROUPS),
    *(each for each in combinations(GROUPS, 2) if each[0][0] is not each[1][0]),
]


@dataclass(frozen=True)
class World:
    """Invented answers: `counts` are bra, ok and dåligt of each atom; `newest` is the last week that is over."""

    counts: np.ndarray
    newest: IsoWeek

    def cells(self) -> list[AnswerCount]:
        return [
            AnswerCount(
                week=week,
                department=UNITS[unit],
                unit=unit,
                customer_type=kind,
                intake_channel=way,
                channel=Channel.CHAT,
                question="leverans",
                rating=rating,
                count=int(count),
            )
            for (week, unit, kind, way), row in zip(ATOMS, self.counts, strict=True)
            for rating, count in zip(Rating, row, strict=True)
            if count
        ]


def some_world(seed: int) -> World:
    """Units, customers and ways of very different size, in quiet and busy weeks."""
    rng = random.Random(seed)
    size = {name: rng.choice([0.2, 0.5, 1, 2] if seed % 2 else [0.4, 1, 2, 3]) for name in (*UNITS, *TYPES, *WAYS)}
    busy = {week: rng.choice([0.3, 1, 1, 1, 2]) for week in WEEKS}
    opinions = rng.choice([(6, 2, 1), (1, 1, 1), (5, 0, 1), (3, 3, 1)])
    counts = []
    for week, unit, kind, way in ATOMS:
        expected = busy[week] * size[unit] * size[kind] * size[way]
        counts.append([round(rng.random() * expected * weight / sum(opinions) * 1.5) for weight in opinions])
    return World(np.array(counts), WEEKS[rng.choice([4, 7, 8, 9])])


def row_of(span: Span, groups: Sequence[Group]) -> np.ndarray:
    wanted = dict(groups)

    def inside(week: IsoWeek, unit: str, kind: str, way: str) -> bool:
        own = {Dimension.UNIT: unit, Dimension.CUSTOMER_TYPE: kind, Dimension.INTAKE_CHANNEL: way}
        return span.first <= week <= span.last and all(own[each] == name for each, name in wanted.items())

    return np.array([float(inside(*atom)) for atom in ATOMS])


def asked(world: World, cells: list[AnswerCount], span: Span, groups: Sequence[Group]) -> Figures | Hidden:
    """What a reader gets who chooses this, through the front door."""
    wanted = dict(groups)
    unit = wanted.get(Dimension.UNIT)
    chosen = Chosen(
        first=span.first,
        last=span.last,
        units=(unit,) if unit else (),
        customer_type=wanted.get(Dimension.CUSTOMER_TYPE),
        channel=wanted.get(Dimension.INTAKE_CHANNEL),
    )
    return results(cells, chosen, POLICY, world.newest).questions[0].cell


Asked = tuple[Span, tuple[Group, ...]]


def all_that_can_be_asked(world: World) -> tuple[dict[Asked, bool], list[Asked]]:
    """Each choice, and whether it is shown; and those of single periods, which any other weeks are sums of."""
    year = YearShown(world.cells(), POLICY, world.newest)
    spans = [Span(first, last) for first in WEEKS for last in WEEKS if first <= last <= world.newest]
    asked = [(span, groups) for span in spans for groups in CROSSED]
    shown = {
        each: not any(year.hides(groups, part) for part in cover(span)) for each in asked for span, groups in [each]
    }
    return shown, [each for each in asked if len(cover(each[0])) == 1]


def bounds(row: np.ndarray, equations: np.ndarray, sums: np.ndarray) -> tuple[float, float]:
    least, most = (linprog(sign * row, A_eq=equations, b_eq=sums, method="highs") for sign in (1, -1))
    assert least.status == 0, least.message
    return least.fun, (-most.fun if most.status == 0 else np.inf)  # 3: unbounded


@pytest.mark.parametrize("seed", [3, 10, 101])
def test_no_choice_of_figures_gives_away_a_small_group(seed: int) -> None:
    """Neither how many answers a small group has, nor that all of them said the same.

    But for what is said of all parts of a larger group: where that is shown and nobody in it said dåligt, nobody in any
    part of it did, nor in any week.
    """
    world = some_world(seed)
    asked, periods = all_that_can_be_asked(world)
    tallies = {each: row_of(*each) @ world.counts for each in periods}
    shown = [each for each in periods if asked[each]]
    equations = np.array([row_of(*each) for each in shown])
    sums = np.array([tallies[each] for each in shown])
    small = []
    for each in periods:
        n = tallies[each].sum()
        wider = [tallies[group] for group in _wider(*each) if asked[group]]
        # if all of a group that is shown are of the smaller one, the two are the same answers
        if 0 < n < POLICY.min_group and not any(group.sum() == n for group in wider):
            assert not asked[each]
            small.append(each)
    random.Random(seed).shuffle(small)
    told = 0
    for each in small[:15]:
        least, most = bounds(row_of(*each), equations, sums.sum(axis=1))
        assert most - least >= 1, f"{each}: he knows that there are {least} answers"
        open_to_him = 0
        for column in range(3):
            least, most = bounds(row_of(*each), equations, sums[:, column])
            open_to_him += most - least >= 1
        holders = [tallies[other] for other in shown if (row_of(*other) >= row_of(*each)).all()]
        told += open_to_him < min(2, sum(all(said[column] for said in holders) for column in range(3)))
    assert told == 0
    assert len(shown) > 20, "and there is something to see"


@pytest.mark.parametrize("seed", [3, 10])
def test_readers_get_what_the_attacker_was_given(seed: int) -> None:
    world = some_world(seed)
    cells = world.cells()
    shown, _ = all_that_can_be_asked(world)
    for each in random.Random(seed).sample(list(shown), 40):
        cell, n = asked(world, cells, *each), (row_of(*each) @ world.counts).sum()
        assert (isinstance(cell, Hidden) and cell.why is Why.PROTECTED) is not shown[each]
        assert n == (cell.n if isinstance(cell, Figures) else n)


def _wider(span: Span, groups: tuple[Group, ...]) -> list[Asked]:
    return [(span, tuple(group for group in groups if group != left)) for left in groups]


def test_an_attacker_finds_what_only_being_small_would_hide() -> None:
    """The same attack, where every cell of 7 is shown and no more is thought of: so the test above can fail."""
    world = some_world(10)
    sizes = {each: row_of(*each) @ world.counts for each in all_that_can_be_asked(world)[0]}
    shown = {each: said for each, said in sizes.items() if said.sum() >= POLICY.min_group}
    equations, sums = np.array([row_of(*each) for each in shown]), np.array([each.sum() for each in shown.values()])
    small = [each for each, said in sizes.items() if 0 < said.sum() < POLICY.min_group]
    found = [most - least < 1 for least, most in (bounds(row_of(*each), equations, sums) for each in small[:6])]
    assert any(found)


def test_departments_are_crossed_with_nothing() -> None:
    assert key_of([(Dimension.DEPARTMENT, "Teknik")]) == ((Dimension.DEPARTMENT, "Teknik"),)
    assert key_of([(Dimension.DEPARTMENT, "Teknik"), (Dimension.CUSTOMER_TYPE, "företag")]) is None


def week_of(sizes: dict[str, int], week: IsoWeek) -> list[AnswerCount]:
    """So many answers of each unit, of all three kinds."""
    return [
        AnswerCount(
            week=week,
            department="",
            unit=unit,
            customer_type="",
            intake_channel="",
            channel=Channel.CHAT,
            question="leverans",
            rating=rating,
            count=size - 2 if rating is Rating.BRA else 1,
        )
        for unit, size in sizes.items()
        for rating in Rating
    ]


def n_of(cells: list[AnswerCount], first: int, last: int, newest: int, unit: str = "") -> int | None:
    chosen = Chosen(first=IsoWeek(2026, first), last=IsoWeek(2026, last), units=(unit,) if unit else ())
    cell = results(cells, chosen, POLICY, IsoWeek(2026, newest)).questions[0].cell
    return cell.n if isinstance(cell, Figures) else None


def test_periods_that_differ_by_one_week_cannot_be_subtracted() -> None:
    """Spår has 12 answers but in week 43, where it has 3: no two periods of Spår's differ by that week."""
    cells = []
    for number in range(40, 45):
        cells += week_of({"Gata": 20, "Park": 15, "Spår": 3 if number == 43 else 12}, IsoWeek(2026, number))
    assert n_of(cells, 40, 44, 44, "Spår") == 51, "October"
    assert [n_of(cells, number, number, 44, "Spår") for number in range(40, 45)] == [None] * 5
    assert n_of(cells, 40, 42, 44, "Spår") is None
    assert n_of(cells, 40, 43, 44, "Spår") is None
    assert n_of(cells, 43, 43, 44, "Park") is None, "the whole less Gata less Park would be Spår"
    assert n_of(cells, 43, 43, 44, "Gata") == 20


def test_a_months_hidden_week_is_not_the_month_less_the_others() -> None:
    cells = []
    for number in range(40, 45):
        cells += week_of({"Gata": 4 if number == 42 else 20}, IsoWeek(2026, number))
    shown = [n_of(cells, number, number, 44) for number in range(40, 45)]
    assert shown[2] is None
    assert shown.count(None) == 2, "another week with it"
    assert n_of(cells, 40, 44, 44) == 84
