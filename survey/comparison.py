"""Has anything changed? Every question and group of one digest, compared at once."""

from collections.abc import Mapping

from models.digest import Against, CannotSay, Cell, Change, DigestPolicy, Dimension, Direction, Figures, Hidden, Why
from survey.statistics import difference, discoveries, mid_p

Subject = tuple[str, Dimension | None, str]  #: question, dimension and group; (question, None, "") is the whole scope


def changes(windows: Mapping[Subject, tuple[Cell, Cell]], policy: DigestPolicy) -> dict[Subject, Change]:
    """The answer for each (recent, base). Only what may be shown is compared, and only the share "bra"."""
    p_values = {
        subject: mid_p(recent.bra, recent.n, base.bra, base.n)
        for subject, (recent, base) in windows.items()
        if isinstance(recent, Figures) and isinstance(base, Figures)
    }
    believed = dict(zip(p_values, discoveries(list(p_values.values()), policy.false_discovery_rate), strict=True))
    found = {}
    for subject, (recent, base) in windows.items():
        direction, reason = _verdict(recent, base, believed.get(subject, False), policy)
        found[subject] = Change(direction=direction, reason=reason, recent=recent, base=base, p=p_values.get(subject))
    return found


def _verdict(recent: Cell, base: Cell, believed: bool, policy: DigestPolicy) -> tuple[Direction, CannotSay | None]:
    if not isinstance(base, Figures):
        reason = CannotSay.NO_HISTORY if base.why is Why.NOTHING else CannotSay.TOO_FEW
        return Direction.CANNOT_SAY, reason
    if not isinstance(recent, Figures):
        return Direction.CANNOT_SAY, CannotSay.TOO_FEW
    if believed:
        better = recent.bra * base.n > base.bra * recent.n
        return (Direction.BETTER if better else Direction.WORSE), None
    low, high = difference(recent.bra, recent.n, base.bra, base.n)
    if -policy.unchanged_within <= low and high <= policy.unchanged_within:
        return Direction.UNCHANGED, None
    return Direction.CANNOT_SAY, CannotSay.UNCERTAIN


def against(cell: Cell, wanted: float) -> Against | None:
    """Where the share "bra" lies against the target; None without figures."""
    if isinstance(cell, Hidden):
        return None
    if cell.bra_interval.low > wanted:
        return Against.ABOVE
    return Against.BELOW if cell.bra_interval.high < wanted else Against.AROUND
