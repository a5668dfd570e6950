"""Which groups are hidden, and an attacker with everything shown who tries to compute what is not.

The attacker (scipy's linear programming) knows every shown figure of one digest, that counts are not negative, and
which cells hang together. For each hidden cell he asks for the least and the most it can be.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from models.counts import AnswerCount, IsoWeek
from models.digest import DigestPolicy, Dimension, Figures, Hidden, Why
from models.rating import Rating
from models.survey import Channel
from survey.figures import GroupCells, ScopeCells, all_group_cells, scope_cells
from survey.suppression import Tally, hidden_groups
from survey.tallies import NONE, Period, tally, weeks_looked_at


def hidden(*tallies: Tally, least: int = 7, spare: Sequence[int] = ()) -> set[int] | None:
    return hidden_groups(tallies, [least] * len(tallies), spare)


def test_nobody_is_hidden_when_all_are_large() -> None:
    assert hidden((5, 1, 1), (6, 2, 0), (0, 0, 0)) == set()


def test_a_small_group_takes_the_smallest_of_the_others_with_it() -> None:
    """Norrköping 2015: two answers about Spår; without Park Natur's being hidden too, subtraction would give them."""
    gata, park, spar = (38, 4, 2), (12, 2, 0), (2, 0, 0)
    assert hidden(gata, park, spar) == {1, 2}


def test_two_small_groups_hide_each_other_if_they_are_large_enough_together() -> None:
    assert hidden((3, 1, 0), (2, 1, 1), (20, 3, 3)) == {0, 1}
    assert hidden((1, 0, 0), (1, 1, 0), (20, 3, 3), (30, 3, 3)) == {0, 1, 2}


def test_groups_without_answers_are_hidden_along() -> None:
    assert hidden((0, 0, 0), (3, 0, 1), (9, 1, 1), (20, 2, 2)) == {0, 1, 2}


def test_hidden_groups_that_all_said_the_same_would_tell_so() -> None:
    assert hidden((0, 0, 4), (0, 0, 5), (9, 1, 1), (20, 2, 2)) == {0, 1, 2}


def test_what_cannot_be_protected_is_said() -> None:
    assert hidden((5, 0, 0)) is None
    assert hidden((3, 0, 0), (2, 1, 0)) is None
    assert hidden((3, 0, 0), (40, 5, 5), spare=(1,)) is None


TALLIES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=8)


@given(TALLIES, st.lists(st.sampled_from([7, 10]), min_size=8, max_size=8))
def test_hidden_groups_come_together_and_are_enough_together(tallies: list[Tally], minimums: list[int]) -> None:
    minimums = minimums[: len(tallies)]
    found = hidden_groups(tallies, minimums)
    small = {at for at, each in enumerate(tallies) if 0 < sum(each) < minimums[at]}
    if found is None:
        assert small
        return
    assert small <= found
    if found:
        answering = [at for at in found if sum(tallies[at])]
        assert len(answering) >= 2
        assert sum(sum(tallies[at]) for at in answering) >= max(minimums[at] for at in answering)


# --- the attacker -------------------------------------------------------------------------------------------------

WEEK = IsoWeek(2026, 47)
POLICY = DigestPolicy(organisation="", questions=("bemotande",), recent_weeks=2, base_weeks=2, trend_weeks=4)
UNITS = {"Gata": "Teknik", "Park": "Teknik", "Lov": "Bygg", "Skola": "Bildning", "Kök": "Bildning"}  # unit: department
TYPES = ("företag", "medborgare")
WEEKS = weeks_looked_at(POLICY, WEEK)
ATOMS = list(product(WEEKS, UNITS, TYPES))
Atom = tuple[IsoWeek, str, str]


def some_counts(seed: int) -> list[int]:
    """Units and types of very different size, in quiet and busy weeks."""
    rng = random.Random(seed)
    size = {name: rng.choice([0, 0.2, 1, 3]) for name in (*UNITS, *TYPES, *WEEKS)}
    opinions = rng.choice([(6, 2, 1), (1, 0, 0), (1, 1, 1), (5, 0, 1)])
    counts = []
    for week, unit, kind in ATOMS:
        expected = size[week] * size[unit] * size[kind]
        counts += [round(rng.random() * expected * weight / sum(opinions) * 4) for weight in opinions]
    return counts


def cells_of(counts: Sequence[int]) -> list[AnswerCount]:
    return [
        AnswerCount(
            week=week,
            department=UNITS[unit],
            unit=unit,
            customer_type=kind,
            intake_channel="",
            channel=Channel.CHAT,
            question="bemotande",
            rating=rating,
            count=count,
        )
        for ((week, unit, kind), rating), count in zip(product(ATOMS, Rating), counts, strict=True)
        if count
    ]


