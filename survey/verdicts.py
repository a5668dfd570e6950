"""The verdicts in a reply and what speaks against believing them: the grammar of rating a service.

A reply is read clause by clause. In each clause negations find what they negate; what remains are findings, each one
a rating that the clause gives, and doubts, each one a reason to ask before a rating is stored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from models.rating import Rating
from survey.clauses import Clause, clauses_of
from survey.doubts import Doubt, contrasts, doubts_of_reply
from survey.lexemes import Role
from survey.negation import Bindings, bind_negations
from survey.recognition import Term

_TARGETS = (Role.VERDICT, Role.HINT, Role.EVENT, Role.TROUBLE, Role.COMPARISON)
_STRENGTHENED = (Role.ABSOLUTE, Role.INTENSIFIER, Role.DOWNTONER)


#: Doubts about one clause only: another one may still rate for sure.
_OF_ITS_CLAUSE = {Doubt.ASKED, Doubt.UNREAL}


@dataclass(frozen=True, slots=True)
class Finding:
    """One rating that a reply gives. `sure` if it could be stored were it alone; `at` is its term's position."""

    rating: Rating
    sure: bool
    at: int
    denying: bool = False  #: said with a negation, within a phrase too: "inget att klaga på"
    light: bool = False  #: weakened: "lite segt"
    negated: Rating | None = None  #: the rating that was denied: "inte bra" denies bra


@dataclass(frozen=True, slots=True)
class Reading:
    """All findings and doubts of a reply, in order of appearance."""

    findings: tuple[Finding, ...]
    doubts: frozenset[Doubt]


def read(terms: Sequence[Term]) -> Reading:
    """What `terms`, a whole reply, say about the service."""
    findings: list[Finding] = []
    doubts = set(doubts_of_reply(terms))
    clauses = clauses_of(terms)
    for clause in clauses:
        bindings = bind_negations(clause.terms)
        found = list(_findings(clause, bindings))
        doubted = set(_doubts_of_clause(clause, bindings, found))
        findings.extend(replace(one, sure=one.sure and not doubted & _OF_ITS_CLAUSE) for one in found)
        doubts.update(doubted - _OF_ITS_CLAUSE)
    doubts.update(contrasts(clauses, [finding.at for finding in findings]))
    return Reading(tuple(_neither_good_nor_bad(findings)), frozenset(doubts))


def _findings(clause: Clause, bindings: Bindings) -> Iterator[Finding]:
    modal = any(term.role is Role.MODAL for term in clause.terms)
    for at, term in enumerate(clause.terms):
        if term.role not in _TARGETS:
            continue
        negations = bindings.negations_of(at)
        if not negations:
            before = clause.terms[at - 1].role if at else None
            finding = _plain(term, modal, light=before is Role.DOWNTONER)
        elif len(negations) > 1:
            finding = None
        else:
            between = {other.role for other in clause.terms[min(at, negations[0]) : max(at, negations[0])]}
            finding = _negated(term, between, modal)
        if finding:
            yield replace(finding, at=clause.start + at, denying=term.negative or bool(negations))
    still = [at for at, term in enumerate(clause.terms) if term.role is Role.STILL]
    if still and bindings.loose and not bindings.tangled:
        yield Finding(Rating.DALIGT, sure=True, at=clause.start + still[0])


def _plain(term: Term, modal: bool, light: bool) -> Finding | None:
    if term.role is Role.VERDICT and term.rating:
        return Finding(term.rating, sure=True, at=0, light=light or term.entry.light)
    if term.role is Role.TROUBLE:
        return Finding(Rating.DALIGT, sure=False, at=0)
    if term.role is Role.COMPARISON and modal:
        return Finding(Rating.OK, sure=False, at=0)  # "det kunde varit bättre"
    return Finding(term.rating, sure=False, at=0) if term.rating else None


def _negated(term: Term, between: set[Role], modal: bool) -> Finding | None:
    """What one negation makes of a term, given the roles of the words between them."""
    qualified = bool(between & set(_STRENGTHENED)) and Role.LIGHT not in between
    rating, sure = Rating.DALIGT, False
    if term.role is Role.EVENT:
        sure = Role.ABSOLUTE not in between
    elif term.role is Role.TROUBLE:
        rating, sure = Rating.BRA, not between & {*_STRENGTHENED, Role.LIGHT}
    elif term.role is Role.COMPARISON:
        if not modal:
            return None
        rating, sure = term.rating or Rating.OK, True  # "kunde inte varit bättre"
    elif term.rating is Rating.DALIGT:
        rating, sure = Rating.OK, term.role is Role.VERDICT and term.entry.mild and Role.LIGHT in between
    elif term.role is Role.VERDICT and not term.entry.idiom:
        worst = term.entry.threshold if term.rating is Rating.OK else not term.entry.strong
        sure = worst and not qualified
        rating = Rating.DALIGT if worst else Rating.OK
    return Finding(rating, sure, at=0, negated=term.rating or Rating.BRA)


def _neither_good_nor_bad(findings: list[Finding]) -> Iterator[Finding]:
    """ "varken bra eller dåligt", "inte bra men inte dåligt": both denied, which is ok."""
    at = 0
    while at < len(findings):
        pair = findings[at : at + 2]
        if len(pair) == 2 and {one.negated for one in pair} == _BOTH:
            yield Finding(Rating.OK, sure=True, at=pair[0].at, negated=Rating.OK)
            at += 2
        else:
            yield findings[at]
            at += 1


_BOTH: set[Rating | None] = {Rating.BRA, Rating.DALIGT}


def _doubts_of_clause(clause: Clause, bindings: Bindings, findings: list[Finding]) -> Iterator[Doubt]:
    if bindings.tangled:
        yield Doubt.TANGLED_NEGATION
    if bindings.loose:
        yield Doubt.LOOSE_NEGATION
    if not findings:
        return
    if clause.asked:
        yield Doubt.ASKED
    expected = next((at for at, term in enumerate(clause.terms, clause.start) if term.role is Role.EXPECTS), None)
    if expected is not None and any(one.at > expected for one in findings):
        yield Doubt.UNREAL  # "jag trodde ni var snabba"
    roles = {term.role for term in clause.terms}
    if len(findings) == 1 and Role.NEITHER in roles and Role.OR not in roles:
        yield Doubt.BROKEN_OFF  # "jag är varken nöjd"
    blamed_first = all(one.rating is Rating.DALIGT and one.at < clause.unreal_from for one in findings)
    if clause.unreal_from < clause.sentence_end and not blamed_first:
        yield Doubt.UNREAL
