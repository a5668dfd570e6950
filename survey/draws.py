"""Random draws that anyone can redo, in any language: keyed hashes, no random number generator.

A closure's key is its case id, a tab, and its closing time in UTC to the second ("TK-1\\t2026-11-21T07:17:00Z").
Its score is HMAC-SHA-256(seed, key), read as a number in [0, 1). A share asks about those that score below it; a fixed
number asks about those that score lowest.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta, tzinfo

from models.case import ClosedCase
from models.selection import Draw, SelectionMethod


def case_key(case: ClosedCase) -> str:
    """The closure's key in a frame. Fractions of a second are kept when there are any."""
    return f"{case.case_id}\t{case.closed_at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def frame_hash(keys: Iterable[str]) -> str:
    """SHA-256, hex, of the sorted keys, one a line, each line ended."""
    return hashlib.sha256("".join(f"{key}\n" for key in sorted(keys)).encode()).hexdigest()


def score(seed: str, key: str) -> bytes:
    """32 bytes that compare as numbers do."""
    return hmac.digest(seed.encode(), key.encode(), "sha256")


def below(share: float, scored: bytes) -> bool:
    """Whether the score, read as a number in [0, 1), is below `share`; exact, also for 0 and 1."""
    numerator, denominator = share.as_integer_ratio()
    return int.from_bytes(scored) * denominator < numerator << (8 * len(scored))


def drawn_keys(draw: Draw, keys: Collection[str]) -> set[str]:
    """Which keys of its frame the draw takes."""
    if draw.method is SelectionMethod.SHARE:
        return {key for key in keys if below(draw.share, score(draw.seed, key))}
    if draw.method is SelectionMethod.FIXED:
        return set(sorted(keys, key=lambda key: (score(draw.seed, key), key))[: draw.drawn])
    return set(keys)


def draw_faults(draw: Draw, keys: Collection[str], asked: Collection[str]) -> list[str]:
    """Redo a stored draw. `keys` is its frame as stored now, `asked` those that were drawn from it.

    Returns what doesn't agree, in words; nothing means that the draw was what it says.
    """
    faults = []
    if len(keys) != draw.frame_size:
        faults.append(f"the frame had {draw.frame_size} closures, {len(keys)} are stored now")
    elif frame_hash(keys) != draw.frame_hash:
        faults.append("the frame's hash differs: other closures are stored than were drawn from")
    drawn = drawn_keys(draw, keys)
    if len(drawn) != draw.drawn:
        faults.append(f"the draw took {draw.drawn}, redrawing takes {len(drawn)}")
    if differing := drawn.symmetric_difference(asked):
        faults.append(f"{len(differing)} closures were decided otherwise than the draw says")
    return faults


def period_of(closed_at: datetime, zone: tzinfo, period: str) -> str:
    """The local week ("2026-W47") or month ("2026-11") in which a case closed."""
    local = closed_at.astimezone(zone)
    if period == "week":
        year, week, _ = local.isocalendar()
        return f"{year}-W{week:02}"
    return f"{local.year}-{local.month:02}"


def period_is_over(closed_at: datetime, zone: tzinfo, period: str, now: datetime) -> bool:
    """Whether the local week or month of `closed_at` has ended at `now`."""
    local = closed_at.astimezone(zone).date()
    today = now.astimezone(zone).date()
    if period == "week":
        return today >= local - timedelta(days=local.weekday()) + timedelta(weeks=1)
    return (today.year, today.month) > (local.year, local.month)
