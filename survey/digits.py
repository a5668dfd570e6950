"""Replies in figures: the digits that were offered, and scores such as "5 av 5"."""

from collections.abc import Sequence

from models.rating import Interpretation, Rating, ReplyKind, Unclear
from survey.lexemes import Role
from survey.lexicon import Lexicon
from survey.recognition import Term

_AROUND = (Role.FILLER, Role.YES, Role.COMMA, Role.STOP, Role.QUOTE, Role.INTENSIFIER)
#: Scales shorter than this are too coarse to say what their top means.
SHORTEST_SCALE = 5
#: Five of them are full marks; fewer may be praise as well as a score.
STAR = "⭐"


def digit_of(terms: Sequence[Term], lexicon: Lexicon) -> Interpretation | None:
    """The rating of an offered digit, where nothing else is said, or only a verdict."""
    chosen: set[Rating] = set()
    verdicts: set[Rating] = set()
    articles: set[Rating] = set()
    for term in terms:
        rating = lexicon.digits.get(term.text)
        if rating and term.role is Role.FILLER:
            articles.add(rating)  # "ett" is also an article: a digit only when no other is there
        elif rating:
            chosen.add(rating)
        elif term.role is Role.VERDICT and term.rating:
            verdicts.add(term.rating)
        elif term.role not in _AROUND:
            return None
    if not chosen and not verdicts:
        chosen = articles
    if not chosen:
        return None
    if len(chosen | verdicts) > 1:
        return Interpretation(ReplyKind.NO_MATCH, unclear=Unclear.CONTRADICTION)
    return Interpretation(ReplyKind.RATING, chosen.pop(), 0.97)


def score_of(terms: Sequence[Term], lexicon: Lexicon) -> Interpretation | None:
    """The rating of a score alone, "5 av 5" or "10/10"; of stars; a score that lies between is to be asked."""
    kept = {*lexicon.numbers, *lexicon.out_of}
    said = [term for term in terms if term.role not in _AROUND or term.text in kept]
    if [term.text for term in said] == [STAR] * SHORTEST_SCALE:
        return Interpretation(ReplyKind.RATING, Rating.BRA, 0.9)
    if any(term.role is Role.VERDICT for term in said):
        return None
    score = _score([term.text for term in said], lexicon)
    if not score:
        return None
    points, scale = score
    rating = _rating_of_score(points, scale)
    if rating:
        return Interpretation(ReplyKind.RATING, rating, 0.9)
    return Interpretation(ReplyKind.NO_MATCH, unclear=Unclear.UNKNOWN)


def _rating_of_score(points: int, scale: int) -> Rating | None:
    """The top of the scale is bra, its middle ok, its lowest fifth dåligt; what lies between is to be asked."""
    if scale < SHORTEST_SCALE or points > scale:
        return None
    if points == scale or points * 10 >= scale * 9:
        return Rating.BRA
    if scale <= points * 2 <= scale + 1:
        return Rating.OK
    return Rating.DALIGT if points * 5 <= scale else None


def _score(words: list[str], lexicon: Lexicon) -> tuple[int, int] | None:
    if len(words) == 1 and "/" in words[0]:
        words = [words[0].split("/")[0], "/", words[0].split("/")[-1]]
    if len(words) != 3 or words[1] not in lexicon.out_of:
        return None
    points, scale = (_number(word, lexicon) for word in (words[0], words[2]))
    return (points, scale) if points is not None and scale is not None else None


def _number(word: str, lexicon: Lexicon) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 4 else lexicon.numbers.get(word)
