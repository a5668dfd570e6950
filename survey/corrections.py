"""What a reply takes back: "dåligt nej jag menar bra", "bra? nej, dåligt", "jag trodde … men det var lätt"."""

from collections.abc import Sequence

from survey.lexemes import Role
from survey.recognition import Term

_RATED = (Role.VERDICT, Role.HINT, Role.EVENT, Role.TROUBLE)
_OPENERS = (Role.COMMA, Role.STOP, Role.ASKS)
_ECHO = (Role.VERDICT, Role.INTENSIFIER, Role.FILLER, Role.COMMA)


def what_stands(terms: Sequence[Term]) -> list[Term]:
    """The terms of a whole reply without what its later words take back."""
    return _without_expectation(_without_echo(_corrected(list(terms))))


def _corrected(terms: list[Term]) -> list[Term]:
    """What follows the last "nej jag menar"; or what stands between "nej" and "menar jag"."""
    marks = [at for at, term in enumerate(terms) if term.role is Role.CORRECTION]
    means = [at for at, term in enumerate(terms) if term.role is Role.MEANS]
    if means:
        marks = marks or [at for at in range(means[-1]) if terms[at].role is Role.NO]
        terms = [term for term in terms if term.role is not Role.MEANS]
    if marks and _rates(terms[: marks[-1]]) and _rates(terms[marks[-1] + 1 :]):
        return terms[marks[-1] + 1 :]
    return terms


def _without_echo(terms: list[Term]) -> list[Term]:
    """ "Dåligt? Nej, jättebra!": the answer to one's own question; "bra? nej verkligen inte" is "inte bra"."""
    for at, term in enumerate(terms[:-1]):
        if term.role is Role.ASKS:
            echo, answer = terms[:at], terms[at + (terms[at + 1].role is Role.NO) + 1 :]
            if terms[at + 1].role not in (Role.NO, Role.NEGATION) or not all(one.role in _ECHO for one in echo):
                return terms
            if _rates(answer):
                return answer
            denials = [one for one in answer if one.role is Role.NEGATION]
            plain = all(one.role in (*_ECHO, Role.NEGATION, Role.STOP) for one in answer)
            return [*denials[:1], *echo] if denials and plain else terms
    return terms


def _without_expectation(terms: list[Term]) -> list[Term]:
    """What follows "men", where only an expectation stood before it in its sentence."""
    expects = [at for at, term in enumerate(terms) if term.role is Role.EXPECTS]
    if not expects:
        return terms
    turns = [at for at in range(expects[0] + 1, len(terms)) if terms[at].role is Role.CONTRAST]
    if not turns or not _rates(terms[turns[0] + 1 :]):
        return terms
    start = max((at + 1 for at in range(expects[0]) if terms[at].role in _OPENERS), default=0)
    if any(term.role is Role.UNKNOWN for term in terms[start : turns[0]]):
        return terms
    return terms[:start] + terms[turns[0] + 1 :]


def _rates(terms: Sequence[Term]) -> bool:
    return any(term.role in _RATED for term in terms)
