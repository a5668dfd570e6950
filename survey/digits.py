"""Replies in figures: the digits that were offered, and scores such as "5 av 5"."""

from collections.abc import Sequence

from models.rating import Interpretation, Rating, ReplyKind, Unclear
from survey.lexemes import Role
from survey.lexicon import Lexicon
from survey.recognition import Term

_AROUND = (Role.FILLER, Role.YES, Role.COMMA, Role.STOP, Role.QUOTE, Role.INTENSIFIER)
#: Scales shorter than this are too coarse to say what their top means.
SHORTEST_SCALE = 5


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
    """The rating of a score alone, "5 av 5" or "10/10"; of stars; a score between top and bottom is to be asked."""
    kept = {*lexicon.numbers, *lexicon.out_of}
    said = [term for term in terms if term.role not in _AROUND or term.text in kept]
    score = _score([term.text for term in said], lexicon)
    if not score:
        return None
    points, scale = score
    if points == scale >= SHORTEST_SCALE:
        return Interpretation(ReplyKind.RATING, Rating.BRA, 0.9)
    return Interpretation(ReplyKind.NO_MATCH, unclear=Unclear.UNKNOWN)


def _score(words: list[str], lexicon: Lexicon) -> tuple[int, int] | None:
    if len(words) == 1 and "/" in words[0]:
        words = [words[0].split("/")[0], "/", words[0].split("/")[-1]]
    if words and set(words) == {"⭐"}:
        return len(words), SHORTEST_SCALE
    if len(words) != 3 or words[1] not in lexicon.out_of:
        return None
    points, scale = (_number(word, lexicon) for word in (words[0], words[2]))
    return (points, scale) if points is not None and scale is not None else None


def _number(word: str, lexicon: Lexicon) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 4 else lexicon.numbers.get(word)
