"""Which units a copy is about."""

from collections.abc import Callable, Sequence


def within(units: Sequence[str]) -> Callable[[str], bool]:
    """Whether a unit is among these (none: every unit is). Big and small letters and outer spaces are the same."""
    wanted = {_plain(unit) for unit in units}
    return lambda unit: not wanted or _plain(unit) in wanted


def unknown_units(units: Sequence[str], known: Sequence[str]) -> list[str]:
    """Those of `units` that none of the `known` is meant by."""
    there = {_plain(unit) for unit in known}
    return [unit for unit in units if _plain(unit) not in there]


def _plain(unit: str) -> str:
    return " ".join(unit.split()).casefold()
