"""Honest figures from few answers: intervals, an exact comparison of two periods, and many comparisons at once."""

from collections.abc import Sequence
from math import sqrt

from models.digest import Interval

_Z = 1.959963984540054  #: of a 95 % interval
_NEGLIGIBLE = 1e-18  #: probability relative to the likeliest table, below which tables are not counted
_TIE = 1 + 1e-7  #: tables this close in probability are equally likely; the rest is rounding


def wilson(successes: int, n: int) -> Interval:
    """Wilson's score interval (1927), 95 %, for a share of `n` > 0. No correction for a finite population."""
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} of {n} is no share")
    share = successes / n
    weight = _Z * _Z / n
    centre = (share + weight / 2) / (1 + weight)
    half = _Z * sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return Interval(low, high)


def difference(successes: int, n: int, successes_before: int, n_before: int) -> tuple[float, float]:
    """Newcombe's 95 % interval (1998, method 10) of the share now minus the share before; both ends are -1..1."""
    now, before = wilson(successes, n), wilson(successes_before, n_before)
    share, share_before = successes / n, successes_before / n_before
    gap = share - share_before
    low = gap - sqrt((share - now.low) ** 2 + (before.high - share_before) ** 2)
    high = gap + sqrt((now.high - share) ** 2 + (share_before - before.low) ** 2)
    return low, high


def mid_p(successes: int, n: int, successes_before: int, n_before: int) -> float:
    """Two-sided mid-p of Fisher's exact test: could the two shares come from the same source?

    All tables that are at most as likely as the one seen, less half of the one seen. 0..1, small means unlikely.
    """
    if not (0 <= successes <= n and 0 <= successes_before <= n_before) or n == 0 or n_before == 0:
        raise ValueError(f"{successes} of {n} and {successes_before} of {n_before} can't be compared")
    weights = _hypergeometric(n, n_before, successes + successes_before)
    seen = weights.get(successes, 0.0)
    as_unlikely = sum(weight for weight in weights.values() if weight <= seen * _TIE)
    return min(1.0, (as_unlikely - seen / 2) / sum(weights.values()))


def _hypergeometric(n: int, n_before: int, successes: int) -> dict[int, float]:
    """Relative probability of each number of successes among `n`, given `successes` among all; the likeliest is 1.

    Walks outward from the likeliest, so that millions of answers take no longer than their spread.
    """
    failures = n + n_before - successes
    lowest, highest = max(0, n - failures), min(n, successes)
    mode = min(max((n + 1) * (successes + 1) // (n + n_before + 2), lowest), highest)
    weights = {mode: 1.0}
    weight = 1.0
    for k in range(mode, highest):
        weight *= (successes - k) * (n - k) / ((k + 1) * (failures - n + k + 1))
        if weight < _NEGLIGIBLE:
            break
        weights[k + 1] = weight
    weight = 1.0
    for k in range(mode, lowest, -1):
        weight *= k * (failures - n + k) / ((successes - k + 1) * (n - k + 1))
        if weight < _NEGLIGIBLE:
            break
        weights[k - 1] = weight
    return weights


def discoveries(p_values: Sequence[float], rate: float) -> list[bool]:
    """Benjamini and Hochberg (1995): which of these comparisons to believe, when all are made at once.

    Of those believed, no more than the share `rate` is expected to be false; if nothing has changed anywhere, the
    chance of believing any is at most `rate`.
    """
    count = len(p_values)
    limit = max(
        (p for rank, p in enumerate(sorted(p_values), start=1) if p <= rate * rank / count),
        default=-1.0,
    )
    return [p <= limit for p in p_values]