def shown_and_hidden(scope: ScopeCells, tables: dict[Dimension, GroupCells]) -> Iterator[tuple[list[Atom], object]]:
    """Every cell of the digest with the atoms that it adds up."""
    span = {Period.BASE: WEEKS[:2], Period.RECENT: WEEKS[2:]}
    for week, cell in scope.trend:
        yield [atom for atom in ATOMS if atom[0] == week], cell
    for period, cell in scope.periods.items():
        yield [atom for atom in ATOMS if atom[0] in span[period]], cell
    for table in tables.values():
        for (_, name, period), cell in table.items():
            yield [atom for atom in ATOMS if atom[0] in span[period] and name in (*atom, UNITS[atom[1]])], cell


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**9))
@example(39)  # a department where all said the same told what its small unit said
def test_no_hidden_cell_can_be_computed(seed: int) -> None:
    """Nothing that is shown determines how many answers a hidden cell has, nor what they said.

    Of a cell's three ratings at most one may be known: that nobody in the hidden groups, or nobody at all, gave it.
    """
    counts = some_counts(seed)
    tallies = tally(cells_of(counts), POLICY, WEEK, ())
    scope = scope_cells(tallies, POLICY, WEEK, "bemotande")
    tables = all_group_cells(tallies, POLICY, {"bemotande": scope})
    at = {atom: place for place, atom in enumerate(ATOMS)}
    equations, results, targets = [], [], []
    for atoms, cell in shown_and_hidden(scope, tables):
        row = np.zeros(len(ATOMS))
        row[[at[atom] for atom in atoms]] = 1
        if isinstance(cell, Hidden) and cell.why is Why.PROTECTED:
            targets.append((atoms, row))
            continue
        equations.append(row)
        results.append((cell.bra, cell.ok, cell.daligt) if isinstance(cell, Figures) else NONE)
    for atoms, row in targets:
        unknown = [_slack(row, equations, [each[place] for each in results]) >= 1 for place in range(3)]
        assert _slack(row, equations, [sum(each) for each in results]) >= 1, atoms
        window = [atom for atom in ATOMS if (atom[0] in WEEKS[2:]) == (atoms[0][0] in WEEKS[2:])]
        given_at_all = sum(any(counts[3 * at[atom] + place] for atom in window) for place in range(3))
        assert sum(unknown) >= min(2, given_at_all), atoms


def _slack(row: np.ndarray, equations: list[np.ndarray], results: list[int]) -> float:
    """The most that the cell can be, less the least."""
    return -_extreme(-row, equations, results) - _extreme(row, equations, results)


def _extreme(goal: np.ndarray, equations: list[np.ndarray], results: list[int]) -> float:
    if not equations:
        return -1e9 if goal.min() < 0 else 0.0
    found = linprog(goal, A_eq=np.array(equations), b_eq=np.array(results), method="highs")
    if found.status == 3:  # unbounded: nothing is known
        return -1e9
    assert found.status == 0, found.message
    return float(found.fun)


def test_a_unit_hides_within_its_own_department() -> None:
    """Skola's department is shown; so Kök (3 answers) takes Skola along, though Park would be smaller."""
    sizes = {"Gata": 20, "Park": 8, "Lov": 9, "Skola": 15, "Kök": 3}
    counts = [
        (sizes[unit] - 1 if rating is Rating.BRA else rating is Rating.OK) if (week, kind) == (WEEK, TYPES[0]) else 0
        for (week, unit, kind), rating in product(ATOMS, Rating)
    ]
    tallies = tally(cells_of([int(count) for count in counts]), POLICY, WEEK, ())
    table = all_group_cells(tallies, POLICY, {"bemotande": scope_cells(tallies, POLICY, WEEK, "bemotande")})
    hidden_units = {
        unit for unit in UNITS if isinstance(table[Dimension.UNIT]["bemotande", unit, Period.RECENT], Hidden)
    }
    assert hidden_units == {"Skola", "Kök"}


def test_the_attacker_succeeds_where_only_the_small_are_hidden() -> None:
    """The same attack does find a single hidden group, so that the test above can fail."""
    equations = [np.array([1.0, 1.0, 1.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])]
    spar = np.array([0.0, 0.0, 1.0])
    assert _extreme(spar, equations, [60, 44, 14]) == pytest.approx(2)
    assert _slack(spar, equations, [60, 44, 14]) == pytest.approx(0)
