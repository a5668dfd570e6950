"""The figures against scipy and statsmodels, and the promises that no oracle gives."""

import random
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from survey.statistics import difference, discoveries, mid_p, wilson

SHARES = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_two_good_answers_of_two_say_little() -> None:
    interval = wilson(2, 2)
    assert interval.low == pytest.approx(0.342, abs=0.001)
    assert interval.high == 1.0


@given(SHARES)
def test_wilson_agrees_with_statsmodels(share: tuple[int, int]) -> None:
    interval = wilson(*share)
    assert (interval.low, interval.high) == pytest.approx(proportion_confint(*share, method="wilson"), abs=1e-12)
    assert 0 <= interval.low <= share[0] / share[1] <= interval.high <= 1


def test_wilson_holds_95_percent_on_average() -> None:
    """Coverage over 200 true shares at n = 20, computed and not drawn: near 95 %, never below 83 %."""
    covered = []
    for step in range(1, 200):
        true = step / 200
        covered.append(
            sum(_binomial(k, 20, true) for k in range(21) if wilson(k, 20).low <= true <= wilson(k, 20).high)
        )
    assert sum(covered) / len(covered) == pytest.approx(0.95, abs=0.01)
    assert min(covered) > 0.83


def _binomial(k: int, n: int, share: float) -> float:
    return comb(n, k) * share**k * (1 - share) ** (n - k)


@given(SHARES, SHARES)
def test_difference_agrees_with_statsmodels(now: tuple[int, int], before: tuple[int, int]) -> None:
    expected = confint_proportions_2indep(*now, *before, method="newcomb", compare="diff")
    assert difference(*now, *before) == pytest.approx(expected, abs=1e-9)


@given(SHARES, SHARES)
def test_mid_p_is_fishers_p_less_half_of_the_table_seen(now: tuple[int, int], before: tuple[int, int]) -> None:
    (k, n), (k_before, n_before) = now, before
    seen = hypergeom.pmf(k, n + n_before, k + k_before, n)
    fisher = fisher_exact([[k, n - k], [k_before, n_before - k_before]]).pvalue
    assert mid_p(k, n, k_before, n_before) == pytest.approx(fisher - seen / 2, abs=1e-7)


@given(SHARES, SHARES)
def test_mid_p_does_not_care_which_period_or_rating_comes_first(now: tuple[int, int], before: tuple[int, int]) -> None:
    (k, n), (k_before, n_before) = now, before
    p = mid_p(k, n, k_before, n_before)
    assert 0 <= p <= 1
    assert mid_p(k_before, n_before, k, n) == pytest.approx(p, abs=1e-9)
    assert mid_p(n - k, n, n_before - k_before, n_before) == pytest.approx(p, abs=1e-9)


def test_mid_p_of_millions_is_quick_and_right() -> None:
    assert mid_p(800_000, 1_000_000, 5_200_000, 6_500_000) > 0.99
    assert mid_p(790_000, 1_000_000, 5_200_000, 6_500_000) < 1e-12


@pytest.mark.parametrize("table", [(1, 0, 1, 2), (3, 2, 1, 2), (-1, 2, 1, 2), (1, 2, 0, 0)])
def test_nothing_is_compared_with_nothing(table: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="can't be compared"):
        mid_p(*table)


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 of 0 is no share"):
        wilson(0, 0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.sampled_from([0.05, 0.1, 0.2]))
def test_discoveries_agree_with_statsmodels(p_values: list[float], rate: float) -> None:
    adjusted = multipletests(p_values, alpha=rate, method="fdr_bh")[1]
    for believed, p, expected in zip(discoveries(p_values, rate), p_values, adjusted, strict=True):
        if abs(expected - rate) > 1e-9:  # on the limit itself, rounding decides
            assert believed == (expected <= rate), p


def test_no_comparisons_no_discoveries() -> None:
    assert discoveries([], 0.1) == []


def test_false_alarms_among_twenty_comparisons_stay_within_the_promise() -> None:
    """Nothing has changed anywhere: at most 10 % of the digests may say that something has (2,000 digests)."""
    rng = random.Random(20261121)
    alarms = 0
    for _ in range(2000):
        p_values = []
        for _ in range(12):
            share, n = rng.choice([0.5, 0.75, 0.9]), rng.randint(8, 60)
            now = sum(rng.random() < share for _ in range(n))
            before = sum(rng.random() < share for _ in range(6 * n))
            p_values.append(mid_p(now, n, before, 6 * n))
        alarms += any(discoveries(p_values, 0.10))
    assert alarms / 2000 <= 0.10


def test_a_weekly_arrow_would_be_false_most_weeks() -> None:
    """Why there is none: eight answers a week, nothing changes, and the share still moves 5 points or more."""
    moved = sum(
        _binomial(now, 8, 0.6) * _binomial(before, 8, 0.6)
        for now in range(9)
        for before in range(9)
        if abs(now - before) / 8 >= 0.05
    )
    assert moved > 0.75
