"""Which negation negates what, within one clause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey.lexemes import Role
from survey.recognition import Term

_NEGATIONS = (Role.NEGATION, Role.NEITHER, Role.WITHOUT)
_TARGETS = (Role.VERDICT, Role.HINT, Role.EVENT, Role.TROUBLE, Role.COMPARISON)
#: What may stand between a negation and what it negates.
_PASSED = (
    Role.FILLER, Role.LIGHT, Role.ABSOLUTE, Role.INTENSIFIER, Role.DOWNTONER, Role.TOPIC, Role.MILD_HEDGE, Role.MODAL,
    Role.NUMBER, Role.YES, Role.STILL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bindings:
    """`bound` holds the positions of the negations of each negated term.

    `loose`: some negation negates nothing we know. `tangled`: one may or may not negate a verdict.
    """

    bound: Mapping[int, tuple[int, ...]]
    loose: bool = False
    tangled: bool = False

    def negations_of(self, at: int) -> tuple[int, ...]:
        """Positions of the negations of the term at `at`."""
        return self.bound.get(at, ())


def bind_negations(clause: Sequence[Term]) -> Bindings:
    """Swedish puts the negation before adjectives and participles ("inte bra"), after finite verbs ("löste inte")."""
    bound: dict[int, tuple[int, ...]] = {}
    loose = tangled = False
    for at, term in enumerate(clause):
        if term.role not in _NEGATIONS:
            continue
        if _only_stresses(clause, at, bound):
            continue
        targets = _targets(clause, at)
        for target in targets:
            bound[target] = (*bound.get(target, ()), at)
        if not targets:
            loose = True
            tangled = tangled or any(later.role in (Role.VERDICT, Role.HINT) for later in clause[at + 1 :])
    tangled = tangled or any(len(negations) > 1 for negations in bound.values())
    return Bindings(bound, loose, tangled)


def _only_stresses(clause: Sequence[Term], at: int, bound: Mapping[int, tuple[int, ...]]) -> bool:
    """ "inga klagomål här inte": a last negation that repeats an earlier one."""
    if any(term.role not in (*_PASSED, Role.NO) for term in clause[at + 1 :]):
        return False
    denied = [position for position in range(at) if position in bound or clause[position].negative]
    return bool(denied) and all(term.role in _PASSED for term in clause[denied[-1] + 1 : at])


def _targets(clause: Sequence[Term], at: int) -> list[int]:
    right = _to_the_right(clause, at)
    if right is not None and clause[right].role in (Role.VERDICT, Role.COMPARISON):
        return _joined_by_or(clause, right)
    left = _verb_to_the_left(clause, at)
    if left is not None:
        return [left]
    if right is not None:
        return _joined_by_or(clause, right)
    left = _adjective_to_the_left(clause, at)
    return [] if left is None else [left]


def _to_the_right(clause: Sequence[Term], at: int) -> int | None:
    for position in range(at + 1, len(clause)):
        if clause[position].role in _TARGETS and not clause[position].is_symbol:
            return position
        if clause[position].role not in (*_PASSED, *_NEGATIONS):
            return None
    return None


def _joined_by_or(clause: Sequence[Term], first: int) -> list[int]:
    """ "inte snabbt eller trevligt": one negation for all that "eller" joins."""
    targets = [first]
    while True:
        after = targets[-1] + 1
        while after < len(clause) and clause[after].role in _PASSED:
            after += 1
        if after >= len(clause) or clause[after].role is not Role.OR:
            return targets
        following = _to_the_right(clause, after)
        if following is None:
            return targets
        targets.append(following)


def _verb_to_the_left(clause: Sequence[Term], at: int) -> int | None:
    """ "svarade (de) inte": the finite verb before the negation."""
    for position in range(at - 1, -1, -1):
        term = clause[position]
        if term.role is Role.EVENT or (term.role in _TARGETS and term.entry.verb):
            return position
        if term.role not in (Role.FILLER, Role.MILD_HEDGE):
            return None
    return None


def _adjective_to_the_left(clause: Sequence[Term], at: int) -> int | None:
    """ "bra var det inte": only with something between, and nothing of weight after the negation."""
    if any(term.role not in (*_PASSED, Role.NO) for term in clause[at + 1 :]):
        return None
    for position in range(at - 1, -1, -1):
        if clause[position].role is Role.VERDICT:
            return position if position < at - 1 else None
        if clause[position].role not in _PASSED:
            return None
    return None
