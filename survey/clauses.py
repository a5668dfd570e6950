"""A reply's terms cut into clauses, the reach of a negation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from survey.lexemes import Entry, Role
from survey.recognition import Term

_SENTENCE_ENDS = (Role.STOP, Role.ASKS)
_OPENERS = (Role.COMMA, Role.CONTRAST, Role.AND, Role.WITHOUT)
_RATED = (Role.VERDICT, Role.HINT)
_SMALL_TALK = (
    Role.FILLER, Role.YES, Role.NO, Role.HEDGE, Role.MILD_HEDGE, Role.COMMA, Role.AND, Role.CONTRAST, Role.NEUTRAL,
    Role.INTENSIFIER, Role.LIGHT, Role.STOP, Role.QUOTE, Role.NUMBER,
)  # fmt: skip
_BEFORE_QUESTION = (Role.FILLER, Role.YES, Role.NO, Role.COMMA, Role.NEUTRAL, Role.CONTRAST, Role.AND)


@dataclass(frozen=True, slots=True)
class Clause:
    """Terms that a negation may reach across. `start` and `sentence_end` are positions in the whole reply."""

    terms: tuple[Term, ...]
    start: int
    sentence_end: int
    contrasts: bool  #: begins with "men"
    asked: bool  #: its sentence is a question
    unreal_from: int  #: where its sentence begins to wish, suppose or quote; `sentence_end` if it never does


def clauses_of(terms: Sequence[Term]) -> list[Clause]:
    """The clauses of a whole reply, without the marks and conjunctions between them."""
    clauses: list[Clause] = []
    start = 0
    for end in range(len(terms) + 1):
        if end == len(terms) or terms[end].role in _SENTENCE_ENDS:
            clauses.extend(_clauses_of_sentence(terms, start, end))
            start = end + 1
    return clauses


def has_content(clause: Clause) -> bool:
    """Whether the clause says anything besides "ja", "hej" and the like."""
    return any(term.role not in _SMALL_TALK for term in clause.terms)


def _clauses_of_sentence(terms: Sequence[Term], start: int, end: int) -> Iterator[Clause]:
    unreal = [at for at in range(start, end) if terms[at].role is Role.UNREAL]
    asked = (end < len(terms) and terms[end].role is Role.ASKS) or _asks(terms[start:end])
    contrasts = False
    for at in range(start, end + 1):
        if at < end and not _opens_clause(terms, at):
            continue
        if at > start:
            yield Clause(
                terms=tuple(_settled(terms[start:at])),
                start=start,
                sentence_end=end,
                contrasts=contrasts,
                asked=asked,
                unreal_from=min(unreal, default=end),
            )
        if at < end:
            # "bra, men": the comma before the contrast opens nothing of its own
            contrasts = terms[at].role in (Role.CONTRAST, Role.WITHOUT) or (contrasts and at == start)
        start = at + 1


def _opens_clause(terms: Sequence[Term], at: int) -> bool:
    if terms[at].role is Role.WITHOUT:  # "utan problem" negates, "utan tvärtom" contrasts
        return not any(term.role is Role.TROUBLE for term in terms[at + 1 : at + 3])
    return terms[at].role in _OPENERS


def _asks(sentence: Sequence[Term]) -> bool:
    """Whether it opens like a question, "vem …", "var det …", and not like a cry, "vad snälla ni var"."""
    for at, term in enumerate(sentence):
        if term.entry.finite and at + 1 < len(sentence):
            return sentence[at + 1].entry.subject
        if term.role not in _BEFORE_QUESTION or term.entry.subject or term.entry.speaker:
            return term.role is Role.QUESTION or (term.role is Role.QUESTION_WORD and not _cries(sentence[at + 1 :]))
    return False


def _cries(terms: Sequence[Term]) -> bool:
    if len(terms) < 2 or terms[0].role is not Role.VERDICT or terms[0].phrase:
        return False
    return not any(first.entry.finite and second.entry.subject for first, second in pairwise(terms))


def _settled(terms: Sequence[Term]) -> Iterator[Term]:
    """The terms, where words that can be degree or verdict ("hemskt bra", "fungerar bra") have become one of them."""
    for at, term in enumerate(terms):
        following = next((other for other in terms[at + 1 :] if other.role is not Role.INTENSIFIER), None)
        if term.entry.degree and not term.phrase and following and _is_adjective(following):
            strengthens = term.role is not Role.VERDICT or term.rating != "ok"
            yield replace(term, entry=Entry(Role.INTENSIFIER if strengthens else Role.DOWNTONER))
        elif term.role is Role.TROUBLE and at and _is_adjective(terms[at - 1]) and not terms[at - 1].phrase:
            yield replace(term, entry=Entry(Role.TOPIC))  # "dräglig väntetid"
        elif term.entry.verb and _gives_way(terms, at):
            yield replace(term, entry=Entry(Role.FILLER))
        else:
            yield term


def _gives_way(terms: Sequence[Term], at: int) -> bool:
    """Whether another verdict says how it went: "fungerar (inte) bra", "bra fungerade det"; not "skit, inte lagad"."""
    if any(_is_adjective(other) for other in terms[at + 1 :]):
        return True
    return any(_is_adjective(other) for other in terms[:at]) and not any(term.role is Role.NEGATION for term in terms)


def _is_adjective(term: Term) -> bool:
    return term.role in _RATED and not term.entry.verb and not term.is_symbol
