"""What the steps of a trial come to."""

from dataclasses import dataclass, field
from enum import StrEnum


class Step(StrEnum):
    """In the order in which they are taken."""

    CONFIGURATION = "configuration"
    NAME = "name"
    PORT = "port"
    CERTIFICATE = "certificate"
    ADDRESS = "address"
    REGISTER = "register"
    DIAL = "dial"
    ANSWER = "answer"
    CODEC = "codec"
    BACK = "back"  #: sound from the far end
    THERE = "there"  #: sound of ours
    DELAY = "delay"
    LOSS = "loss"
    LEVEL = "level"
    KEYS = "keys"
    HANG_UP = "hang_up"


class Verdict(StrEnum):
    WELL = "well"
    ODD = "odd"  #: works, but something is to be looked at
    WRONG = "wrong"
    UNKNOWN = "unknown"  #: wasn't tried, or can't be told


@dataclass(frozen=True, slots=True)
class Finding:
    """What is told about one step: the text `doctor.<step>.<key>`, with the values that it has blanks for.

    Values are numbers and words as they are: a float is told with one decimal, in the language's way.
    Where something is WRONG or ODD that text has two halves: `.what` it is, and what to `.do`.
    """

    step: Step
    verdict: Verdict
    key: str = "ok"
    values: dict[str, object] = field(default_factory=dict)


def well(step: Step, key: str = "ok", **values: object) -> Finding:
    return Finding(step, Verdict.WELL, key, values)


def odd(step: Step, key: str, **values: object) -> Finding:
    return Finding(step, Verdict.ODD, key, values)


def wrong(step: Step, key: str, **values: object) -> Finding:
    return Finding(step, Verdict.WRONG, key, values)


def unknown(step: Step, key: str, **values: object) -> Finding:
    return Finding(step, Verdict.UNKNOWN, key, values)
