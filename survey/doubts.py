"""What speaks against believing a verdict: reasons to ask before a rating is stored."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from models.rating import Rating
from survey.clauses import Clause, has_content
from survey.lexemes import Role
from survey.recognition import Term


class Doubt(StrEnum):
    """A reason to ask before a rating is stored."""

    HEDGED = "hedged"
    MILDLY_HEDGED = "mildly hedged"  #: believed of blame and of ok, not of praise
    UNREAL = "unreal"
    IRONIC = "ironic"
    MAYBE_IRONIC = "maybe ironic"  #: only by an emoji, and believed of blame
    ASKED = "asked"
    CONTRASTED = "contrasted"  #: "bra men …" with something we don't understand
    TURNED = "turned"  #: "… men dåligt", with something before it that rates nothing: believed of blame and of ok
    LOOSE_NEGATION = "loose negation"  #: "bra, ingen kom": believed of blame only
    TANGLED_NEGATION = "tangled negation"
    LIKE_NEGATION = "like negation"
    SAID_NO = "said no"  #: "bra nej": believed of blame only
    QUOTED = "quoted"
    BROKEN_OFF = "broken off"  #: "jag ville säga bra men"
    ASIDE = "aside"  #: the verdict only takes up the thread: "okej, vad vill du?", "bra, då hörs vi"
    FOREIGN = "foreign"  #: somebody else, or a word that we don't know: perhaps it isn't about us


_STEERING = (Role.SKIP, Role.OPT_OUT, Role.OPT_OUT_ALONE, Role.REPEAT, Role.QUESTION)
#: So many words may be unknown in what is added to a whole sentence.
MOST_ADDED_UNKNOWN = 3
#: So many terms, the comma included, may be an aside: "bra, hon i växeln"; what is longer tells of something.
LONGEST_ASIDE = 5
_TURNING = (Role.CONTRAST, Role.NEGATION, Role.IRONY, Role.HEDGE, Role.ASKS)
_BEFORE_NO = (Role.FILLER, Role.COMMA, Role.YES, Role.QUOTE)
_AFTER_NO = (Role.FILLER, Role.COMMA, Role.CONTRAST, Role.CORRECTION, Role.EXPECTS)


def doubts_of_reply(terms: Sequence[Term]) -> Iterator[Doubt]:
    """The doubts that concern all that is said."""
    roles = {term.role for term in terms}
    said = [term for term in terms if term.role not in (Role.STOP, Role.COMMA)]
    if Role.HEDGE in roles or roles.intersection(_STEERING) or (said and said[-1].role is Role.OR):
        yield Doubt.HEDGED
    if said and said[-1].role is Role.CONTRAST:
        yield Doubt.BROKEN_OFF
    if Role.FOREIGN in roles or (Role.UNKNOWN in roles and not _adds_only(terms)):
        yield Doubt.FOREIGN
    if Role.MILD_HEDGE in roles:
        yield Doubt.MILDLY_HEDGED
    if Role.LIKE_NEGATION in roles:
        yield Doubt.LIKE_NEGATION
    if not _no_opens(terms):
        yield Doubt.SAID_NO
    irony = [term for term in terms if term.role is Role.IRONY]
    if irony:
        yield Doubt.IRONIC if any(term.text.isascii() or term.text.isalpha() for term in irony) else Doubt.MAYBE_IRONIC
    quotes = [at for at, term in enumerate(terms) if term.role is Role.QUOTE]
    if quotes and not (quotes[0] == 0 and quotes[-1] >= len(terms) - 1 - (terms[-1].role is Role.STOP)):
        yield Doubt.QUOTED
    if _only_takes_up_the_thread(terms) or _is_followed_by_an_event(terms):
        yield Doubt.ASIDE


def _adds_only(terms: Sequence[Term]) -> bool:
    """Whether what we don't know only adds to a sentence that rates by itself: "det var uselt, för att tala klarspråk".

    It must say of what: "det var bra, …", not "bra, …"; and what is added is no sentence: "…, sen kom en björn".
    """
    rated = next((at for at, term in enumerate(terms) if term.role is Role.VERDICT), len(terms))
    end = next((at for at in range(rated, len(terms)) if terms[at].role in (Role.COMMA, Role.STOP)), len(terms))
    said, added = terms[:end], terms[end:]
    if any(term.role is Role.UNKNOWN for term in said) or any(term.role in _TURNING for term in added):
        return False
    if any(term.entry.finite for term in added):
        return False
    whole = any(term.entry.finite or term.role is Role.TOPIC for term in said)
    return whole and sum(term.role is Role.UNKNOWN for term in added) <= MOST_ADDED_UNKNOWN


def _no_opens(terms: Sequence[Term]) -> bool:
    """Whether no "nej" is said, or only one that opens a sentence of its own: "nej, det var bra", not "nej bra"."""
    said = [at for at, term in enumerate(terms) if term.role is Role.NO]
    if not said:
        return True
    at = said[0]
    opens = all(term.role in _BEFORE_NO for term in terms[:at])
    return len(said) == 1 and opens and at + 1 < len(terms) and terms[at + 1].role in _AFTER_NO


def _only_takes_up_the_thread(terms: Sequence[Term]) -> bool:
    """A first "okej" or "bra" with a sentence after it that rates nothing."""
    rated = [at for at, term in enumerate(terms) if term.role in (Role.VERDICT, Role.HINT)]
    if len(rated) != 1 or terms[rated[0]].phrase or terms[rated[0]].entry.verb:
        return False
    before, after = terms[: rated[0]], terms[rated[0] + 1 :]
    if any(term.role not in (Role.YES, Role.COMMA, Role.FILLER) or _is_of_a_sentence(term) for term in before):
        return False
    while after and (after[0].role in (Role.COMMA, Role.STOP, Role.AND) or after[0].text in ("då", "så")):
        after = after[1:]
    if len(after) < 2:
        return False
    speaks = after[0].entry.speaker or (after[0].entry.subject and not after[1].entry.finite)
    return speaks or any(term.role is Role.QUESTION_WORD for term in after)


def _is_followed_by_an_event(terms: Sequence[Term]) -> bool:
    """Praise that says of nothing, then a sentence that rates nothing: "bra jobbat, nu är källaren full av vatten"."""
    end = next((at for at, term in enumerate(terms) if term.role in (Role.COMMA, Role.STOP)), len(terms))
    said, added = terms[:end], terms[end:]
    if any(_is_of_a_sentence(term) or term.role is Role.TOPIC for term in said):
        return False
    praised = any(term.role is Role.VERDICT and term.rating is Rating.BRA for term in said)
    tells = any(term.entry.finite for term in added) or len(added) > LONGEST_ASIDE
    event = tells and any(term.role is Role.TOPIC for term in added)
    return praised and event and not any(term.role is Role.VERDICT for term in added)


def _is_of_a_sentence(term: Term) -> bool:
    return term.entry.subject or term.entry.speaker or term.entry.finite


def contrasts(clauses: Sequence[Clause], positions: Sequence[int]) -> Iterator[Doubt]:
    """Where one side of a "men" rates and the other says something that doesn't. `positions` are of findings."""
    for number, clause in enumerate(clauses):
        if not clause.contrasts:
            continue
        before, after = clauses[:number], clauses[number:]
        rated_before = any(at < clause.start for at in positions)
        rated_after = any(at >= clause.start for at in positions)
        if rated_before and not rated_after and any(has_content(other) for other in after):
            yield Doubt.CONTRASTED
        if rated_after and not rated_before and any(has_content(other) for other in before):
            yield Doubt.TURNED
