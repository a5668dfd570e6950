"""What a reply to a rating question was meant as.

A wrong rating is worse than one more question: a rating is returned only when one single verdict stands with nothing
speaking against it. Everything else is to be confirmed or asked again.
"""

from collections.abc import Sequence

from models.rating import Interpretation, Rating, ReplyKind, Unclear
from survey.commands import command_of
from survey.digits import digit_of, score_of
from survey.lexemes import Role
from survey.lexicon import Lexicon
from survey.recognition import Term, recognise
from survey.verdicts import Doubt, Finding, Reading, read

#: So many words may be unknown beside one verdict; each agreeing verdict allows for more.
UNKNOWN_WORDS_ALLOWED = 4
MORE_FOR_EACH_VERDICT = 3
#: Longer replies are stories, and are rated only when at least two verdicts agree.
STORY_WORDS = 40

_BLAME_STANDS = {Doubt.MILDLY_HEDGED, Doubt.LOOSE_NEGATION, Doubt.SAID_NO}
_OK_STANDS = {Doubt.MILDLY_HEDGED}


def interpret(reply: str, lexicon: Lexicon, *, digits_offered: bool = False) -> Interpretation:
    """What `reply` was meant as. Never raises, whatever the text.

    Digits ("1", "tvåan", "alternativ 3") rate only where they were offered. "Ja" and "nej" are no ratings: we don't
    know what was asked.
    """
    terms = recognise(reply, lexicon)
    command = command_of(terms, lexicon)
    if command:
        return Interpretation(command, confidence=_certainty(terms))
    if digits_offered:
        digit = digit_of(terms, lexicon)
        if digit:
            return digit
    return score_of(terms, lexicon) or _judged(read(terms), terms)


def interpret_yes_no(reply: str, lexicon: Lexicon) -> bool | None:
    """Whether `reply` to "Menade du …?" is a yes or a no; None where it is neither or both."""
    around = (Role.COMMA, Role.STOP, Role.FILLER)
    terms = [term for term in recognise(reply, lexicon) if term.role not in around or term.text in lexicon.confirms]
    roles = [lexicon.confirms.get(term.text, term.role) for term in terms]
    said = {role for role in roles if role in (Role.YES, Role.NO)}
    if any(term.role is Role.NEGATION for term in terms):
        said.add(Role.NO)
    if len(said) != 1 or any(term.role in (Role.ASKS, Role.HEDGE, Role.IRONY, Role.CONTRAST) for term in terms):
        return None
    unknown = sum(term.role is Role.UNKNOWN for term in terms)
    return None if unknown > 1 else Role.YES in said


def _judged(reading: Reading, terms: Sequence[Term]) -> Interpretation:
    sure = [finding for finding in reading.findings if finding.sure]
    unsure = [finding for finding in reading.findings if not finding.sure]
    ratings = {finding.rating for finding in sure}
    if not reading.findings:
        return _not_understood(Unclear.QUESTION if _is_question(terms) else Unclear.UNKNOWN)
    if len(ratings) > 1:
        return _not_understood(Unclear.CONTRADICTION)
    if not ratings:
        candidates = {finding.rating for finding in unsure}
        return _to_confirm(candidates.pop()) if len(candidates) == 1 else _not_understood(Unclear.CONTRADICTION)
    rating = ratings.pop()
    if any(not _agrees(finding, rating) for finding in unsure):
        return _not_understood(Unclear.CONTRADICTION)
    if _standing(reading, rating, sure) or _too_much_unknown(terms, sure):
        return _to_confirm(rating)
    return Interpretation(ReplyKind.RATING, rating, _certainty(terms))


def _agrees(finding: Finding, rating: Rating) -> bool:
    """Whether an unsure finding goes with a sure one: "inte alls dåligt" goes with bra as well as with ok."""
    return finding.rating is rating or (finding.negated is Rating.DALIGT and rating is not Rating.DALIGT)


def _standing(reading: Reading, rating: Rating, sure: Sequence[Finding]) -> set[Doubt]:
    """The doubts that `rating` doesn't survive."""
    doubts = set(reading.doubts)
    if rating is Rating.DALIGT:
        doubts -= _BLAME_STANDS
    elif rating is Rating.OK:
        doubts -= _OK_STANDS
    if all(finding.denying for finding in sure):
        doubts -= {Doubt.SAID_NO, Doubt.MILDLY_HEDGED}  # "nej, det var väl inga problem"
    return doubts


def _too_much_unknown(terms: Sequence[Term], sure: Sequence[Finding]) -> bool:
    unknown = sum(term.role is Role.UNKNOWN for term in terms)
    words = sum(len(term.text.split()) for term in terms)
    if words > STORY_WORDS and len(sure) < 2:
        return True
    return unknown > UNKNOWN_WORDS_ALLOWED + MORE_FOR_EACH_VERDICT * (len(sure) - 1)


def _is_question(terms: Sequence[Term]) -> bool:
    return any(term.role in (Role.ASKS, Role.QUESTION, Role.QUESTION_WORD) for term in terms)


def _not_understood(why: Unclear) -> Interpretation:
    return Interpretation(ReplyKind.NO_MATCH, unclear=why)


def _to_confirm(rating: Rating) -> Interpretation:
    return Interpretation(ReplyKind.NO_MATCH, rating, 0.5, Unclear.UNSURE)


def _certainty(terms: Sequence[Term]) -> float:
    """1 for listed words alone, less for each guessed or unknown word; never below 0.7."""
    guessed = sum(term.guessed for term in terms)
    unknown = sum(term.role is Role.UNKNOWN for term in terms)
    qualified = any(term.role in (Role.DOWNTONER, Role.MILD_HEDGE) for term in terms)
    return round(max(0.7, 0.99 - 0.06 * guessed - 0.04 * unknown - 0.05 * qualified), 2)
