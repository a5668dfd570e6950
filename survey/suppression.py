"""Which small groups to hide, and which others with them, so that no hidden figure can be computed.

What is protected is people, not numbers: a reader must not see, or be able to compute, what fewer than `minimum`
answers said. Totals are shown, so a single hidden group could be had by subtraction; therefore hidden groups always
come together, and what they said together must itself be enough to be shown.
"""

from collections.abc import Collection, Sequence

Tally = tuple[int, int, int]  #: bra, ok, dåligt


def hidden_groups(tallies: Sequence[Tally], minimums: Sequence[int], spare: Collection[int] = ()) -> set[int] | None:
    """The positions of the groups to hide, when the groups' total is shown as well.

    `minimums` are the answers that each group needs. Groups in `spare` are not hidden for others' sake. As soon as
    one is hidden, those without answers are too: otherwise seven groups hidden with seven answers have one each.
    None: no choice protects them; hide every group, or the total.
    """
    sizes = [sum(tally) for tally in tallies]
    hidden = {at for at, size in enumerate(sizes) if 0 < size < minimums[at]}
    if not hidden:
        return set()
    # the smallest first: least is lost
    others = sorted(
        (at for at in range(len(sizes)) if sizes[at] and at not in hidden | set(spare)), key=sizes.__getitem__
    )
    while not _protects(hidden, tallies, minimums):
        if not others:
            return None
        hidden.add(others.pop(0))
    return hidden | {at for at, size in enumerate(sizes) if size == 0 and at not in spare}


def _protects(hidden: Collection[int], tallies: Sequence[Tally], minimums: Sequence[int]) -> bool:
    """Whether the hidden groups hide each other: what they said together can be computed from the total."""
    together = _total([tallies[at] for at in hidden])
    telling = unanimous(together) and not unanimous(_total(tallies))
    return len(hidden) >= 2 and sum(together) >= max(minimums[at] for at in hidden) and not telling


def unanimous(tally: Tally) -> bool:
    """Whether everybody said the same: then it is known what each of them said."""
    return tally.count(0) == 2


def _total(tallies: Collection[Tally]) -> Tally:
    bra, ok, daligt = (sum(column) for column in zip(*tallies, strict=True))
    return bra, ok, daligt
