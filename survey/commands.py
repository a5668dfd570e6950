"""Replies that steer the conversation instead of rating: skip, opt out, repeat."""

from collections.abc import Collection, Sequence

from models.rating import ReplyKind
from survey.lexemes import Role
from survey.lexicon import Lexicon
from survey.recognition import Term

_BREAKS = (Role.COMMA, Role.STOP, Role.ASKS, Role.AND, Role.CONTRAST)
#: What may stand around a command without changing it: "nej tack, hoppa över".
_AROUND = (Role.FILLER, Role.YES, Role.NO, Role.MILD_HEDGE, Role.INTENSIFIER, Role.QUOTE, Role.NEUTRAL, Role.LIGHT)
_COMMANDS = {
    Role.OPT_OUT: ReplyKind.OPT_OUT,
    Role.OPT_OUT_ALONE: ReplyKind.OPT_OUT,
    Role.REPEAT: ReplyKind.REPEAT,
    Role.SKIP: ReplyKind.SKIP,
}
_RATES = (Role.VERDICT, Role.HINT, Role.COMPARISON, Role.TROUBLE, Role.EVENT)


def command_of(terms: Sequence[Term], lexicon: Lexicon) -> ReplyKind | None:
    """The command in a reply, or None.

    "Ring inte mer" opts out wherever it begins a clause: a refusal must not be overheard. All other commands, a lone
    "stopp" among them, count only when they are the whole reply, so that "det tog stopp i brunnen" is a comment.
    """
    if any(_opts_out(clause, lexicon) for clause in _clauses(terms, leave_out=())):
        return ReplyKind.OPT_OUT
    words = " ".join(term.text for term in terms if term.role not in _BREAKS)
    if words in lexicon.alone:
        return _COMMANDS[lexicon.alone[words]]
    terms = [term for term in terms if term.text not in lexicon.openers]
    clauses = _clauses(terms, leave_out=_AROUND)
    said = {term.role for clause in clauses for term in clause}
    if said == {Role.OPT_OUT_ALONE} and any(term.role is Role.FILLER for term in terms):
        return None  # "det är stopp"
    if len(said) == 1 and said <= set(_COMMANDS):
        return _COMMANDS[said.pop()]
    return next((_COMMANDS[role] for role in (Role.SKIP, Role.REPEAT) if _is_a_whole_clause(role, clauses)), None)


def _is_a_whole_clause(role: Role, clauses: Sequence[Sequence[Term]]) -> bool:
    """A clause that skips or asks to repeat, no other that rates: "vet inte, det var min granne som ringde"."""
    skipping = [clause for clause in clauses if clause and all(term.role is role for term in clause)]
    others = [term for clause in clauses for term in clause if clause not in skipping]
    harmless = all(term.role not in (*_RATES, *_COMMANDS, Role.QUESTION, Role.QUESTION_WORD) for term in others)
    return bool(skipping) and harmless and len(others) <= 8


def _opts_out(clause: Sequence[Term], lexicon: Lexicon) -> bool:
    for at, term in enumerate(clause):
        if term.role is Role.OPT_OUT:  # but not "ring inte om det inte är viktigt", "skriv inte dåligt"
            return all(following.role not in (Role.UNREAL, Role.VERDICT) for following in clause[at + 1 : at + 2])
        if not lexicon.openers.issuperset(term.text.split()):
            return False
    return False


def _clauses(terms: Sequence[Term], leave_out: Collection[Role]) -> list[list[Term]]:
    clauses: list[list[Term]] = [[]]
    for term in terms:
        if term.role in _BREAKS:
            clauses.append([])
        elif term.role not in leave_out:
            clauses[-1].append(term)
    return clauses
