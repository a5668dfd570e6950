"""What a reply to a rating question was meant as.

A wrong rating is worse than one more question: a rating is returned only when one single verdict stands with nothing
speaking against it. Everything else is to be confirmed or asked again.
"""

from collections.abc import Sequence

from models.rating import Interpretation, Rating, ReplyKind, Unclear
from survey.commands import command_of
from survey.corrections import what_stands
from survey.digits import digit_of, score_of
from survey.doubts import Doubt
from survey.lexemes import Role
from survey.lexicon import Lexicon
from survey.recognition import Term, recognise
from survey.verdicts import Finding, Reading, read

#: Longer replies are stories, and are rated only when at least two verdicts agree.
STORY_WORDS = 40

_BLAME_STANDS = {Doubt.TURNED, Doubt.MILDLY_HEDGED, Doubt.LOOSE_NEGATION, Doubt.SAID_NO, Doubt.MAYBE_IRONIC}
_OK_STANDS = {Doubt.MILDLY_HEDGED, Doubt.TURNED}


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
    standing = what_stands(terms)
    return score_of(standing, lexicon) or _judged(read(standing), standing)


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
    sure = _without_courtesies([finding for finding in reading.findings if finding.sure], terms)
    unsure = [finding for finding in reading.findings if not finding.sure]
    ratings = {finding.rating for finding in sure}
    if not reading.findings:
        return _not_understood(Unclear.QUESTION if _is_question(terms) else Unclear.UNKNOWN)
    if ratings == {Rating.OK, Rating.DALIGT} and _conceded(reading.findings, terms):
        return _rated_or_asked(reading, terms, Rating.OK, sure)
    if len(ratings) > 1:
        return _not_understood(Unclear.CONTRADICTION)
    if not ratings:
        candidates = {finding.rating for finding in unsure}
        return _to_confirm(candidates.pop()) if len(candidates) == 1 else _not_understood(Unclear.CONTRADICTION)
    rating = ratings.pop()
    if rating is Rating.OK and _conceded(reading.findings, terms):
        return _rated_or_asked(reading, terms, rating, sure)
    if any(not _agrees(finding, rating) for finding in unsure):
        return _not_understood(Unclear.CONTRADICTION)
    return _rated_or_asked(reading, terms, rating, sure)


def _rated_or_asked(reading: Reading, terms: Sequence[Term], rating: Rating, sure: Sequence[Finding]) -> Interpretation:
    if _standing(reading, rating, sure) or _is_a_story(terms, sure):
        return _to_confirm(rating)
    return Interpretation(ReplyKind.RATING, rating, _certainty(terms))


def _without_courtesies(sure: list[Finding], terms: Sequence[Term]) -> list[Finding]:
    """Bra and ok together: "helt ok 🙂" is ok; "toppen, allt funkade" and "inte så dåligt, jättebra" are bra."""
    if {finding.rating for finding in sure} != {Rating.BRA, Rating.OK}:
        return sure
    praise = [finding for finding in sure if finding.rating is Rating.BRA and not terms[finding.at].entry.mild]
    if not praise:
        return [finding for finding in sure if finding.rating is Rating.OK]
    weak = [one for one in sure if one.negated is Rating.DALIGT or (terms[one.at].entry.verb and not one.denying)]
    return [finding for finding in sure if finding.rating is Rating.BRA or finding not in weak]


def _conceded(findings: Sequence[Finding], terms: Sequence[Term]) -> bool:
    """ "Lite segt men helt okej": light blame, then "men", then ok; nothing after it but ok."""
    turns = [at for at, term in enumerate(terms) if term.role is Role.CONTRAST]
    if len(turns) != 1:
        return False
    before = [finding for finding in findings if finding.at < turns[0]]
    after = [finding for finding in findings if finding.at > turns[0]]
    light = all(finding.rating is Rating.DALIGT and (finding.light or not finding.sure) for finding in before)
    return bool(before) and light and bool(after) and all(finding.rating is Rating.OK for finding in after)


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


def _is_a_story(terms: Sequence[Term], sure: Sequence[Finding]) -> bool:
    return sum(len(term.text.split()) for term in terms) > STORY_WORDS and len(sure) < 2


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
