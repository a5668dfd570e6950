"""From where in a prompt it can be answered: nobody can mean a question that they haven't heard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voice.ears import KEY_GUARD
from voice.rendering import lead_in

CONFIRM_SHARE = 0.45
"""How much of a `confirm.*` prompt names the rating and asks whether it is right.

"Jag uppfattade dåligt. Stämmer det?" is that much, and "Menade du dåligt?": in the audio of all shipped ones the point
lies in the pause after it. A 1 before it may mean "bra". So it is with `recording.*`: nobody has agreed to what they
haven't heard, however often they press 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerable:
    """Seconds into a prompt (its lead-in included) before which nothing answers it."""

    by_key: float
    by_voice: float


def answerable(say: Sequence[str], *, asked_before: bool, seconds: Callable[[str], float]) -> Answerable:
    """When `say` (prompts in their order) can be answered; `seconds` tells how long a prompt is.

    Voice never counts before the lead-in is over: what is said there belongs to what was said before. A key answers a
    question that was asked before at any time, except in a "is that right?", where the keys mean something else.
    """
    before = lead_in(say)
    led_in = sum(map(seconds, before))
    asking = next(iter(say[len(before) :]), "")
    kind = asking.partition(".")[0]
    if kind in ("confirm", "recording"):
        known = led_in + CONFIRM_SHARE * seconds(asking)
        return Answerable(by_key=known, by_voice=known)
    known = led_in + (seconds(asking) if kind == "reason" else KEY_GUARD)
    return Answerable(by_key=0.0 if asked_before else known, by_voice=known)
